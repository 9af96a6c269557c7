"""The learner's processes as a check meets them: shared by default, fresh on request."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Mapping
from pathlib import Path

from grader.checker import deaths
from grader.checker.deaths import StartFailure
from grader.checker.listening import wait_until_listening
from grader.checker.processes import RELEASE, process_of, release_of
from grader.errors import LearnerError
from grader.model import Limits, Process
from grader.sandbox import Nursery, ProgramDied, ProgramSilent, Running, Sandbox, SandboxUnavailable
from grader.sandbox.answers import describe
from grader.sandbox.namespace import listening_ports
from grader.sandbox.process import Ending
from grader.services import Services
from grader.services.server import free_port

RELEASE_SECONDS = 20.0
_LOG_SECONDS = 0.2
_DRAIN_SECONDS = 0.02


class World:
    """One submission's sandbox, and the ``web`` process that checks share.

    ``fresh`` is true until something of the learner's has run since the last reset. With
    ``strict`` a sandbox that does not start is not replaced by a plain process. ``services``
    are emptied whenever the world is made anew.
    """

    def __init__(
        self,
        submission: Path,
        limits: Limits,
        services: Services | None = None,
        *,
        contained: bool,
        reason: str = "",
        trace: bool = False,
        strict: bool = False,
    ) -> None:
        if strict and not contained:
            raise SandboxUnavailable(reason)
        self.submission = submission
        self.services = services or Services((), submission.parent, confined=False)
        self._limits = limits
        self._contained = contained
        self._reason = reason
        self._trace = trace
        self._strict = strict
        self._ready = self._spare = False
        self.ran: set[str] = set()
        self.fresh = True
        self._secret = secrets.token_hex(32)
        # Whether the release command of this world has been run, or is the check's own affair.
        self._released = self._own_release = self._laid_down = False
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
        self.services = self.services.without_walls()
        self._nursery = Nursery(self.submission, contained=False)

    def _isolation(self) -> tuple[str, str]:
        return ("sandbox" if self._contained else "process"), self._reason

    def _new_sandbox(self, *, empty: bool = False) -> Sandbox:
        sandbox = Sandbox(self._nursery, self.submission, self._limits, trace=self._trace, empty=empty)
        self.services.place(sandbox.app, sandbox.copy_out)
        return sandbox

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
        self.services.empty(anew=True)
        self._secret = secrets.token_hex(32)
        self._spare = True

    def close(self) -> None:
        """End the sandbox and everything in it, and the services."""
        self._sandbox.close()
        self._nursery.close()
        self.services.close()

    def reset(self) -> None:
        """An untouched world: no process, and the submission's files as handed in."""
        if not self.fresh:
            try:
                self._sandbox.clear()
            except ProgramDied:
                self._sandbox.close()
                self._sandbox = self._new_sandbox()
                self._sandbox.wait_until_ready()
        # Only now that nobody of the program's is left to write to them.
        self.services.empty(anew=False)
        self._web = None
        self._extra = []
        self.fresh = True
        self._released = False

    @property
    def sandbox(self) -> Sandbox:
        """For calls and probes, which have a process of their own each."""
        self._begin({})
        return self._sandbox

    def begin_check(self, *, release: bool = True) -> None:
        """Remember where the logs stand, so that a check sees its own lines only.

        Without ``release`` the check runs the release command itself, if at all.
        """
        self._own_release = not release
        self._released = self._released or not release
        self._sandbox.asked.clear()
        self._mark = len(self._web.log) if self._web else 0

    def end_check(self) -> Ending | None:
        """Stop what the check started itself; how the shared web ended, if it did."""
        if self._trace:
            # A trace is whole only when the process has ended.
            self._sandbox.forget()
            for running in self._sandbox.asked:
                running.log.finish(_LOG_SECONDS)
        for running in [*self._extra, *self._sandbox.asked, *([self._web] if self._web else [])]:
            self.ran |= running.log.ran
        for running in self._extra:
            if running.ended is None:
                running.signal(signal.SIGKILL)
        self._extra = []
        return self._web.ended if self._web else None

    @property
    def used_up(self) -> bool:
        """Whether the check that was judged last leaves a world in which nobody else could be judged."""
        return self._own_release or self.services.stopped

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

    def run(self, command: str, environ: Mapping[str, str], within: float) -> Running:
        """Run a command line to its end, with what the program finds in its environment.

        Raises ProgramSilent if it still runs after ``within`` seconds.
        """
        self._begin(environ)
        try:
            running = self._sandbox.start(Process("run", command, 0), environ)
        except LearnerError as error:
            raise ValueError(error.what) from None
        self._extra.append(running)
        self._await_end(running, f"'{command}'", within)
        return running

    def lay_down(self, name: str, content: bytes) -> None:
        """Put a file into the program's folder; raises RuntimeError if anything of the program has run already."""
        if not self.fresh and not self._laid_down:
            raise RuntimeError("a file can be put there only before anything of the program runs")
        self.fresh, self._laid_down = False, True
        self._sandbox.copy_in(name, content)

    def _launch(self, name: str, environ: Mapping[str, str], *, listens: bool) -> Running:
        process = process_of(self.submission, name)
        self._released = self._released or name == RELEASE
        self._begin(environ)
        return self._sandbox.start(process, environ, port=free_port() if listens else 0)

    def _begin(self, environ: Mapping[str, str]) -> None:
        """Before anything of the program runs: its settings and, in an untouched world, its release command."""
        self._sandbox.settings = {"SECRET_KEY": self._secret, **self.services.lines()}
        self.fresh = self._laid_down = False
        if not self._released:
            self._released = True
            self._release(environ)

    def _release(self, environ: Mapping[str, str]) -> None:
        """Run the release command, if the Procfile names one, as a platform does before each deployment."""
        process = release_of(self.submission)
        if process is None:
            return
        running = self._sandbox.start(process, environ)
        self._extra.append(running)
        ending = self._await_end(running, "your release command", RELEASE_SECONDS)
        if ending.code != 0:
            raise deaths.died(f"your release command {describe(ending)}", running, self.app)

    def _await_end(self, running: Running, what: str, seconds: float) -> Ending:
        ending = running.wait(seconds)
        if ending is None:
            running.signal(signal.SIGKILL)
            raise ProgramSilent(f"{what} still runs after {seconds:g} s")
        running.log.finish(_LOG_SECONDS)
        return ending

    def _wait_until_listening(self, running: Running) -> None:
        wait_until_listening(running, self._listening_elsewhere)
        if ending := running.ended:
            raise self.death(running, ending, "before it listened")
        self._known_ports.add(running.port)

    def _listening_elsewhere(self) -> set[int]:
        # Only in a network of our own do the ports of this machine belong to the program.
        return listening_ports() - self._known_ports - self.services.ports if self._contained else set()

    def death(self, running: Running, ending: Ending, when: str) -> ProgramDied:
        """The words for a process that ended when it should not have."""
        return deaths.died(f"your program ({running.name}) {describe(ending)} {when}", running, self.app)

    @property
    def app(self) -> str:
        """The folder of the program, as it sees it."""
        return self._sandbox.app
