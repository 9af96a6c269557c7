"""An nbgrader course: ``submitted/<student>/<assignment>/`` with the files and a ``timestamp.txt``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from grader.classroom.archives import Intake, shown
from grader.classroom.importers.context import Context, moment
from grader.classroom.importers.sources import grouped, is_file
from grader.classroom.members import BrokenArchive, Entry, whole
from grader.classroom.model import Problem, Received

_STAMP = "timestamp.txt"
SUBMITTED = "submitted"


def read(context: Context, entries: Iterable[Entry]) -> Iterator[Received | Problem]:
    """What is in ``submitted``, or in the source if it is that folder itself; only the exercise if one is named."""
    groups = grouped(entries)
    inside = SUBMITTED if SUBMITTED in groups and not is_file(groups[SUBMITTED]) else ""
    if inside:
        groups = grouped(groups[inside])
    for name, group in groups.items():
        if is_file(group):
            what = group[0].fault or "this file belongs to no student; it is left out"
            yield context.problem(what, inside, name)
            continue
        student, problems = context.student("nbgrader", name, where=context.at(inside, name))
        yield from problems
        for assignment, files in grouped(group).items():
            where = context.at(inside, name, assignment)
            if is_file(files):
                yield Problem(where, files[0].fault or "this file belongs to no assignment; it is left out")
            elif assignment not in context.exercises:
                yield context.unknown(assignment, inside, name, assignment)
            elif context.wanted(assignment):
                intake = Intake()
                intake.take(entry for entry in files if entry.name != _STAMP)
                submitted, problem = _submitted(files, where)
                if problem:
                    yield problem
                yield from context.received(student, assignment, intake, where, submitted=submitted)


def _submitted(files: list[Entry], where: str) -> tuple[datetime | None, Problem | None]:
    stamp = next((entry for entry in files if entry.name == _STAMP and not entry.fault), None)
    if stamp is None:
        return None, None
    try:
        text = whole(stamp.chunks(), 1024 * 1024).decode(errors="replace").strip()
    except BrokenArchive as broken:
        return None, Problem(f"{where}/{_STAMP}", f"it cannot be read, so the time is not known: {broken}")
    if submitted := moment(text):
        return submitted, None
    return None, Problem(f"{where}/{_STAMP}", f"this is no time that is known here: '{shown(text, 60)}'")
