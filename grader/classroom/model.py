"""The nouns of a class as frozen data: who hands in, what came, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Student:
    """Somebody who hands in. ``id`` names them in the gradebook; ``names`` maps a system to their name in it.

    The systems are ``canvas``, ``moodle``, ``gradescope``, ``nbgrader`` and ``git``.
    """

    id: str
    name: str = ""
    email: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One submission as it came: who it says it is from, and its files by relative name with ``/``.

    ``submitted`` is the moment in UTC where the source says it, ``late`` what the source itself
    says of the delay, ``attempt`` its number where the source counts. ``source`` says where it was
    found, for people. ``refused`` says of each file that was not taken why, as ``name: reason``.
    """

    student: Student
    exercise: str
    files: Mapping[str, bytes]
    source: str
    submitted: datetime | None = None
    late: timedelta | None = None
    attempt: int | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something in a source that could not be read; the rest was. ``where`` is a path or ``path:line``."""

    where: str
    what: str


@dataclass(frozen=True)
class LateRule:
    """What lateness costs: ``percent`` of the points for each day begun after ``grace``; all after ``most`` days."""

    percent: float = 0.0
    grace: timedelta = timedelta(0)
    most: int | None = None


@dataclass(frozen=True)
class Mark:
    """What a student has for an exercise.

    ``earned`` are the points of the checks, ``points`` what counts after lateness and whatever an
    instructor decided. ``state`` is ``graded``, ``waiting``, ``refused`` (nothing in it could be
    judged; ``note`` says why), ``broken`` (the judge could not finish) or ``missing``. ``report`` is
    the whole report, by the schema of ``grader check --json``.
    """

    student: Student
    exercise: str
    state: str
    earned: int = 0
    points: float = 0.0
    possible: int = 0
    late: timedelta = timedelta(0)
    attempts: int = 0
    submitted: datetime | None = None
    overridden: bool = False
    comment: str = ""
    note: str = ""
    digest: str = ""
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What grading one submission gave. ``document`` is the report as JSON data; ``state`` as in a Mark."""

    state: str
    note: str = ""
    earned: int = 0
    possible: int = 0
    document: Mapping[str, Any] | None = None
    made_by: str = ""


@dataclass(frozen=True)
class Task:
    """Something to be graded: these bytes by this exercise. ``key`` names the verdict that is wanted."""

    digest: str
    exercise: str
    key: str

    @property
    def seed(self) -> str:
        """The same for the same task, so that grading again sends the same data."""
        return self.key[:4]
