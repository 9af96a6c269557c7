"""The course on disk: the only package that knows which folder means what.

    curriculum/NN-stage/…            what is taught
    curriculum/roadmap.toml          what is owed, and what teaches it
    exercises/NN-stage/<id>/         what is asked: exercise.toml README.md hints.md starter/ checks/
    solutions/NN-stage/<id>/         what is right and what is not: reference/ wrong/ also/ notes.md

There is no registry: a folder is an exercise.
"""

from grader.course.catalogue import Course, Variant
from grader.course.pages import RUNGS, Hint, Item, Page
from grader.course.roadmap import Part, Roadmap, Teacher, Topic

__all__ = ["RUNGS", "Course", "Hint", "Item", "Page", "Part", "Roadmap", "Teacher", "Topic", "Variant"]
