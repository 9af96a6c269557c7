"""Runs the checker over one submission and lays its events over the declared checks.

The checker's exit code is not looked at: a check has passed only if an event said so.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.checker import process as checker
from grader.errors import GraderError
from grader.grading.options import Options
from grader.grading.results import result_of
from grader.grading.submission import copy, fingerprint
from grader.model import CheckResult, Exercise, Limits, Outcome, Provision, Report, Service, Submission
from grader.services import Sources

# What the outer clock allows beyond the exercise's own limit: starting up and cleaning up.
OVERHEAD_SECONDS = 30.0
_ENDS_WITHIN = 3.0
_LEAVES_WITHIN = 10.0


def grade(
    exercise: Exercise,
    submission: Submission,
    options: Options,
    on_result: Callable[[CheckResult], None] | None = None,
) -> Report:
    """Judge one submission; ``on_result`` hears of each check as it is found.

    Raises GraderError when no checker can be run at all.
    """
    with Preparation.of(exercise, submission, isolation=options.isolation, sources=options.sources) as preparation:
        return preparation.judge(exercise, submission, options, on_result)


class Preparation:
    """A checker and a sandbox, started and warming up.

    ``checks`` is the folder of an exercise's checks. ``submission`` says what to warm up
    for; what is judged may be newer. It is good for any number of judgements: of one's own
    programs as it is, of strangers' with ``last``. With ``trace`` a report says which lines
    ran. ``services`` start at once, from ``sources`` or from what the machine has.
    """

    def __init__(
        self,
        checks: Path,
        limits: Limits,
        submission: Submission,
        *,
        services: tuple[Service, ...] = (),
        sources: Sources | None = None,
        isolation: str = "auto",
        trace: bool = False,
    ) -> None:
        self._limits = limits
        self.closed = False
        self._heard = b""
        self._provided: dict[Service, Provision] = {}
        sources = sources or Sources()
        self._visiting = bool(sources.uris)
        process = checker.start()
        self._checker, self._errors = process.popen, process.errors
        self._scratch = Path(tempfile.mkdtemp(prefix="groundup-"))
        self._files = self._scratch / "submission"
        try:
            # mkdtemp keeps strangers out of the scratch folder; the sandbox's own user is
            # let in by mounting this inner folder, which must be readable to it.
            self._files.mkdir(mode=0o755)
            self._files.chmod(0o755)
            copy(submission, self._files)
            self._fingerprint = fingerprint(submission)
            self._send(
                {
                    "checks": str(checks),
                    "submission": str(self._files),
                    "limits": asdict(limits),
                    "isolation": isolation,
                    "trace": trace,
                    "services": services,
                    "path": sources.path,
                    "uris": dict(sources.uris),
                }
            )
        except BaseException:
            self.close()
            raise

    @classmethod
    def of(
        cls,
        exercise: Exercise,
        submission: Submission,
        *,
        sources: Sources | None = None,
        isolation: str = "auto",
        trace: bool = False,
    ) -> Self:
        """A preparation for one exercise."""
        return cls(
            exercise.path / "checks",
            exercise.limits,
            submission,
            services=exercise.services,
            sources=sources,
            isolation=isolation,
            trace=trace,
        )

    def judge(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_result: Callable[[CheckResult], None] | None = None,
        *,
        last: bool = False,
    ) -> Report:
        """Run the checks against ``submission`` and read every verdict.

        With ``last`` the sandbox ends with this judgement, and the next one gets another: as
        for the strangers of a class.
        """
        started = time.monotonic()
        now = fingerprint(submission)
        changed = now != self._fingerprint
        if changed:
            copy(submission, self._files)
            self._fingerprint = now
        wanted = exercise.checks if options.checks is None else options.checks
        self._send(
            {
                "seed": options.seed,
                "functions": None if options.checks is None else [check.function for check in wanted],
                "fresh": options.always_fresh,
                "changed": changed,
                "last": last,
                "stop": options.stop,
                "shuffled": options.shuffled,
            }
        )
        declared = {check.function: check for check in wanted}
        found: dict[str, CheckResult] = {}
        notes: list[str] = []
        isolation, finished = "", False
        ran: tuple[str, ...] = ()
        for event in self.events(started + self._limits.seconds + OVERHEAD_SECONDS):
            match event:
                case {"event": "ready", "isolation": str(kind), "reason": str(reason)}:
                    isolation = kind
                    if kind == "process" and options.isolation != "process":
                        notes.append(f"no sandbox: {reason}; fine for your own code, see grader doctor")
                case {"event": "service"}:
                    self._note(event)
                case {"event": "outcome", "function": str(function)} if function in declared:
                    found[function] = result_of(declared[function], event)
                    if on_result:
                        on_result(found[function])
                case {"event": "broken", "message": str(message)}:
                    notes.append(f"the checks of this exercise cannot be loaded: {message}")
                    break
                case {"event": "unavailable", "message": str(message)}:
                    raise GraderError(f"programs cannot be run here: {message}", next_step="grader doctor")
                case {"event": "done", "ran": list(lines)}:
                    finished, ran = True, tuple(map(str, lines))
                    break
        if not finished:
            notes.append(self._last_words())
        provided = tuple(self._provided[name] for name in exercise.services if name in self._provided)
        notes += [
            f"{one.service} is {one}, because {one.note}" for one in provided if one.note and one.tier != "missing"
        ]
        return Report(
            exercise=exercise,
            folder=submission.folder,
            seed=options.seed,
            isolation=isolation,
            results=tuple(
                found.get(check.function, CheckResult(check, Outcome.NOT_RUN, "it was not judged")) for check in wanted
            ),
            seconds=time.monotonic() - started,
            notes=tuple(notes),
            partial=options.checks is not None,
            incomplete=not finished,
            ran=ran,
            services=provided,
        )

    def provisions(self, services: tuple[Service, ...]) -> Iterator[Provision]:
        """What each of ``services`` is judged with, as soon as it is known."""
        for event in self.events(time.monotonic() + OVERHEAD_SECONDS):
            if event["event"] == "service":
                yield self._note(event)
            if len(self._provided) == len(services) or event["event"] == "unavailable":
                return

    def _note(self, event: dict[str, Any]) -> Provision:
        told = (event[name] for name in ("tier", "version", "note", "remedy"))
        provision = Provision(Service(event["service"]), *told)
        self._provided[provision.service] = provision
        return provision

    def stop(self) -> None:
        """End the checker from another thread: the judgement returns, incomplete."""
        self._checker.kill()

    def close(self) -> None:
        """End the checker, and with it the sandbox; remove the copy. Safe to call twice."""
        if self._visiting and not self.closed and self._checker.stdin:
            # What was made on a server of the user's is dropped by the checker, which then ends.
            self._checker.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._checker.wait(_LEAVES_WITHIN)
        self.closed = True
        self._checker.kill()
        self._checker.wait()
        for pipe in (self._checker.stdin, self._checker.stdout):
            if pipe:
                pipe.close()
        self._errors.close()
        _remove(self._scratch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._checker.stdin
        try:
            self._checker.stdin.write(json.dumps(message).encode() + b"\n")
            self._checker.stdin.flush()
        except BrokenPipeError:
            # Why it ended is said when its events are read.
            pass

    def events(self, deadline: float) -> Iterator[dict[str, Any]]:
        """What the checker says, until it ends or the deadline passes."""
        assert self._checker.stdout
        pipe = self._checker.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                # What stands behind the end of one judgement belongs to the next.
                while b"\n" in self._heard:
                    line, self._heard = self._heard.split(b"\n", 1)
                    yield json.loads(line)
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    return
                chunk = os.read(pipe.fileno(), 65536)
                if not chunk:
                    return
                self._heard += chunk

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode(errors="replace").strip().splitlines()
        return f"the judge stopped early: {lines[-1]}" if lines else "the judge stopped early"


def _remove(folder: Path) -> None:
    """Remove a folder in which what ends with the checker may still write its last file."""
    deadline = time.monotonic() + _ENDS_WITHIN
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        time.sleep(0 if not folder.exists() else 0.01)
