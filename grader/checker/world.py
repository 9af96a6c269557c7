"""The learner's processes as a check meets them: shared by default, fresh on request."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from grader.errors import LearnerError
from grader.model import Limits, Process
from grader.sandbox import Nursery, ProgramDied, ProgramSilent, Running, Sandbox, SandboxUnavailable, procfile
from grader.sandbox.answers import describe
from grader.sandbox.namespace import listening_ports
from grader.sandbox.process import Ending, last_trace

LISTEN_SECONDS = 8.0
_ELSEWHERE_SECONDS = 1.0
_POLL = 0.002
_LOG_SECONDS = 0.2
_DRAIN_SECONDS = 0.02
# Reading the kernel's table of sockets takes milliseconds; most programs listen before that.
_LOOK_SECONDS = 0.2


class StartFailure(Exception):
    """The program cannot be started at all; said once, and what needs it is blocked."""


class World:
    """One submission's sandbox, and the ``web`` process that checks share.

    ``fresh`` is true until something of the learner's has run since the last reset. With
    ``strict`` a sandbox that does not start is not replaced by a plain process.
    """

    def __init__(
        self,
        submission: Path,
        limits: Limits,
        *,
        contained: bool,
        reason: str = "",
        trace: bool = False,
        strict: bool = False,
    ) -> None:
        if strict and not contained:
            raise SandboxUnavailable(reason)
        self.submission = submission
        self._limits = limits
        self._contained = contained
        self._reason = reason
        self._trace = trace
        self._strict = strict
        self._ready = self._spare = False
        self.ran: set[str] = set()
        self.fresh = True
        try:
            self._nursery = Nursery(submission, contained=contained)
        except SandboxUnavailable as error:
            self._do_without(error)
        self._sandbox = self._new_sandbox()
        self._web: Running | None = None
        self._extra: list[Running] = []
        self._mark = 0
        self._known_ports: set[int] = set()
        self._start_failure: str | None = None

    def wait_until_ready(self) -> tuple[str, str]:
        """Block until programs can start: ``sandbox`` or ``process``, and why no more than that.

        Raises SandboxUnavailable when not even a process can be had.
        """
        if self._ready:
            return self._isolation()
        try:
            self._sandbox.wait_until_ready()
        except SandboxUnavailable as error:
            self.close()
            self._do_without(error)
            self._sandbox = self._new_sandbox()
            self._sandbox.wait_until_ready()
        self._known_ports = listening_ports()
        self._ready = True
        return self._isolation()

    def _do_without(self, error: SandboxUnavailable) -> None:
        """A plain process instead, for one's own program; nothing of it has been touched yet."""
        if not self._contained or self._strict:
            raise error
        self._contained, self._reason = False, str(error)
        self._nursery = Nursery(self.submission, contained=False)

    def _isolation(self) -> tuple[str, str]:
        return ("sandbox" if self._contained else "process"), self._reason

    def _new_sandbox(self, *, empty: bool = False) -> Sandbox:
        return Sandbox(self._nursery, self.submission, self._limits, trace=self._trace, empty=empty)

    def begin_order(self, *, changed: bool) -> None:
        """A new judgement begins, maybe of newer files: nothing of an earlier one remains.

        Raises SandboxUnavailable and ProgramDied if there is no sandbox for it.
        """
        self._start_failure = None
        if self._spare:
            self._sandbox.wait_until_ready()
        if changed or self._spare or not self.fresh:
            self.fresh = self._spare = False
            self.reset()

    def end_order(self) -> None:
        """End the sandbox with everything in it, and order one for whoever comes next.

        That one knows nothing of any submission until its order begins.
        """
        self._sandbox.close()
        self._sandbox = self._new_sandbox(empty=True)
        self._spare = True

    def close(self) -> None:
        """End the sandbox and everything in it."""
        self._sandbox.close()
        self._nursery.close()

    def reset(self) -> None:
        """An untouched world: no process, and the submission's files as handed in."""
        if not self.fresh:
            try:
                self._sandbox.clear()
            except ProgramDied:
                self._sandbox.close()
                self._sandbox = self._new_sandbox()
                self._sandbox.wait_until_ready()
        self._web = None
        self._extra = []
        self.fresh = True

    @property
    def sandbox(self) -> Sandbox:
        """For calls and probes, which have a process of their own each."""
        self.fresh = False
        return self._sandbox

    def begin_check(self) -> None:
        """Remember where the logs stand, so that a check sees its own lines only."""
        self._sandbox.asked.clear()
        self._mark = len(self._web.log) if self._web else 0

    def end_check(self) -> Ending | None:
        """Stop what the check started itself; how the shared web ended, if it did."""
        if self._trace:
            for running in self._sandbox.asked:
                running.log.finish(_LOG_SECONDS)
        for running in [*self._extra, *self._sandbox.asked, *([self._web] if self._web else [])]:
            self.ran |= running.log.ran
        for running in self._extra:
            if running.ended is None:
                running.signal(signal.SIGKILL)
        self._extra = []
        return self._web.ended if self._web else None

    def printed(self) -> list[str]:
        """What the shared ``web`` has printed since this check began."""
        return self._web.log.since(self._mark) if self._web else []

    def logs(self) -> list[str]:
        """What every process of this check printed, the shared one first."""
        for running in self._sandbox.asked:
            # One that still waits for calls has printed what it had to before it answered.
            running.log.finish(_LOG_SECONDS if running.ended else _DRAIN_SECONDS)
        asked = [line for running, mark in self._sandbox.asked.items() for line in running.log.since(mark)]
        return self.printed() + [line for running in self._extra for line in running.lines] + asked

    def web(self) -> Running:
        """The shared ``web`` process, started if it is not there.

        Raises ProgramDied and ProgramSilent the first time it cannot be started, and
        StartFailure from then on.
        """
        if self._start_failure:
            raise StartFailure(self._start_failure)
        if self._web is None:
            untouched = self.fresh
            try:
                self._web = self._launch("web", {}, listens=True)
                self._wait_until_listening(self._web)
            except (ProgramDied, ProgramSilent, LearnerError):
                if untouched:
                    self._start_failure = "it waits for a program that starts"
                raise
            self._mark = 0
        return self._web

    def start(self, name: str, environ: Mapping[str, str], *, listens: bool) -> Running:
        """Start another process of the Procfile, stopped when the check ends."""
        running = self._launch(name, environ, listens=listens)
        self._extra.append(running)
        if listens:
            self._wait_until_listening(running)
        return running

    def _launch(self, name: str, environ: Mapping[str, str], *, listens: bool) -> Running:
        process = self._process(name)
        self.fresh = False
        return self._sandbox.start(process, environ, port=free_port() if listens else 0)

    def _process(self, name: str) -> Process:
        path = self.submission / "Procfile"
        if not path.is_file():
            raise LearnerError(
                "there is no Procfile, so nobody knows how to start your program",
                next_step="add a file named Procfile with a line like  web: python app.py",
            )
        processes = procfile.parse(path.read_text(encoding="utf-8", errors="replace"))
        for process in processes:
            if process.name == name:
                return process
        names = ", ".join(process.name for process in processes)
        raise LearnerError(
            f"the Procfile has no process '{name}', only {names}",
            where="Procfile:1",
            next_step=f"add a line that starts with  {name}:",
        )

    def _wait_until_listening(self, running: Running) -> None:
        started = time.monotonic()
        deadline = started + LISTEN_SECONDS
        look, elsewhere = started + _LOOK_SECONDS, set[int]()
        elsewhere_since: float | None = None
        while True:
            if ending := running.ended:
                raise self.death(running, ending, "before it listened")
            if _accepts(running.port):
                self._known_ports.add(running.port)
                return
            now = time.monotonic()
            if now > look:
                look, elsewhere = now + _LOOK_SECONDS, self._listening_elsewhere()
                elsewhere_since = (elsewhere_since or now) if elsewhere else None
            lost = elsewhere_since is not None and now - elsewhere_since > _ELSEWHERE_SECONDS
            if lost or now > deadline:
                running.signal(signal.SIGKILL)
                raise ProgramSilent(self._not_listening(running, elsewhere))
            time.sleep(_POLL)

    def _listening_elsewhere(self) -> set[int]:
        # Only in a network of our own do the ports of this machine belong to the program.
        return listening_ports() - self._known_ports if self._contained else set()

    def _not_listening(self, running: Running, elsewhere: set[int]) -> str:
        told = f"it was told PORT={running.port}"
        if elsewhere:
            return f"your program listens on port {', '.join(map(str, sorted(elsewhere)))}, but {told}"
        return f"your program runs but listens on no port after {LISTEN_SECONDS:g} s; {told}"

    def death(self, running: Running, ending: Ending, when: str) -> ProgramDied:
        """The words for a process that ended when it should not have."""
        running.log.finish(0.5)
        lines = list(running.lines)
        trace = last_trace(lines, self._sandbox.app)
        what = f"your program ({running.name}) {describe(ending)} {when}"
        if trace:
            return ProgramDied(f"{what}: {trace.error}", where=trace.where)
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ProgramDied(f"{what}: {last}" if last else what)

    def place(self, where: str | None) -> str | None:
        """``where`` if it is a line of a file that was handed in: the program may have made it up."""
        path, _, line = (where or "").rpartition(":")
        inside = path in (file.relative_to(self.submission).as_posix() for file in self.submission.rglob("*"))
        return where if inside and line.isdecimal() else None

    def relative_place(self, lines: list[str]) -> tuple[str, str | None] | None:
        """The last traceback in ``lines``: the error, and ``path:line`` in the learner's files."""
        trace = last_trace(lines, self._sandbox.app)
        return (trace.error, trace.where) if trace else None


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True
