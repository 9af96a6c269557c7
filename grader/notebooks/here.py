"""The world that checks meet inside a notebook: the functions that its cells have defined, called where they are.

Only data crosses, as in the sandbox: arguments and answers are copies, and what is no data is refused in
the same words. There is no program to start, no log and no second try.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader import wire
from grader.sandbox import NotData, Raised
from grader.services import Services


class Here:
    """What the checker's plugin and fixtures ask of a world, answered by the process that this is."""

    # Nothing is ever started anew, so nothing is ever judged twice.
    fresh = True
    used_up = False
    app = ""
    ran: frozenset[str] = frozenset()

    def __init__(self, services: Services) -> None:
        self.services = services
        self.submission = Path.cwd()
        self.sandbox = _Calls()

    def wait_until_ready(self) -> tuple[str, str]:
        """At once."""
        return "process", ""

    def begin_order(self, *, changed: bool) -> None:
        """Nothing remains of an earlier one."""

    def begin_check(self, *, release: bool = True) -> None:
        """Nothing to remember."""

    def end_check(self) -> None:
        """Nothing that could have ended."""

    def logs(self) -> list[str]:
        """What cells print stands below them already."""
        return []

    def reset(self) -> None:
        """What the cells have defined stays."""


class _Calls:
    """Calls functions of the notebook by their names."""

    def call(self, target: str, args: list[Any], kwargs: Mapping[str, Any]) -> Any:
        """What the function gives; raises Raised and NotData as a sandbox does."""
        name = target.partition(":")[2]
        function = vars(sys.modules["__main__"]).get(name)
        if function is None:
            raise NotData(f"no cell that ran defines {name}")
        sent = wire.decode(wire.encode({"args": args, "kwargs": dict(kwargs)}))
        try:
            given = function(*sent["args"], **sent["kwargs"])
            if inspect.iscoroutine(given):
                given = _elsewhere(given)
        except (Exception, SystemExit) as error:  # noqa: BLE001 the words of whatever it is
            raise Raised(type(error).__name__, f"{str(error)[:500]}{_place(error)}", None) from None
        try:
            return wire.decode(wire.encode({"value": given}))["value"]
        except (wire.NotDataError, ValueError, RecursionError) as error:
            raise NotData(f"{name} gave {error}, which is not plain data") from None


def _elsewhere(coroutine: Any) -> Any:
    """Run a coroutine to its end on a loop of its own: the notebook's is busy with the cell that asks."""
    found: list[Any] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(asyncio.run(coroutine))
        except Exception as error:  # noqa: BLE001 raised again where it was asked for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def _place(error: BaseException) -> str:
    """The last line of a cell that was on the way to an exception."""
    from IPython import get_ipython

    shell = get_ipython()
    frame, found = error.__traceback__, ""
    while shell and frame:
        named = shell.compile.format_code_name(frame.tb_frame.f_code.co_filename)
        if named:
            found = f" ({' '.join(named)}, line {frame.tb_lineno})"
        frame = frame.tb_next
    return found
