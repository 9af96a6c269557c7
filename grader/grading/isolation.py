"""What holds a program in on this machine, found out by trying it."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.course import declared
from grader.grading.judge import OVERHEAD_SECONDS, Preparation
from grader.grading.options import Options, new_seed
from grader.model import Exercise, Level, Limits, Provision, Report, Service, Submission
from grader.services import Sources

_WALLS = Path(__file__).with_name("walls")
_LIMITS = Limits(seconds=20, memory_mb=128, processes=32)


def try_isolation() -> tuple[str, str]:
    """What would hold a program in, by starting it: the kind, and why not more.

    The kind is ``sandbox``, ``process`` or, when nothing can be started at all, empty.
    """
    with TemporaryDirectory(prefix="groundup-") as folder:
        nothing = Submission(Path(folder), ())
        with Preparation(Path(folder), Limits(), nothing) as preparation:
            for event in preparation.events(time.monotonic() + OVERHEAD_SECONDS):
                match event:
                    case {"event": "ready", "isolation": str(kind), "reason": str(reason)}:
                        return kind, reason
                    case {"event": "unavailable", "message": str(message)}:
                        return "", message
    return "", "the judge stopped early"


def try_services(sources: Sources) -> list[Provision]:
    """What each service would be judged with, by starting it."""
    with TemporaryDirectory(prefix="groundup-") as folder:
        nothing = Submission(Path(folder), ())
        everything = tuple(Service)
        with Preparation(Path(folder), Limits(), nothing, services=everything, sources=sources) as preparation:
            found = {provision.service: provision for provision in preparation.provisions(everything)}
    return [found.get(service, Provision(service, "missing", note="the judge stopped early")) for service in everything]


def try_walls() -> Report:
    """Run a program into every wall of the sandbox: a report with one check for each.

    Never outside a sandbox. Raises GraderError where there is none.
    """
    program = Submission(_WALLS / "program", (("program.py", _WALLS / "program" / "program.py"),))
    walls = Exercise(
        id="walls",
        stage="",
        title="The walls of the sandbox",
        level=Level.HARD,
        minutes=0,
        needs=(),
        continues="",
        topics=(),
        submit=("*.py",),
        services=(),
        limits=_LIMITS,
        path=_WALLS,
        checks=declared.read(_WALLS / "checks"),
    )
    with Preparation.of(walls, program, isolation="sandbox") as preparation:
        return preparation.judge(walls, program, Options(new_seed(), isolation="sandbox"))
