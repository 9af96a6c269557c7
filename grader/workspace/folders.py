"""Start an exercise, hand in what is there, begin again."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.errors import LearnerError, UsageError
from grader.grading import collect, fingerprint
from grader.model import Exercise, Submission
from grader.workspace.progress import Progress

_KEPT = ".replaced"


def folder(course: Course, exercise: Exercise) -> Path:
    """Where the learner's copy of an exercise lies, whether or not it is there."""
    return course.work / exercise.id


def start(course: Course, exercise: Exercise) -> Path:
    """Copy the starter to the learner's folder; raises UsageError if they have begun already."""
    target = folder(course, exercise)
    if target.exists():
        raise UsageError(
            "you have started this exercise already",
            where=str(target),
            next_step=f"grader check {exercise.id}, or  grader reset {exercise.id}  to begin again",
        )
    _lay_out(course, exercise, target)
    return target


def reset(course: Course, exercise: Exercise) -> tuple[Path, Path | None]:
    """Begin again with the starter: the new folder, and where the old one is kept."""
    target = folder(course, exercise)
    kept: Path | None = None
    if target.exists():
        stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
        kept = course.work / _KEPT / f"{exercise.id}-{stamp}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        target.rename(kept)
    _lay_out(course, exercise, target)
    return target, kept


def submission(course: Course, exercise: Exercise) -> Submission:
    """What the learner would hand in now.

    Raises UsageError if they have not started, LearnerError for a folder that holds
    nothing to judge.
    """
    target = folder(course, exercise)
    if not target.exists():
        raise UsageError(
            f"you have not started {exercise.id} yet",
            where=str(target),
            next_step=f"grader start {exercise.id}",
        )
    if not target.is_dir():
        raise LearnerError(
            "this is a file where your folder should be",
            where=str(target),
            next_step=f"grader reset {exercise.id}   (keeps a copy of it)",
        )
    return collect(exercise, target)


def carried(course: Course, exercise: Exercise) -> Path | None:
    """The learner's own finished program that this exercise continues, if there is one."""
    if not exercise.continues or not Progress(course).record(exercise.continues).passed_at:
        return None
    before = folder(course, course.exercise(exercise.continues))
    return before if before.is_dir() else None


def displaced(course: Course, exercise: Exercise) -> tuple[str, ...]:
    """Files of the learner's own carried program in whose place the starter's stand."""
    own = carried(course, exercise)
    if not own:
        return ()
    brought = dict(collect(course.exercise(exercise.continues), own).files)
    given = collect(exercise, course.starter(exercise).layers[-1]).files
    return tuple(name for name, path in given if name in brought and brought[name].read_bytes() != path.read_bytes())


def _lay_out(course: Course, exercise: Exercise, target: Path) -> None:
    # Under another name first, so that a copy cut short is never taken for a beginning.
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    layers = course.starter(exercise).layers
    own = carried(course, exercise)
    if own:
        for name, source in collect(course.exercise(exercise.continues), own).files:
            (half / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, half / name)
        layers = layers[-1:]
    if exercise.lab:
        half.mkdir()
        shutil.copy(course.starter(exercise).path, half)
        layers = ()
    for layer in layers:
        shutil.copytree(layer, half, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    half.rename(target)
    # A program that nobody has worked on yet is no honest try, whoever wrote it.
    Progress(course).begun(exercise.id, fingerprint(collect(exercise, target)))
