"""A table of repositories: ``student,url[,ref][,exercise]``, each fetched and its files taken."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.classroom.archives import Intake, shown
from grader.classroom.importers.context import Context
from grader.classroom.importers.repository import NotFetched, Repository, public, refused
from grader.classroom.importers.sources import grouped
from grader.classroom.members import Entry
from grader.classroom.model import Problem, Received, Student
from grader.classroom.roster import table


def read(context: Context) -> Iterator[Received | Problem]:
    """The files of each repository, as handed in when the commit was made.

    They are for the exercise of the row, or for the one that was named; where neither is said, a
    repository holds a folder for each exercise. Raises UsageError for a table that cannot be read.
    """
    rows, problems = table(context.source, required=("student", "url"), optional=("ref", "exercise"))
    yield from problems
    for line, row in rows:
        where = f"{context.at()}:{line}"
        exercise = row.get("exercise") or context.exercise
        if not row["student"]:
            yield Problem(where, "this row has no student; it is left out")
        elif fault := refused(row["url"], row.get("ref", "")):
            yield Problem(where, fault)
        elif exercise and exercise not in context.exercises:
            yield Problem(where, f"there is no exercise '{shown(exercise)}'; this row is left out")
        elif exercise is None or context.wanted(exercise):
            student, unknown = context.student("git", row["student"], where=where)
            yield from unknown
            yield from _fetched(context, student, exercise, row, where)


def _fetched(
    context: Context, student: Student, exercise: str | None, row: Mapping[str, str], where: str
) -> Iterator[Received | Problem]:
    with tempfile.TemporaryDirectory(prefix="class-import-", ignore_cleanup_errors=True) as folder:
        repository = Repository(Path(folder))
        try:
            digest, made = repository.fetch(row["url"], row.get("ref", ""))
            with repository.entries() as entries:
                parts = {exercise: list(entries)} if exercise else _by_exercise(context, list(entries))
                if not parts:
                    yield Problem(where, "this repository has no folder that is named as an exercise")
                for name, files in parts.items():
                    intake = Intake()
                    intake.take(files)
                    found = f"{shown(public(row['url']))} at {digest[:10]}"
                    yield from context.received(student, name, intake, found, submitted=made)
            if repository.stopped:
                yield Problem(where, f"not all of it was read: {repository.stopped}")
        except NotFetched as failure:
            yield Problem(where, str(failure))


def _by_exercise(context: Context, entries: list[Entry]) -> dict[str, list[Entry]]:
    groups = grouped(entries)
    return {
        name: [entry for entry in group if entry.name]
        for name, group in groups.items()
        if name in context.exercises and any(entry.name for entry in group)
    }
