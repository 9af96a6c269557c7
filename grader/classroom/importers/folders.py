"""A folder for each student and in it one for each exercise; or a zip or tarball for each student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.classroom.archives import Intake, stem
from grader.classroom.importers.context import Context, uploaded
from grader.classroom.importers.sources import grouped, is_file
from grader.classroom.members import Entry
from grader.classroom.model import Problem, Received, Student


def read(context: Context, entries: Iterable[Entry]) -> Iterator[Received | Problem]:
    """What each student handed in; where one exercise was named, a student's files may lie there directly."""
    for top, group in grouped(entries).items():
        where = context.at(top)
        if not is_file(group):
            student, problems = context.student("folders", top, where=where)
            yield from problems
            yield from _folder(context, student, top, group)
        elif group[0].fault:
            yield Problem(where, group[0].fault)
        elif stem(top) == top:
            yield Problem(where, "this file belongs to no student; it is left out")
        else:
            student, problems = context.student("folders", stem(top), where=where)
            yield from problems
            yield from _archive(context, student, top, group[0])


def _folder(context: Context, student: Student, top: str, group: list[Entry]) -> Iterator[Received | Problem]:
    folders = grouped(group)
    sorted_out = all(name in context.exercises and not is_file(folders[name]) for name in folders)
    if context.exercise and not sorted_out:
        yield from context.received(student, context.exercise, uploaded(group, every=False), context.at(top))
        return
    for name, inner in folders.items():
        if is_file(inner):
            what = inner[0].fault or "this file belongs to no exercise; it is left out"
            yield context.problem(what, top, name)
        elif name not in context.exercises:
            yield context.unknown(name, top, name)
        elif context.wanted(name):
            yield from context.received(student, name, uploaded(inner, every=False), context.at(top, name))


def _archive(context: Context, student: Student, top: str, entry: Entry) -> Iterator[Received | Problem]:
    # A folder of another exercise is not mere wrapping.
    intake = Intake()
    intake.unpack(top, entry.chunks, keep=set(context.exercises) - {context.exercise})
    folders: dict[str, dict[str, bytes]] = {}
    for name, content in intake.files.items():
        first, _, rest = name.partition("/")
        folders.setdefault(first if rest else "", {})[rest or name] = content
    sorted_out = bool(folders) and all(name in context.exercises for name in folders)
    if context.exercise and not sorted_out:
        yield from context.received(student, context.exercise, intake, context.at(top))
        return
    unsaid, broken = intake.refused, intake.broken
    for name, files in sorted(folders.items()):
        if not name:
            named = ", ".join(sorted(files)[:3])
            yield context.problem(f"these files belong to no exercise and are left out: {named}", top)
        elif name not in context.exercises:
            yield context.unknown(name, top, name)
        elif context.wanted(name):
            # What was refused is said once: where it belongs, or else with the first.
            refused = [line for line in unsaid if f"/{name}/" in line or not any(f"/{one}/" in line for one in folders)]
            unsaid = [line for line in unsaid if line not in refused]
            part = Intake(files=files, refused=refused, broken=broken)
            yield from context.received(student, name, part, context.at(top, name))
            broken = []
    if not any(name in context.exercises for name in folders):
        for line in [*unsaid, *([] if unsaid or folders else ["there is nothing in it"])]:
            yield context.problem(line, top)
