"""Reading what comes back from a call, and saying how a process ended."""

from __future__ import annotations

import signal
import socket
import time
from typing import Any

from grader import wire
from grader.sandbox.failures import NotData, Raised
from grader.sandbox.process import Ending

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


def read_line(channel: socket.socket, deadline: float) -> bytes:
    """One line from a call's channel, empty if it closed first.

    Raises TimeoutError at the deadline (of ``time.monotonic``) and NotData past 2 MB.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        chunk = channel.recv(65536)
        if not chunk:
            return b""
        chunks.append(chunk)
        size += len(chunk)
        if b"\n" in chunk:
            return b"".join(chunks).partition(b"\n")[0]
        if size > _LARGEST_ANSWER:
            raise NotData("the answer is larger than 2 MB")


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
