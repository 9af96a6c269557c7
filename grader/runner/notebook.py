"""The cells of a notebook as one module: each runs once, in order, and one that fails stops no other.

The judge puts this text into the module that checks call. ``CELLS`` holds, for each cell, the place that
tracebacks name, how many lines stand above it there, and its text. Whoever asks for a function whose cell
failed hears of that failure.
"""

import ast
import asyncio
import inspect
import os
import signal
import sys
import traceback
import types
from types import FrameType
from typing import Any, NoReturn

# What the judge puts there.
CELLS: list[tuple[str, int, str]]
COMPLAINT: str

_SECONDS_FOR_A_CELL = 2
_ADDRESSES = {
    "redis": "REDIS_URL",
    "mongo": "MONGODB_URI",
    "postgres": "DATABASE_URL",
    "sqlite": "DATABASE_URL",
    "smtp": "SMTP_URL",
    "s3": "S3_ENDPOINT",
}
_failed: list[tuple[str, BaseException]] = []


class Lab:
    """What a notebook finds here for ``grader.notebooks.Lab``: no check is asked, and services run already."""

    def __init__(self, name: str) -> None:
        """The name is nobody's business here."""

    def check(self, task: int) -> None:
        """Nothing: the judge asks from outside."""

    def url(self, service: str) -> str:
        """Where a service of the exercise is."""
        return os.environ[_ADDRESSES[service]]


def _display(*values: object) -> None:
    """Nobody looks."""


def _run(cells: list[tuple[str, int, str]], complaint: str) -> None:
    folder = os.getcwd()
    space = types.ModuleType("__main__")
    space.__dict__.update(display=_display, __getattr__=lambda name: _missing(name, complaint))
    # Where a notebook looks for itself, and what it imports of ours.
    sys.modules["lab"] = sys.modules["__main__"] = space
    sys.modules["grader"] = types.ModuleType("grader")
    ours = sys.modules["grader.notebooks"] = types.ModuleType("grader.notebooks")
    ours.__dict__["Lab"] = Lab
    signal.signal(signal.SIGALRM, _ring)
    for place, above, text in cells:
        source = "\n" * above + text
        signal.setitimer(signal.ITIMER_REAL, _SECONDS_FOR_A_CELL)
        try:
            try:
                _run_cell(source, os.path.join(folder, place), space.__dict__)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:
            _failed.append((source, error))
            print(*traceback.format_exception_only(error), sep="", end="", file=sys.stderr)


def _run_cell(source: str, place: str, names: dict[str, Any]) -> None:
    try:
        code = compile(source, place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        # What only a notebook understands, %magic and !command, is left out.
        lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")]
        if lines == source.split("\n"):
            raise
        code = compile("\n".join(lines), place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(types.FunctionType(code, names)())
    else:
        exec(code, names)


def _ring(number: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"this cell still ran after {_SECONDS_FOR_A_CELL} s")


def _missing(name: str, complaint: str) -> NoReturn:
    """Why there is no ``name``: its cell failed, the notebook cannot be read, or nothing defines it."""
    if name.startswith("__"):
        # As of a module in Jupyter: libraries ask whether it has a file.
        raise AttributeError(name)
    if complaint:
        raise ValueError(complaint)
    for source, error in _failed:
        if f"def {name}(" in source or f"{name} =" in source:
            raise error
    raise NameError(f"no cell of the notebook defines {name}")


_run(CELLS, COMPLAINT)  # noqa: F821
