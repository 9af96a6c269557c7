"""One process of the learner's, seen from outside: what it printed and how it ended."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LINES_KEPT = 5_000
_LONGEST_LINE = 4_000
_RAN = b"\0ran "
_PLACE = re.compile(r'^\s*File "([^"]+)", line (\d+)')
_ERROR = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|Timeout))\b(?:: (.*))?$")


@dataclass(frozen=True)
class Ending:
    """How a process ended: an exit code, or the number of the signal that killed it.

    ``cause`` says why the sandbox itself killed it, if it did.
    """

    code: int | None = None
    signal: int | None = None
    cause: str = ""


@dataclass(frozen=True)
class Trace:
    """The last Python traceback in a log: the error, and where in the learner's files."""

    error: str
    where: str | None


class Log:
    """What a process prints, line by line; keeps the last 5,000 and forgets the rest.

    A thread drains the pipe for as long as anybody holds its other end, so a program
    that prints without end is slowed by nothing and fills nothing. ``ran`` holds
    ``path:line`` of the lines that a traced process has run.
    """

    def __init__(self, descriptor: int, *, traced: bool = False) -> None:
        self._traced = traced
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._count = 0
        self.ran: set[str] = set()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._drain, args=(descriptor,), daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many lines were printed, kept or not: a mark for :meth:`since`."""
        return self._count

    def since(self, mark: int) -> list[str]:
        """The kept lines from number ``mark`` on."""
        with self._changed:
            new = self._count - mark
            lines = list(self._lines)
        return lines[-new:] if 0 < new < len(lines) else (lines if new > 0 else [])

    def finish(self, seconds: float) -> None:
        """Wait until the last line of an ended process is here, at most ``seconds``."""
        self._thread.join(seconds)

    def _drain(self, descriptor: int) -> None:
        partial = b""
        with open(descriptor, "rb", buffering=0) as pipe:
            while chunk := _read(pipe.fileno()):
                *whole, partial = (partial + chunk).split(b"\n")
                partial = partial[:_LONGEST_LINE]
                self._add(whole)
        if partial:
            self._add([partial])

    def _add(self, lines: list[bytes]) -> None:
        # What a traced process says of itself is not output (runner/job.py).
        if self._traced and any(line.startswith(_RAN) for line in lines):
            self.ran |= {line.removeprefix(_RAN).decode(errors="replace") for line in lines if line.startswith(_RAN)}
            lines = [line for line in lines if not line.startswith(_RAN)]
        with self._changed:
            self._count += len(lines)
            for line in lines[-_LINES_KEPT:]:
                self._lines.append(line[:_LONGEST_LINE].decode("utf-8", errors="replace").rstrip("\r"))
            self._changed.notify_all()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def last_trace(lines: list[str], app: str) -> Trace | None:
    """The last traceback in ``lines``, with places in ``app`` made relative to it."""
    where: str | None = None
    found: Trace | None = None
    for line in lines:
        if line.startswith("Traceback (most recent call last)"):
            where = None
        elif place := _PLACE.match(line):
            file = place[1].removeprefix(app + "/")
            if not file.startswith(("/", "<")):
                where = f"{file}:{place[2]}"
        elif error := _ERROR.match(line):
            name = error[1].rpartition(".")[2]
            found = Trace(f"{name}: {error[2]}" if error[2] else name, where)
    return found


class Running:
    """A started process. ``port`` is what it was told to listen on, 0 if nothing."""

    def __init__(
        self,
        name: str,
        pid: int,
        port: int,
        log: Log,
        ending: Callable[[int, float], Ending | None],
        send: Callable[[int, int], bool],
    ) -> None:
        self.name = name
        self.pid = pid
        self.port = port
        self.log = log
        self._ending = ending
        self._send = send

    def wait(self, seconds: float) -> Ending | None:
        """How it ended, or None if it still runs after ``seconds``."""
        return self._ending(self.pid, seconds)

    @property
    def ended(self) -> Ending | None:
        """How it ended, or None while it runs."""
        return self.wait(0)

    def signal(self, number: int) -> bool:
        """Send a signal to it and its children; False if it had ended."""
        return self._send(self.pid, number)

    @property
    def lines(self) -> Iterator[str]:
        """What it has printed so far, stdout and stderr together."""
        return iter(self.log.since(0))
