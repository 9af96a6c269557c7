"""What Canvas hands out for an assignment: one flat zip, everything else in the names of its files.

A name is ``<student>_[LATE_]<user>_<file>_<name as uploaded>``; where a file of the same name came
before, Canvas puts ``-1``, ``-2`` … behind the name as uploaded.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from grader.classroom.importers.context import Context, uploaded
from grader.classroom.importers.sources import grouped, is_file
from grader.classroom.members import Entry
from grader.classroom.model import Problem, Received

# Canvas says that something is late, never by how much; this counts as the shortest delay there is.
UNKNOWN_DELAY = timedelta(seconds=1)
NAME = re.compile(
    r"(?:(?!LATE_|anon_)(?P<name>.+?)_)?(?P<late>LATE_)?(?P<user>\d+|anon_[^_]+)_(?:(?P<file>\d+)_(?P<original>.+)|(?P<typed>text|link)\.html)",
    re.ASCII | re.DOTALL,
)
_AGAIN = re.compile(r"-(?:(\d{1,2})|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=(?:\.tar)?\.\w+$|$)", re.ASCII)


@dataclass(frozen=True)
class _Upload:
    entry: Entry
    name: str
    late: bool
    number: int


def read(context: Context, entries: Iterable[Entry]) -> Iterator[Received | Problem]:
    """One submission for each student, their files together under the names that they uploaded."""
    people: dict[tuple[str, str], list[_Upload]] = defaultdict(list)
    for top, group in grouped(entries).items():
        match = NAME.fullmatch(top)
        if not match or not is_file(group):
            yield context.problem("this is not named as Canvas names files; it is left out", top)
        elif match["typed"]:
            yield context.problem("text typed into Canvas, or a link, is not taken; only files are", top)
        else:
            entry = replace(group[0], name=match["original"])
            key = (match["name"] or "", match["user"])
            people[key].append(_Upload(entry, top, bool(match["late"]), int(match["file"])))
    namesakes = Counter(name for name, _ in people if name)
    late = 0
    for (name, user), uploads in people.items():
        where = context.at(min(upload.name for upload in uploads))
        student, problems = context.student("canvas", name, where=where, number=user, namesake=namesakes[name] > 1)
        yield from problems
        newest, replaced, attempt = _newest(uploads)
        intake = uploaded(newest)
        for old in replaced:
            intake.refuse(old, "a newer file of this name was handed in")
        is_late = any(upload.late for upload in uploads)
        late += is_late
        delay = UNKNOWN_DELAY if is_late else None
        yield from context.received(student, context.exercise or "", intake, where, late=delay, attempt=attempt)
    if late:
        what = f"Canvas calls {late} of these late but not by how much: each counts as late by one second"
        yield context.problem(what)


def _newest(uploads: list[_Upload]) -> tuple[list[Entry], list[str], int | None]:
    """The files under the names as uploaded, those that a newer one replaces, and the number of the attempt.

    A number behind a name is Canvas's if it is the only file of that name, or if the name without
    it is there, too. Of ``step-1.py`` and ``step-2.py`` alone it is taken for the student's own.
    """
    versions: dict[str, list[_Upload]] = defaultdict(list)
    for upload in uploads:
        versions[_AGAIN.sub("", upload.entry.name)].append(upload)
    newest: list[Entry] = []
    replaced: list[str] = []
    attempts = [0]
    for name, same in versions.items():
        if len(same) > 1 and name not in {upload.entry.name for upload in same}:
            newest += [upload.entry for upload in same]
            continue
        *older, last = sorted(same, key=lambda upload: upload.number)
        replaced += [upload.entry.name for upload in older]
        newest.append(replace(last.entry, name=name))
        again = _AGAIN.search(last.entry.name)
        attempts.append(int(again[1]) + 1 if again and again[1] else 0)
    return newest, replaced, max(attempts) or None
