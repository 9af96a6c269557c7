"""What Gradescope hands out for an assignment: a folder for each submission, and one file that says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.classroom.archives import Intake, shown
from grader.classroom.importers.context import Context, moment
from grader.classroom.importers.metadata import Handed, parse
from grader.classroom.importers.sources import METADATA, grouped, is_file
from grader.classroom.members import BrokenArchive, Entry, whole
from grader.classroom.model import Problem, Received, Student

_MOST_METADATA = 100 * 1024 * 1024


def read(context: Context, entries: Iterable[Entry]) -> Iterator[Received | Problem]:
    """Each submission, once for everybody who handed it in."""
    groups = dict(grouped(entries))
    described = groups.pop(METADATA, None)
    handed: list[Handed] = []
    if described is None or not is_file(described):
        yield context.problem(f"there is no {METADATA}, so nobody knows whose submissions these are")
    elif described[0].fault:
        yield context.problem(described[0].fault, METADATA)
    else:
        try:
            text = whole(described[0].chunks(), _MOST_METADATA).decode("utf-8-sig", errors="replace")
            handed, wrong = parse(text)
            yield from (Problem(f"{context.at(METADATA)}:{line}", what) for line, what in wrong)
        except BrokenArchive as broken:
            yield context.problem(f"this cannot be read: {broken}", METADATA)
    for one in handed:
        yield from _submission(context, one, groups)
    for name, group in list(groups.items()):
        if name.startswith("submission_"):
            yield context.problem(f"{METADATA} does not say whose this is; it counts as a student of that name", name)
            yield from _submission(context, Handed(name, 0), {name: group})
        else:
            yield context.problem("this is no submission; it is left out", name)


def _submission(context: Context, handed: Handed, groups: dict[str, list[Entry]]) -> Iterator[Received | Problem]:
    where, exercise = context.at(handed.key), context.exercise or ""
    if handed.key not in groups:
        yield Problem(where, f"there are no files of this submission, which {METADATA} names")
        return
    group = groups.pop(handed.key)
    # Where one document is handed in, there is a file instead of a folder.
    files = [replace(entry, name=entry.name or handed.key) for entry in group]
    intake = Intake()
    intake.take(files)
    submitted = moment(handed.created)
    if handed.created and not submitted:
        yield Problem(where, f"this is no time that is known here: '{shown(handed.created, 60)}'")
    attempt = handed.before + 1 if handed.line else None
    if not handed.people:
        nobody = Student(handed.key)
        yield from context.received(nobody, exercise, intake, where, submitted=submitted, attempt=attempt)
    for person in handed.people:
        sid, email, name = (person.get(key, "") for key in ("sid", "email", "name"))
        student, problems = context.student("gradescope", sid, email, name, where=where, email=email)
        yield from problems
        yield from context.received(student, exercise, intake, where, submitted=submitted, attempt=attempt)
