"""What the marks of a class say together: where it fails, why, and what to repeat.

Pure functions over one mark per student and exercise. Reports come from programs and files, so
whatever in them is not as the schema says counts as absent and never raises.
"""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from grader.classroom.model import Mark, Student
from grader.classroom.reported import Checked, checked
from grader.grading.recognition import TELLING
from grader.model import Outcome

# An exercise as the class has it: its id, its title, and the points it can give.
Assignment = tuple[str, str, int]

# From so many students on, a correlation is worth a look; below this one a check sorts nobody.
ENOUGH = 10
WEAK = 0.1

# How every guess of the grader begins.
GUESS = "It looks like your program "
_Judged = Sequence[tuple[Student, Sequence["Checked"]]]
# What differs from student to student: the data of a run.
_VALUE = re.compile(r"\d+|'[^']*'|\"[^\"]*\"")
_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z`]|\s*$)", re.DOTALL)


@dataclass(frozen=True)
class Standing:
    """An exercise in numbers: students by what became of them, and the points of those graded, lowest first.

    ``passed`` of the ``graded`` have every point of the checks. ``attempts`` are those known, fewest
    first, and ``late`` the delays, shortest first.
    """

    exercise: str
    title: str
    possible: int
    points: tuple[float, ...]
    passed: int
    missing: int
    waiting: int
    refused: int
    broken: int
    attempts: tuple[int, ...]
    late: tuple[timedelta, ...]

    @property
    def graded(self) -> int:
        """How many there is a verdict for."""
        return len(self.points)


@dataclass(frozen=True)
class Item:
    """A check in numbers. ``failed`` are those who reached it in vain, ``blocked`` how many never reached it.

    ``discrimination`` is the correlation, from -1 to 1, of passing it with the points of the other
    checks that do not wait for it, among those who reached it; None where that says nothing.
    ``mostly`` is the beginning of the message that at least half of the failures have but for its values.
    """

    exercise: str
    check: str
    sentence: str
    task: int
    passed: int
    failed: tuple[Student, ...]
    blocked: int
    discrimination: float | None
    mostly: str = ""

    @property
    def reached(self) -> int:
        """How many it was judged for."""
        return self.passed + len(self.failed)

    @property
    def ease(self) -> float:
        """The part of those who reached it that passed: 1 is the easiest."""
        return self.passed / self.reached if self.reached else 0.0

    @property
    def doubt(self) -> str:
        """Why it tells students badly apart: ``everybody``, ``nobody``, ``weak``, or nothing to say."""
        if self.reached < ENOUGH:
            return ""
        if not self.failed or not self.passed:
            return "nobody" if self.failed else "everybody"
        return "weak" if self.discrimination is not None and self.discrimination < WEAK else ""


@dataclass(frozen=True)
class Misconception:
    """A known mistake in the grader's words, the check it shows in, and who shares it."""

    exercise: str
    check: str
    sentence: str
    guess: str
    students: tuple[Student, ...]

    @property
    def claim(self) -> str:
        """Its first sentence, said of anybody's program: "The program keeps …"."""
        first = _SENTENCE.match(self.guess[:1_000])
        return re.sub(f"^{GUESS}", "The program ", first[0] if first else self.guess[:1_000])


def standings(marks: Sequence[Mark], exercises: Sequence[Assignment]) -> list[Standing]:
    """Each exercise in numbers, in their order; a student without a mark counts as missing."""
    students = {mark.student.id for mark in marks}
    found = []
    for exercise, title, possible in exercises:
        of = {mark.student.id: mark for mark in marks if mark.exercise == exercise}
        states = [mark.state for mark in of.values()]
        graded = [mark for mark in of.values() if mark.state == "graded"]
        found.append(
            Standing(
                exercise,
                title,
                possible,
                points=tuple(sorted(mark.points for mark in graded)),
                passed=sum(mark.earned >= (mark.possible or possible) for mark in graded),
                missing=states.count("missing") + len(students) - len(of),
                waiting=states.count("waiting"),
                refused=states.count("refused"),
                broken=states.count("broken"),
                attempts=tuple(sorted(mark.attempts for mark in of.values() if mark.attempts > 0)),
                late=tuple(sorted(mark.late for mark in of.values() if mark.late > timedelta(0))),
            )
        )
    return found


def items(marks: Sequence[Mark], exercises: Sequence[Assignment]) -> list[Item]:
    """Every check of every exercise, those first that most have failed."""
    found = [item for exercise, _, _ in exercises for item in _items(exercise, _judged(marks, exercise))]
    return sorted(found, key=lambda item: (-len(item.failed), item.ease))


def _items(exercise: str, judged: _Judged) -> Iterator[Item]:
    by_check: dict[str, list[tuple[Student, Checked, Sequence[Checked]]]] = defaultdict(list)
    waits: dict[str, set[str]] = defaultdict(set)
    for student, checks in judged:
        for check in checks:
            by_check[check.id].append((student, check, checks))
            waits[check.id].update(check.blocked_by)
    for name, found in by_check.items():
        behind = _behind(name, waits)
        reached = [one for one in found if one[1].outcome == Outcome.PASSED or one[1].outcome in TELLING]
        outcomes = [float(check.outcome == Outcome.PASSED) for _, check, _ in reached]
        rests = [
            float(sum(c.points for c in checks if c.outcome == Outcome.PASSED and c.id not in behind))
            for _, _, checks in reached
        ]
        first = found[0][1]
        yield Item(
            exercise,
            name,
            first.sentence,
            first.task,
            passed=int(sum(outcomes)),
            failed=tuple(student for student, check, _ in reached if check.outcome in TELLING),
            blocked=sum(check.outcome == Outcome.BLOCKED for _, check, _ in found),
            discrimination=_correlation(outcomes, rests),
            mostly=_mostly([check.message for _, check, _ in reached if check.outcome in TELLING]),
        )


def _mostly(messages: Sequence[str]) -> str:
    alike: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        first = message[:400].lstrip().partition("\n")[0][:200]
        # It may be printed: nothing of it is for a terminal to obey.
        first = "".join(sign if sign.isprintable() else " " for sign in first)
        alike[_VALUE.sub("…", first)].append(first)
    most = max(alike.values(), key=len, default=[])
    return most[0] if len(most) * 2 >= len(messages) > 0 else ""


def _behind(check: str, waits: Mapping[str, set[str]]) -> set[str]:
    """A check and all that wait for it: who fails it loses those as well, which says nothing about either."""
    found, fresh = {check}, {check}
    while fresh:
        fresh = {name for name, grounds in waits.items() if grounds & fresh} - found
        found |= fresh
    return found


def _correlation(outcomes: Sequence[float], rests: Sequence[float]) -> float | None:
    if len(outcomes) < ENOUGH or len(set(outcomes)) < 2 or len(set(rests)) < 2:
        return None
    return statistics.correlation(outcomes, rests)


def misconceptions(marks: Sequence[Mark], exercises: Sequence[Assignment]) -> list[Misconception]:
    """The known mistakes that were recognised, the most widely shared first."""
    shared: dict[tuple[str, str, str], list[Student]] = defaultdict(list)
    sentences: dict[tuple[str, str, str], str] = {}
    for exercise, _, _ in exercises:
        for student, checks in _judged(marks, exercise):
            for check in checks:
                if check.guess and check.outcome in TELLING:
                    shared[exercise, check.id, check.guess].append(student)
                    sentences.setdefault((exercise, check.id, check.guess), check.sentence)
    found = [
        Misconception(exercise, check, sentences[exercise, check, guess], guess, tuple(students))
        for (exercise, check, guess), students in shared.items()
    ]
    return sorted(found, key=lambda one: -len(one.students))


def _judged(marks: Sequence[Mark], exercise: str) -> list[tuple[Student, tuple[Checked, ...]]]:
    return [(mark.student, checked(mark)) for mark in marks if mark.exercise == exercise and mark.state == "graded"]
