"""The nouns of the project as frozen data; knows no file, no process and no format."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """What became of one check. Only ``PASSED`` earns points."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    FORBIDDEN = "forbidden"
    BROKEN = "broken"
    NOT_RUN = "not_run"


class Level(StrEnum):
    """How hard an exercise is for somebody who has done what it needs."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Service(StrEnum):
    """A server that a program may talk to, as an exercise names it."""

    REDIS = "redis"
    MONGO = "mongo"
    POSTGRES = "postgres"
    SQLITE = "sqlite"
    SMTP = "smtp"
    S3 = "s3"


@dataclass(frozen=True)
class Provision:
    """What a service was judged with.

    ``tier`` is ``uri`` (a server that runs already and was named), ``system``, ``wheel`` or
    ``embedded``, and ``missing`` where there is none; ``version`` is the server's. ``note``
    says why it is not what was wished for, and ``remedy`` what to type so that it is there.
    """

    service: Service
    tier: str
    version: str = ""
    note: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.tier} {self.version}".strip()


@dataclass(frozen=True)
class Limits:
    """What one grading may use: wall-clock seconds in all, memory and processes."""

    seconds: int = 20
    memory_mb: int = 512
    processes: int = 64


@dataclass(frozen=True)
class Check:
    """A check as its author declared it, read from the source without running it.

    ``id`` is the function's name in kebab-case without ``test_``; ``sentence`` is the
    first sentence of its docstring; ``after`` holds ids of checks that must pass first.
    """

    id: str
    function: str
    sentence: str
    task: int
    points: int
    after: tuple[str, ...]
    fresh: bool
    path: Path
    line: int


@dataclass(frozen=True)
class Exercise:
    """One exercise folder, read and found well-formed. A ``draft`` is not yet for learners.

    ``lab`` is the roadmap's name of what is handed in as a notebook, empty for everything else;
    ``release`` is the notebook that its learners begin with.
    """

    id: str
    stage: str
    title: str
    level: Level
    minutes: int
    needs: tuple[str, ...]
    continues: str
    topics: tuple[str, ...]
    submit: tuple[str, ...]
    services: tuple[Service, ...]
    limits: Limits
    path: Path
    checks: tuple[Check, ...]
    draft: bool = False
    lab: str = ""
    release: Path = Path()

    @property
    def notebook(self) -> str:
        """The name of a lab's notebook without its ending: ``lab`` for the first of a stage, else the lab's own."""
        first = self.id == f"{self.stage.partition('-')[2]}-lab"
        return ("lab" if first else self.id.removesuffix("-lab")) if self.lab else ""


@dataclass(frozen=True)
class Stage:
    """One numbered part of the course; ``exercises`` in the order to take them."""

    id: str
    title: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Process:
    """One line of a Procfile: ``name: command``."""

    name: str
    command: str
    line: int


@dataclass(frozen=True)
class Submission:
    """What is handed in: relative names and where each file lies. Only ever read.

    ``folder`` is the learner's own, or the last layer of a solution made of several. ``release`` is,
    for a notebook, the one that its learners began with.
    """

    folder: Path
    files: tuple[tuple[str, Path], ...]
    release: Path | None = None


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    ``message`` is what the learner reads below the sentence; ``transcript`` is what was
    sent and received, one line each; ``where`` is ``path:line`` in the learner's own
    files; ``log`` is the end of what their program printed meanwhile; ``blocked_by``
    holds ids of checks that must pass first; ``guess`` is a known mistake that looks like
    this, in words. ``at_first`` is what it found in a process that other checks had used,
    before it was judged once more in a fresh one. ``lacking`` says that this machine could not
    judge it, which is nobody's failure.
    """

    check: Check
    outcome: Outcome
    message: str = ""
    transcript: tuple[str, ...] = ()
    where: str | None = None
    log: tuple[str, ...] = ()
    guess: str = ""
    blocked_by: tuple[str, ...] = ()
    seconds: float = 0.0
    at_first: str = ""
    lacking: bool = False


@dataclass(frozen=True)
class Report:
    """The verdict on one submission.

    ``isolation`` names what held the program in: ``sandbox`` or ``process``. ``partial``
    means that only some checks were asked for, ``incomplete`` that the judge itself could
    not finish, which is never the learner's fault. ``ran`` holds ``path:line`` of the
    program's lines that ran, if that was asked for. ``services`` says what stood behind each
    service of the exercise.
    """

    exercise: Exercise
    folder: Path
    seed: str
    isolation: str
    results: tuple[CheckResult, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    partial: bool = False
    incomplete: bool = False
    ran: tuple[str, ...] = ()
    services: tuple[Provision, ...] = ()

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(r.check.points for r in self.results if r.outcome is Outcome.PASSED)

    @property
    def possible(self) -> int:
        """Points that could be earned by the checks that were asked for."""
        return sum(r.check.points for r in self.results)

    @property
    def passed(self) -> bool:
        """Every check that was asked for passed, and there was at least one."""
        return bool(self.results) and all(r.outcome is Outcome.PASSED for r in self.results)

    @property
    def broken(self) -> bool:
        """A check or the judge is at fault, so the report says too little about the learner."""
        return self.incomplete or any(r.outcome is Outcome.BROKEN for r in self.results)

    @property
    def lacking(self) -> bool:
        """Nothing failed, and something could not be judged on this machine: not the learner's move."""
        fine = (Outcome.PASSED, Outcome.BLOCKED)
        return any(r.lacking for r in self.results) and all(r.lacking or r.outcome in fine for r in self.results)
