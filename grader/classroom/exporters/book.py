"""Marks put in order, and what every format asks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from grader.classroom.exporters.text import clean, number
from grader.classroom.model import Mark, Problem, Student
from grader.errors import GraderError
from grader.model import Outcome


@dataclass(frozen=True)
class Exported:
    """What was written, in order, and what an instructor should look at: ``where`` is a path or ``path:line``."""

    paths: tuple[Path, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Work:
    """An exercise as exports know it."""

    id: str
    title: str
    possible: int


@dataclass(frozen=True)
class Checked:
    """One check of a report; ``outcome`` is a value of ``Outcome``, ``text`` what the student may read of it."""

    id: str
    sentence: str
    task: int
    points: int
    outcome: str
    text: str

    @property
    def passed(self) -> bool:
        """The only outcome that earns points."""
        return self.outcome == Outcome.PASSED


@dataclass(frozen=True)
class Book:
    """Students by id, exercises in the order of the course; ``strays`` names exercises that only marks know."""

    students: tuple[Student, ...]
    exercises: tuple[Work, ...]
    marks: Mapping[tuple[str, str], Mark]
    strays: tuple[str, ...]

    def mark(self, student: Student, work: Work) -> Mark:
        """The mark, or one that says that nothing came."""
        found = self.marks.get((student.id, work.id))
        return found or Mark(student, work.id, "missing", possible=work.possible)

    def unsettled(self, where: Path) -> tuple[Problem, ...]:
        """A warning for each exercise with marks that are waited for, since their cells stay empty."""
        found = []
        for work in self.exercises:
            for state, words in (("waiting", "not graded yet"), ("broken", "could not be judged")):
                marks = [self.mark(student, work) for student in self.students]
                ids = [clean(m.student.id, 40) for m in marks if m.state == state and not settled(m)]
                if ids:
                    named = ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
                    found.append(Problem(str(where), f"{work.id}: {words} and left without points: {named}"))
        return tuple(found)


def gather(marks: Sequence[Mark], exercises: Sequence[tuple[str, str, int]]) -> Book:
    """The book of ``marks``, whatever order they come in. Two marks for one student and exercise are a GraderError."""
    works = tuple(Work(*exercise) for exercise in exercises)
    place = {work.id: at for at, work in enumerate(works)}
    kept: dict[tuple[str, str], Mark] = {}
    for mark in marks:
        key = (mark.student.id, mark.exercise)
        if key in kept:
            raise GraderError(f"the gradebook holds two marks of {clean(mark.student.id, 40)} for {mark.exercise}")
        kept[key] = mark
    # Of a student whose marks disagree about the name, the first exercise of the course says it.
    ordered = sorted(kept.values(), key=lambda m: (m.student.id, place.get(m.exercise, len(place)), m.exercise))
    students: dict[str, Student] = {}
    for mark in ordered:
        students.setdefault(mark.student.id, mark.student)
    strays = {clean(mark.exercise, 80) for mark in marks if mark.exercise not in place}
    return Book(tuple(students.values()), works, kept, tuple(sorted(strays)))


def settled(mark: Mark) -> bool:
    """Its points are final. What is missing, waits or broke has none: an empty cell, for a 0 would be a verdict."""
    return mark.overridden or mark.state in {"graded", "refused"}


def points(mark: Mark) -> str:
    """What counts, as a cell; empty while nothing is settled."""
    return number(mark.points) if settled(mark) else ""


def hours_late(mark: Mark) -> float:
    """Hours; work that came early is 0 hours late."""
    return max(mark.late.total_seconds() / 3600, 0.0)


def moment(mark: Mark) -> str:
    """When it was handed in, UTC, to the second: ``2026-03-01T12:00:00Z``; empty where nobody knows."""
    if mark.submitted is None:
        return ""
    # A moment without a zone is UTC by the model, not in the time of the machine that exports.
    aware = mark.submitted.replace(tzinfo=UTC) if mark.submitted.tzinfo is None else mark.submitted.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%SZ")


def checks(mark: Mark) -> tuple[Checked, ...]:
    """The checks of its report in the report's order; entries that are not by the schema are passed over."""
    found = mark.report.get("checks")
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return tuple(_checked(entry) for entry in found if isinstance(entry, Mapping))


def _checked(entry: Mapping[str, object]) -> Checked:
    blocked = entry.get("blocked_by")
    waits = ", ".join(map(str, blocked)) if isinstance(blocked, Sequence) and not isinstance(blocked, str) else ""
    lines = (
        str(entry.get("message") or ""),
        str(entry.get("guess") or ""),
        f"at {entry['where']}" if entry.get("where") else "",
        f"waits for {waits}" if waits else "",
    )
    return Checked(
        id=str(entry.get("id") or "check"),
        sentence=str(entry.get("sentence") or ""),
        task=_whole(entry.get("task")),
        points=_whole(entry.get("points")),
        outcome=str(entry.get("outcome") or Outcome.BROKEN),
        text="\n".join(line for line in lines if line),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


_STATES = {
    "waiting": "This is not graded yet.",
    "refused": "Nothing in this could be judged.",
    "broken": "The judge could not finish, which is not your fault.",
    "missing": "Nothing was handed in.",
}


def summary(mark: Mark, work: Work) -> str:
    """What became of it in a few lines for the student, uncleaned: the comment and the note are in it."""
    found = checks(mark)
    possible = mark.possible or work.possible
    lines = [_STATES.get(mark.state, "")]
    if mark.state == "graded":
        passed = f"{sum(check.passed for check in found)} of {len(found)} checks passed: " if found else ""
        lines = [f"{passed}{mark.earned} of {possible} points."]
    if hours_late(mark) > 0:
        lines.append(f"Handed in {number(hours_late(mark))} hours late.")
    if mark.overridden:
        lines.append(f"An instructor decided: {number(mark.points)} points.")
    elif settled(mark) and mark.points != mark.earned:
        lines.append(f"{number(mark.points)} points count.")
    return "\n".join(line for line in (*lines, mark.comment, mark.note) if line)
