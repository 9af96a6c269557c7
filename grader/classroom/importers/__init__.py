"""Submissions from wherever they were handed in, each format read by a module of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from grader.classroom.archives import MOST_PATH, shown
from grader.classroom.importers import canvas, folders, git, gradescope, moodle, nbgrader
from grader.classroom.importers.context import Context
from grader.classroom.importers.sources import METADATA, opened
from grader.classroom.members import BrokenArchive, Entry
from grader.classroom.model import Problem, Received
from grader.classroom.roster import Roster
from grader.errors import UsageError

KINDS = ("folders", "nbgrader", "canvas", "moodle", "gradescope", "git")
_READERS: dict[str, Callable[[Context, Iterable[Entry]], Iterator[Received | Problem]]] = {
    "folders": folders.read,
    "nbgrader": nbgrader.read,
    "canvas": canvas.read,
    "moodle": moodle.read,
    "gradescope": gradescope.read,
}
# What these hand out is for one assignment and does not say for which.
_OF_ONE = {"canvas", "moodle", "gradescope"}
_MOST_NAME = 1000


def read(
    source: Path, *, kind: str = "auto", exercise: str | None = None, exercises: Collection[str], roster: Roster
) -> Iterator[Received | Problem]:
    """Everything that was handed in, one after the other, and every Problem where it is met.

    ``kind`` is one of KINDS, or ``auto`` to find it out; ``exercise`` is the one that all of it is
    for, ``exercises`` are all there are. Nothing that was handed in is silently lost. Raises
    UsageError at once for a source that is not there, an exercise or a kind that there is not, and
    where an exercise must be named.
    """
    if kind not in {"auto", *KINDS}:
        raise UsageError(f"there is no kind '{shown(kind)}'", next_step=f"--kind with one of: {', '.join(KINDS)}")
    if exercise is not None and exercise not in exercises:
        raise UsageError(f"there is no exercise '{shown(exercise)}'", next_step="grader list")
    if not source.exists():
        raise UsageError("this is not there", where=shown(str(source), MOST_PATH))
    context = Context(source, exercise, exercises, roster)
    if kind == "auto":
        try:
            kind = _recognised(source)
        except BrokenArchive as broken:
            return iter((context.problem(f"this cannot be read: {broken}"),))
    if kind in _OF_ONE and exercise is None:
        raise UsageError(
            f"what {kind.capitalize()} hands out does not say which exercise it is for",
            where=shown(str(source), MOST_PATH),
            next_step=f"grader class import {shown(str(source), MOST_PATH)} --kind {kind} --exercise ID",
        )
    if kind == "git" and not source.is_file():
        raise UsageError(
            "repositories are listed in a CSV file with the columns student,url", where=shown(str(source), MOST_PATH)
        )
    found = git.read(context) if kind == "git" else _read(context, kind)
    return chain(_told_twice(found), context.left_out())


def _read(context: Context, kind: str) -> Iterator[Received | Problem]:
    try:
        with opened(context.source) as entries:
            inside = _inside(entries, kind)
            sound = [entry for entry in inside if _sound(entry.name)]
            for entry in inside:
                if not _sound(entry.name):
                    yield context.problem("this name belongs to no folder of the source; it is left out", entry.name)
            if not sound:
                yield context.problem("there is nothing in it")
            yield from _READERS[kind](context, sound)
    except BrokenArchive as broken:
        yield context.problem(f"this cannot be read: {broken}")


def _told_twice(found: Iterable[Received | Problem]) -> Iterator[Received | Problem]:
    """What was found, and a Problem where somebody handed in twice and no time says which of both is the newer."""
    seen: dict[tuple[str, str], tuple[str, datetime | None]] = {}
    for one in found:
        yield one
        if isinstance(one, Received):
            key = one.student.id, one.exercise
            if key in seen and seen[key][1] == one.submitted:
                what = f"'{shown(one.student.id)}' handed in {one.exercise} in {seen[key][0]}, too"
                yield Problem(one.source, f"{what}, and it is not known which is newer")
            seen[key] = one.source, one.submitted


def _recognised(source: Path) -> str:
    """Which kind this is, by the names in it. Raises BrokenArchive if it cannot be listed, UsageError if it is none."""
    if source.suffix.casefold() == ".csv":
        return "git"
    with opened(source) as entries:
        for kind in ("gradescope", "moodle", "canvas"):
            tops = {entry.name.partition("/")[0]: "/" in entry.name for entry in _inside(entries, kind)}
            if _is(kind, tops):
                return kind
        places = [entry.name.split("/") for entry in entries]
    if source.name == nbgrader.SUBMITTED or any(parts[0] == nbgrader.SUBMITTED for parts in places):
        return "nbgrader"
    if any(len(parts) == 3 and parts[2] == "timestamp.txt" for parts in places):
        return "nbgrader"
    if source.is_file():
        raise UsageError(
            "this looks like nothing that Canvas, Moodle or Gradescope hand out",
            where=shown(str(source), MOST_PATH),
            next_step=f"unpack it, or say what it is: --kind with one of: {', '.join(KINDS)}",
        )
    return "folders"


def _is(kind: str, tops: dict[str, bool]) -> bool:
    """Whether these names at the top, each with whether it is a folder, are as ``kind`` has them."""
    if kind == "gradescope":
        return tops.get(METADATA) is False
    if kind == "moodle":
        return any(moodle.NAME.fullmatch(name[:_MOST_NAME]) for name in tops)
    files = [name for name, is_folder in tops.items() if not is_folder]
    fitting = [name for name in files if canvas.NAME.fullmatch(name[:_MOST_NAME])]
    return bool(fitting) and 2 * len(fitting) >= len(tops)


def _inside(entries: list[Entry], kind: str) -> list[Entry]:
    """The entries, without the one folder around what these systems hand out, if there is one."""
    tops = {entry.name.partition("/")[0] for entry in entries}
    top = next(iter(tops), "")
    if kind not in _OF_ONE or len(tops) != 1 or moodle.NAME.fullmatch(top[:_MOST_NAME]):
        return entries
    if not all("/" in entry.name for entry in entries):
        return entries
    return [replace(entry, name=entry.name.partition("/")[2]) for entry in entries]


def _sound(name: str) -> bool:
    top = name.partition("/")[0]
    return top not in ("", ".", "..") and len(top) <= _MOST_NAME and not re.match(r"[A-Za-z]:", top)
