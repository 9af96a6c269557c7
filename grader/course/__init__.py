"""The course on disk: the only package that knows which folder means what.

    curriculum/NN-stage/…            what is taught
    exercises/NN-stage/<id>/         what is asked: exercise.toml README.md hints.md starter/ checks/
    solutions/NN-stage/<id>/         what is right and what is not: reference/ wrong/ also/ notes.md

There is no registry: a folder is an exercise.
"""

from grader.course.catalogue import Course, Variant
from grader.course.pages import RUNGS, Hint, Item, Page

__all__ = ["RUNGS", "Course", "Hint", "Item", "Page", "Variant"]
