"""The words for a process that ended too early, and the places in them that can be believed."""

from __future__ import annotations

import re
from pathlib import Path

from grader.sandbox import ProgramDied, Running
from grader.sandbox.process import last_trace

_LOG_SECONDS = 0.5
_CELL = re.compile(r"[a-z0-9-]{1,64}")


class StartFailure(Exception):
    """The program cannot be started at all; said once, and what needs it is blocked."""


def died(what: str, running: Running, app: str) -> ProgramDied:
    """``what`` and the last that the process said: its traceback, else its last line."""
    running.log.finish(_LOG_SECONDS)
    lines = list(running.lines)
    trace = last_trace(lines, app)
    if trace:
        return ProgramDied(f"{what}: {trace.error}", where=trace.where)
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ProgramDied(f"{what}: {last}" if last else what)


def believable(where: str | None, submission: Path) -> str | None:
    """``where`` if it is a line of a file that was handed in, or of a notebook's cell: a program may make things up."""
    if where is None:
        return None
    path, _, line = where.rpartition(":")
    path, _, cell = path.partition("#")
    if cell and not (path.endswith(".ipynb") and _CELL.fullmatch(cell)):
        return None
    inside = path in (file.relative_to(submission).as_posix() for file in submission.rglob("*"))
    return where if inside and line.isdecimal() else None
