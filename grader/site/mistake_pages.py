"""For instructors: the mistakes that each exercise is proved to recognise, with what their authors believe.

Made of the wrong solutions' texts and of the notes beside them; no line of a solution is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.course import Course, Variant
from grader.model import Check, Exercise
from grader.site.page import Page, table

_FOLDER = PurePosixPath("docs/mistakes")


def pages(course: Course) -> Iterator[Page]:
    """The overview, and a page for each exercise."""
    exercises = [exercise for stage in course.stages for exercise in stage.exercises]
    wrong = {exercise.id: course.wrong(exercise) for exercise in exercises}
    yield _overview(course, exercises, wrong)
    for exercise in exercises:
        yield _one(course, exercise, wrong[exercise.id])


def mutants(course: Course, exercise: Exercise) -> int:
    """How many small faults of the reference the checks were tried with."""
    path = course.solutions(exercise) / "mutants.json"
    return len(json.loads(path.read_text(encoding="utf-8"))["fates"]) if path.is_file() else 0


def _overview(course: Course, exercises: list[Exercise], wrong: dict[str, tuple[Variant, ...]]) -> Page:
    rows = []
    for exercise in exercises:
        also = len(course.also(exercise)) + 1
        counts = [len(exercise.checks), len(wrong[exercise.id]), mutants(course, exercise), also]
        rows.append([f"[{exercise.title}]({exercise.id}.md)", *map(str, counts)])
    totals = [str(sum(int(row[column]) for row in rows)) for column in range(1, 5)]
    head = ["Exercise", "Checks", "Wrong", "Mutants", "Right"]
    text = (
        "# The mistakes people make\n\n"
        "Every exercise is kept beside the wrong solutions that it must reject. Each is complete apart from one "
        "mistake that real people make, and is named after the check that catches it. A learner whose program fails "
        'in the same way reads what its author believed, as a guess: "It looks like …". `grader class report` counts '
        "them over a class. **Mutants** are small faults that a machine makes in the reference; **right** solutions "
        "are the reference and others in other styles, which have to pass. `grader verify` proves all of it.\n\n"
        "These pages are for instructors: they tell what the checks look for.\n\n"
        f"{table(head, [*rows, ['**all**', *totals]])}\n"
    )
    return Page("mistakes/index.md", _FOLDER / "index.md", text)


def _one(course: Course, exercise: Exercise, wrong: tuple[Variant, ...]) -> Page:
    blocks = [f"# Mistakes in {exercise.id}", f"{exercise.title}: `{exercise.id}`."]
    notes = course.solutions(exercise) / "notes.md"
    if notes.is_file():
        _, _, body = notes.read_text(encoding="utf-8").partition("\n")
        blocks += ["## Notes", body.strip()]
    blocks.append("## By the check that catches them")
    for check in exercise.checks:
        found = [variant for variant in wrong if variant.check == check.id]
        if found:
            blocks += [_heading(check), "\n".join(f"- {variant.misconception}" for variant in found)]
    text = "\n\n".join(blocks) + "\n"
    return Page(f"mistakes/{exercise.id}.md", _FOLDER / f"{exercise.id}.md", text)


def _heading(check: Check) -> str:
    return f"### {check.sentence}"
