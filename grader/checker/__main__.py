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
import threading
from pathlib import Path
from typing import Any

from grader.model import Limits, Provision, Service
from grader.sandbox import SandboxUnavailable, bubblewrap, namespace
from grader.services import Services, Sources
from grader.services.relay import Relay, nowhere


class Events:
    """Writes events where ``print`` in a check cannot reach."""

    def __init__(self) -> None:
        self._pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
        self._lock = threading.Lock()

    def say(self, event: dict[str, Any]) -> None:
        """Write one event, at once; from any thread."""
        with self._lock:
            self._pipe.write(json.dumps(event) + "\n")
            self._pipe.flush()

    def tell(self, provision: Provision) -> None:
        """Say what a service is judged with."""
        told = {"service": provision.service, "tier": provision.tier}
        why = {"note": provision.note, "remedy": provision.remedy}
        self.say({"event": "service", **told, "version": provision.version, **why})


def main() -> None:
    """Judge one submission."""
    # Before anybody says what to prepare: a command starts us first and reads its files then.
    from grader.checker.world import World

    line = sys.stdin.readline()
    if not line:
        return
    prepare = json.loads(line)
    events = Events()
    strict = prepare["isolation"] == "sandbox"
    # A server of the user's is for the user's own programs: it is reached with the user's rights.
    uris = {} if strict else prepare["uris"]
    relay = Relay() if uris else None
    contained, reason = _enter(prepare["isolation"])
    if sys.platform == "linux":
        namespace.die_with_parent()
    # Services and the sandbox must start in the new network, and they warm up while the
    # heavy imports below run on the other core.
    names = [Service(name) for name in prepare["services"]]
    sources = Sources(prepare["path"], uris)
    submission = Path(prepare["submission"])
    reach = relay.reach if relay else nowhere
    services = Services(names, submission.parent, confined=contained, sources=sources, reach=reach, tell=events.tell)
    limits = Limits(**prepare["limits"])
    how = {"contained": contained, "reason": reason, "trace": prepare["trace"], "strict": strict}
    try:
        world = World(submission, limits, services, **how)
    except SandboxUnavailable as error:
        services.close()
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
