"""Waiting until a program listens where it was told to, and noticing that it does so elsewhere."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from grader.sandbox import ProgramSilent, Running
from grader.services.server import accepts

LISTEN_SECONDS = 8.0
_ELSEWHERE_SECONDS = 1.0
_POLL = 0.002
# Reading the kernel's table of sockets takes milliseconds; most programs listen before that.
_LOOK_SECONDS = 0.2


def wait_until_listening(running: Running, listening_elsewhere: Callable[[], set[int]]) -> None:
    """Block until it listens or has ended; it is killed, and ProgramSilent raised, if it does neither in time."""
    started = time.monotonic()
    deadline = started + LISTEN_SECONDS
    look, elsewhere = started + _LOOK_SECONDS, set[int]()
    elsewhere_since: float | None = None
    while running.ended is None and not accepts(running.port):
        now = time.monotonic()
        if now > look:
            look, elsewhere = now + _LOOK_SECONDS, listening_elsewhere()
            elsewhere_since = (elsewhere_since or now) if elsewhere else None
        lost = elsewhere_since is not None and now - elsewhere_since > _ELSEWHERE_SECONDS
        if lost or now > deadline:
            running.signal(signal.SIGKILL)
            raise ProgramSilent(_not_listening(running, elsewhere))
        time.sleep(_POLL)


def _not_listening(running: Running, elsewhere: set[int]) -> str:
    told = f"it was told PORT={running.port}"
    if elsewhere:
        return f"your program listens on port {', '.join(map(str, sorted(elsewhere)))}, but {told}"
    return f"your program runs but listens on no port after {LISTEN_SECONDS:g} s; {told}"
