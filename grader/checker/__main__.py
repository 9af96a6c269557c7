"""The process around a judgement: prepare, wait for the order, judge, leave.

Reads JSON lines on stdin, what to prepare for and then orders to judge; writes events
to the descriptor that was its stdout. Everything that can be done ahead of the order is,
which is what makes ``grader watch`` quick.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from grader.model import Limits
from grader.sandbox import SandboxUnavailable, bubblewrap, namespace


class Events:
    """Writes events where ``print`` in a check cannot reach."""

    def __init__(self) -> None:
        self._pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)

    def say(self, event: dict[str, Any]) -> None:
        """Write one event, at once."""
        self._pipe.write(json.dumps(event) + "\n")
        self._pipe.flush()


def main() -> None:
    """Judge one submission."""
    # Before anybody says what to prepare: a command starts us first and reads its files then.
    from grader.checker.world import World

    line = sys.stdin.readline()
    if not line:
        return
    prepare = json.loads(line)
    events = Events()
    contained, reason = _enter(prepare["isolation"])
    if sys.platform == "linux":
        namespace.die_with_parent()
    # The sandbox must start in the new network, and it warms up while the heavy imports
    # below run on the other core.
    limits = Limits(**prepare["limits"])
    submission = Path(prepare["submission"])
    strict = prepare["isolation"] == "sandbox"
    try:
        world = World(submission, limits, contained=contained, reason=reason, trace=prepare["trace"], strict=strict)
    except SandboxUnavailable as error:
        events.say({"event": "unavailable", "message": str(error)})
        return
    try:
        from grader.checker import run

        # Again and again for whoever orders again: a reference's mutants may share a
        # sandbox, strangers' submissions never do.
        while order := run.judge(world, prepare["checks"], limits.seconds, sys.stdin.readline, events.say):
            events.say({"event": "done", "ran": sorted(world.ran)})
            if order.last:
                world.end_order()
    finally:
        with contextlib.suppress(OSError):
            world.close()
    os._exit(0)


def _enter(isolation: str) -> tuple[bool, str]:
    """Whether the sandbox can be had, and why not."""
    if isolation == "process":
        return False, "asked for"
    if sys.platform != "linux":
        return False, "there is no sandbox on this system, only on Linux"
    if bubblewrap.find() is None:
        return False, "bubblewrap is not installed"
    try:
        namespace.enter()
    except OSError as error:
        return False, f"this machine allows no namespaces ({error.strerror})"
    return True, ""


if __name__ == "__main__":
    main()
