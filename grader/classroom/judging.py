"""Grading one task: its files laid out for a moment, judged in the sandbox and nowhere else."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from grader import __version__
from grader.authoring.content import digest as content_of
from grader.classroom.model import Task, Verdict
from grader.course import Course
from grader.errors import LearnerError
from grader.grading import Options, Pool, collect
from grader.grading.recognition import recognise
from grader.model import Exercise
from grader.render import document
from grader.services import Sources

# Of the layout of what is kept; another one asks for everything anew.
_FORMAT = "class 1"


def version_of(exercise: Exercise) -> str:
    """What a verdict depends on besides the submission: the exercise's checks, and this program."""
    return content_of(exercise, (), f"{_FORMAT} {__version__}")


def task_of(submission: str, exercise: Exercise) -> Task:
    """The task of grading these bytes by the exercise as it is now."""
    import hashlib

    key = hashlib.sha256(f"{submission} {exercise.id} {version_of(exercise)}".encode()).hexdigest()
    return Task(submission, exercise.id, key)


class Bench:
    """Where tasks are graded on this machine; safe to use from several threads."""

    def __init__(self, course: Course, pool: Pool, sources: Sources, name: str = "") -> None:
        self._course, self._pool, self._sources, self._name = course, pool, sources, name

    def grade(self, task: Task, files: Mapping[str, bytes]) -> Verdict:
        """Judge these files. What is wrong with them is a verdict; what is wrong with us is raised."""
        exercise = self._course.exercise(task.exercise)
        with tempfile.TemporaryDirectory(prefix="class-") as name:
            folder = Path(name).resolve()
            lay_out(files, folder)
            try:
                submission = collect(exercise, folder)
            except LearnerError as error:
                return Verdict("refused", error.what, possible=possible(exercise), made_by=self._name)
            options = Options(task.seed, isolation="sandbox", sources=self._sources)
            report = self._pool.grade(exercise, submission, options)
        report = recognise(report, self._course.signatures(exercise))
        # Whoever fails a check does not lose the points of others because this machine lacks their server.
        absent = any(p.tier == "missing" for p in report.services) and any(r.lacking for r in report.results)
        state = "broken" if report.broken or report.lacking or absent else "graded"
        note = "" if state == "graded" else "; ".join(report.notes) or "the judge could not finish"
        # Where it lay for a moment says nothing to anybody.
        found = document.document(replace(report, folder=Path("submission")))
        return Verdict(state, note, report.points, possible(exercise), found, self._name)


def possible(exercise: Exercise) -> int:
    """The points of all its checks."""
    return sum(check.points for check in exercise.checks)


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder of ours. A name that is a file and a folder at once stays what it was first."""
    for name, content in sorted(files.items()):
        path = folder / name
        if not path.resolve().is_relative_to(folder):
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue
