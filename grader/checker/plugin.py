"""The pytest plugin: which checks run, in which world, how often, and what is said of them.

A check that fails in a world others have used is judged again in a fresh one, and that
verdict counts: sharing a process is for speed and must never cost a learner a point.
"""

from __future__ import annotations

import importlib
import json
import re
import signal
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from grader.checker import clients, deaths
from grader.checker.rng import Rng
from grader.checker.transcript import Transcript, printable
from grader.checker.verdict import OutOfTime, Verdict, compared, judge
from grader.checker.world import World
from grader.model import Outcome
from grader.sandbox import ProgramDied, SandboxUnavailable
from grader.sandbox.answers import describe
from grader.sandbox.process import last_trace
from grader.services import NotNamed, ServiceMissing
from grader.services.tiers import TITLES

_LOG_LINES = 20
# What Flask's development server prints by itself: banners and one line a request.
_CHATTER = re.compile(
    r'^ \* |WARNING: This is a development server|Press CTRL\+C to quit|^\S+ - - \[[^\]]+\] ".*" \d{3} -'
)


@dataclass(frozen=True)
class Order:
    """What to judge: ``functions`` are names of checks, None for all of them.

    ``changed`` says that the submission's files are newer than the sandbox, ``last`` that
    nothing more is going to be judged in this one, ``stop`` that nobody wants to know more
    after the first check that does not pass, ``shuffled`` that checks come in an order that
    follows from the seed.
    """

    seed: str
    functions: list[str] | None = None
    fresh: bool = False
    changed: bool = False
    last: bool = False
    stop: bool = False
    shuffled: bool = False


class CheckPlugin:
    """One run over an exercise's checks; ``say`` receives an event for each."""

    def __init__(
        self,
        world: World,
        seconds: int,
        read_order: Callable[[], str],
        say: Callable[[dict[str, Any]], None],
    ) -> None:
        self.world = world
        self.order = Order("")
        self.transcript = Transcript()
        self._seconds = seconds
        self._read_order = read_order
        self._say = say
        self._outcomes: dict[str, Outcome] = {}
        # What this machine could not judge, and why.
        self._lacked: dict[str, str] = {}
        self._error: BaseException | None = None
        self._spoiled = False
        self._deadline = 0.0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Collecting is what there was to do while the sandbox warmed up; now wait for the order."""
        if any("socketio" in getattr(item, "fixturenames", ()) for item in session.items):
            # Its imports take longer than a whole check: now nobody waits for them.
            importlib.import_module("grader.checker.sockets")
        try:
            isolation, reason = self.world.wait_until_ready()
        except (SandboxUnavailable, ProgramDied) as error:
            self._say({"event": "unavailable", "message": str(error)})
            pytest.exit("nothing can be started here")
        self._say({"event": "ready", "isolation": isolation, "reason": reason})
        clients.load({name for item in session.items for name in getattr(item, "fixturenames", ())})
        line = self._read_order()
        if not line:
            pytest.exit("nobody wants anything judged")
        self.order = Order(**json.loads(line))
        if self.order.functions is not None:
            session.items[:] = [item for item in session.items if _function(item) in self.order.functions]
        if self.order.shuffled:
            session.items[:] = _shuffled(session.items, self.order.seed)
        try:
            self.world.begin_order(changed=self.order.changed)
        except (SandboxUnavailable, ProgramDied) as error:
            self._say({"event": "unavailable", "message": str(error)})
            pytest.exit("nothing can be started here")
        # A server that takes its time takes nobody else's.
        self.world.services.wait()
        self._deadline = time.monotonic() + self._seconds

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module of checks that cannot be imported is its author's fault."""
        if report.failed:
            lines = str(report.longrepr).strip().splitlines()
            self._say({"event": "broken", "message": lines[-1] if lines else "the checks cannot be collected"})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        """Judge one check: blocked, once, or once more in a fresh world."""
        function = _function(item)
        missing = [n for n in sorted(_ground(item)) if self._outcomes.get(n, Outcome.PASSED) is not Outcome.PASSED]
        if time.monotonic() > self._deadline:
            verdict = Verdict(Outcome.NOT_RUN, f"the {self._seconds} s for all checks were used up before it")
        elif missing and all(name in self._lacked for name in missing):
            verdict = Verdict(Outcome.NOT_RUN, self._lacked[missing[0]], lacking=True)
        elif missing:
            verdict = Verdict(Outcome.BLOCKED)
        else:
            verdict = self._lacking(item) or self._judge(item)
            self._spoiled = verdict.outcome is not Outcome.PASSED or self.world.used_up
            if verdict.outcome is not Outcome.PASSED and self.order.stop:
                item.session.shouldstop = "one failure is enough"
        self._keep(function, verdict, missing)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Catch the exception itself: a report only keeps its text."""
        if call.excinfo is not None and self._error is None:
            self._error = call.excinfo.value
        return (yield)

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Comparisons speak the way reports do."""
        return compared(op, left, right)

    def _lacking(self, item: pytest.Item) -> Verdict | None:
        """Why this machine cannot judge a check, if its marks say what it requires."""
        for mark in item.iter_markers("requires"):
            for capability in mark.args:
                try:
                    reason = self.world.services.lacks(capability)
                except NotNamed as error:
                    return judge(error)
                if reason:
                    return judge(ServiceMissing(reason))
        return None

    def _judge(self, item: pytest.Item) -> Verdict:
        """Once; once more in a fresh world, and once more with services that did not end meanwhile."""
        own_release = item.get_closest_marker("no_release") is not None
        if self._spoiled or self.order.fresh or own_release or item.get_closest_marker("fresh"):
            self.world.reset()
        used = not self.world.fresh
        verdict = self._judge_once(item)
        if used and verdict.outcome is not Outcome.PASSED and time.monotonic() < self._deadline:
            first = verdict
            self.world.reset()
            verdict = self._judge_once(item)
            verdict.at_first = f"{first.outcome.value} {first.message}".partition("\n")[0].strip()
            verdict.seconds += first.seconds
        if self._lost(verdict) and time.monotonic() < self._deadline:
            self.world.reset()
            verdict = self._judge_once(item)
            if lost := self._lost(verdict):
                lacking = (
                    f"{' and '.join(lost)} did not live through this check, twice; nothing is known of the program"
                )
                verdict = Verdict(Outcome.NOT_RUN, lacking, lacking=True)
        return verdict

    def _lost(self, verdict: Verdict) -> list[str]:
        """The services that ended or fell silent during the check, started again."""
        silent = clients.behind(self._error) if self._error else None
        return [TITLES[name] for name in self.world.services.revive([silent] if silent else [])]

    def _judge_once(self, item: pytest.Item) -> Verdict:
        self._error = None
        self.transcript.clear()
        self.world.begin_check(release=item.get_closest_marker("no_release") is None)
        started = time.monotonic()
        try:
            with self._alarm():
                # No next item: the one that follows may turn out blocked and never run,
                # and pytest must not keep anything set up for it.
                runtestprotocol(item, log=False, nextitem=None)
        except OutOfTime as error:
            # The alarm rang between two phases of the check, where pytest catches nothing.
            self._error = error
        verdict = judge(self._error) if self._error else Verdict(Outcome.PASSED)
        log: list[str] = self.world.logs() if self._error else []
        ending = self.world.end_check()
        if verdict.outcome is Outcome.PASSED and ending:
            verdict = Verdict(Outcome.CRASHED, f"your program {describe(ending)} after it had answered")
        if verdict.outcome is Outcome.FAILED and not self.transcript.ends_well():
            # Whatever raised answers 500 or closes the connection; why stands in the log.
            trace = last_trace(log, self.world.app)
            if trace:
                verdict.message += f"\nyour program's log says {trace.error}"
                verdict.where = verdict.where or trace.where
        verdict.where = deaths.believable(verdict.where, self.world.submission)
        verdict.seconds = time.monotonic() - started
        if verdict.outcome is not Outcome.PASSED:
            verdict.transcript = self.transcript.lines()
            verdict.log = [printable(line, 300) for line in log if not _CHATTER.search(line)][-_LOG_LINES:]
            verdict.message = "\n".join(printable(line, 600) for line in verdict.message.split("\n"))
        return verdict

    def _keep(self, function: str, verdict: Verdict, missing: list[str]) -> None:
        # A parametrised check is one check: its first failure is what it says.
        if self._outcomes.get(function, Outcome.PASSED) is not Outcome.PASSED:
            return
        self._outcomes[function] = verdict.outcome
        if verdict.lacking:
            self._lacked[function] = verdict.message
        self._say(
            {
                "event": "outcome",
                "function": function,
                "outcome": verdict.outcome.value,
                "message": verdict.message,
                "where": verdict.where,
                "blocked_by": missing,
                "transcript": verdict.transcript,
                "log": verdict.log,
                "lacking": verdict.lacking,
                "seconds": verdict.seconds,
                "at_first": verdict.at_first,
            }
        )

    def _alarm(self) -> _Alarm:
        return _Alarm(self._deadline, self._seconds)


class _Alarm:
    """Raises OutOfTime in the main thread when the deadline passes."""

    def __init__(self, deadline: float, seconds: int) -> None:
        self._deadline = deadline
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, max(self._deadline - time.monotonic(), 0.001))

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"the {self._seconds} s for all checks ran out during this one")


def _shuffled(items: list[pytest.Item], seed: str) -> list[pytest.Item]:
    """Another order in which every check still stands behind its ground."""
    rng = Rng(seed, "order")
    left, ordered = list(items), []
    while left:
        names = {_function(item) for item in left}
        free = [item for item in left if not names & _ground(item)]
        # Checks that are each other's ground are a finding; here they must only end.
        ordered.append(rng.choice(free or left))
        left.remove(ordered[-1])
    return ordered


def _ground(item: pytest.Item) -> set[str]:
    return {name for mark in item.iter_markers("after") for name in mark.args}


def _function(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name
