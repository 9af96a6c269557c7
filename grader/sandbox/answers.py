"""Asking a process of the learner's, reading what comes back, and saying how a process ended."""

from __future__ import annotations

import signal
import socket
import time
from typing import Any

from grader import wire
from grader.sandbox.failures import NotData, ProgramDied, ProgramSilent, Raised
from grader.sandbox.process import Ending, Running

# As text; two million brackets become two hundred megabytes of lists.
_LARGEST_ANSWER = 2 * 1024 * 1024
_LONGEST_MESSAGE = 500


def describe(ending: Ending | None) -> str:
    """How a process ended, as the end of a sentence: 'ended with exit code 3'."""
    if ending is None:
        return "closed its answer channel"
    if ending.cause:
        return f"was stopped, because {ending.cause},"
    if ending.signal is not None:
        return f"was killed by {signal.Signals(ending.signal).name}"
    return "ended" if ending.code is None else f"ended with exit code {ending.code}"


class Respondent:
    """A process of the learner's that answers jobs, one after the other.

    Each job has a number and its answer the same one, so that an answer which the program
    itself wrote ahead, or twice, is not taken for the next one's.
    """

    def __init__(self, running: Running, channel: socket.socket) -> None:
        self.running = running
        self._channel = channel
        self._number = 0
        self._pending = b""
        self.finished = False

    def ask(self, name: str, job: dict[str, Any], seconds: float) -> Any:
        """What the job gives; raises ProgramSilent, ProgramDied, Raised and NotData."""
        try:
            self._number += 1
            self._channel.settimeout(seconds)
            self._channel.sendall(wire.encode(job | {"number": self._number}).encode() + b"\n")
            line = self._read(time.monotonic() + seconds)
        except TimeoutError:
            self._kill()
            raise ProgramSilent(f"{name} gave no answer within {seconds:g} s") from None
        except (ConnectionError, BrokenPipeError):
            line = b""
        except NotData:
            self._kill()
            raise
        if not line:
            ending = self.running.wait(2.0)
            self.running.log.finish(0.5)
            self.finish()
            raise ProgramDied(f"the process of {name} {describe(ending)} before {name} gave an answer")
        return value(name, line)

    def _read(self, deadline: float) -> bytes:
        """The answer to the last job, empty if the process ends; TimeoutError, NotData past 2 MB."""
        mark = wire.encode({"number": self._number})[:-1].encode() + b","
        while True:
            line, newline, rest = self._pending.partition(b"\n")
            if newline:
                self._pending = rest
                if line.startswith(mark):
                    return line
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if len(self._pending) > _LARGEST_ANSWER:
                raise NotData("the answer is larger than 2 MB")
            self._channel.settimeout(left)
            chunk = self._channel.recv(65536)
            if not chunk:
                return b""
            self._pending += chunk

    def finish(self) -> None:
        """Ask it nothing more: it ends when it notices. Safe to call twice."""
        self.finished = True
        self._channel.close()

    def _kill(self) -> None:
        self.finish()
        self.running.signal(signal.SIGKILL)


def value(name: str, line: bytes) -> Any:
    """What a call or probe gave; raises Raised or NotData for everything that is no value."""
    try:
        answer = wire.decode(line)
    except ValueError:
        raise NotData(f"{name} answered with something that is not data") from None
    match answer:
        case {"value": given}:
            return given
        case {"raised": {"type": str(kind), "message": str(message), "where": str() | None as where}}:
            # Written by the learner's own process, so it may say anything of any length.
            name = kind if kind.isidentifier() and len(kind) < 100 else "Exception"
            raise Raised(name, message[:_LONGEST_MESSAGE], where)
        case {"missing": str(what)}:
            raise NotData(what[:_LONGEST_MESSAGE])
        case {"not_data": str(what)}:
            raise NotData(f"{name} gave {what[:_LONGEST_MESSAGE]}, which is not plain data")
    raise NotData(f"{name} answered with something that is not data")
