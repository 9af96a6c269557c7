"""What the marks of a class say together: where it fails, why, and what to repeat.

Pure functions over one mark per student and exercise. Reports come from programs and files, so
whatever in them is not as the schema says counts as absent and never raises.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from grader.classroom.model import Mark, Student
from grader.classroom.reported import Checked, checked
from grader.model import Outcome

# An exercise as the class has it: its id, its title, and the points it can give.
Assignment = tuple[str, str, int]

# From so many students on, a correlation is worth a look; below this one a check sorts nobody.
ENOUGH = 10
WEAK = 0.1

# How every guess of the grader begins.
GUESS = "It looks like your program "
FAILING = frozenset(
    {Outcome.FAILED, Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.FORBIDDEN},
)
_Judged = Sequence[tuple[Student, Sequence["Checked"]]]
# Two failures that have more than this part of their students in common are told as one.
_SAME = 0.7
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


@dataclass(frozen=True)
class Advice:
    """One thing to know before the next lesson: of how many students it is true, a sentence or two, and where."""

    count: int
    of: int
    what: str
    exercise: str = ""
    check: str = ""

    def __str__(self) -> str:
        places = [f"exercise {self.exercise}"] * bool(self.exercise) + [f"check {self.check}"] * bool(self.check)
        place = ", ".join(places)
        return f"{self.count} of {self.of}: {self.what}" + (f" {place[0].upper()}{place[1:]}." if place else "")


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
        reached = [one for one in found if one[1].outcome == Outcome.PASSED or one[1].outcome in FAILING]
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
            failed=tuple(student for student, check, _ in reached if check.outcome in FAILING),
            blocked=sum(check.outcome == Outcome.BLOCKED for _, check, _ in found),
            discrimination=_correlation(outcomes, rests),
            mostly=_mostly([check.message for _, check, _ in reached if check.outcome in FAILING]),
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
                if check.guess and check.outcome in FAILING:
                    shared[exercise, check.id, check.guess].append(student)
                    sentences.setdefault((exercise, check.id, check.guess), check.sentence)
    found = [
        Misconception(exercise, check, sentences[exercise, check, guess], guess, tuple(students))
        for (exercise, check, guess), students in shared.items()
    ]
    return sorted(found, key=lambda one: -len(one.students))


def reteach(marks: Sequence[Mark], exercises: Sequence[Assignment]) -> list[Advice]:
    """The three to five things to read first; fewer where there is no more to say.

    What most students fail comes first, told by its known mistake where that explains most of it;
    then what many have not handed in; then, if there is room, what needs no repeating.
    """
    numbers = {standing.exercise: standing for standing in standings(marks, exercises)}
    causes = misconceptions(marks, exercises)
    lessons = []
    for item in items(marks, exercises):
        graded = numbers[item.exercise].graded
        known = next((one for one in causes if (one.exercise, one.check) == (item.exercise, item.check)), None)
        advice, students = _lesson(item, known, graded)
        if len(students) >= max(2 if graded > 4 else 1, math.ceil(graded / 10)):
            lessons.append((advice, {student.id for student in students}))
    lessons.sort(key=lambda lesson: -lesson[0].count)
    chosen: list[tuple[Advice, set[str]]] = []
    for advice, who in lessons:
        told = [others for other, others in chosen if other.exercise == advice.exercise]
        # The same students at two checks of an exercise are one mistake with two symptoms.
        same = any(len(who & others) > _SAME * len(who | others) for others in told)
        if not same and len(told) < max(2, math.ceil(5 / len(exercises))):
            chosen.append((advice, who))
    broken = sum(standing.broken for standing in numbers.values())
    first = [Advice(broken, len(marks), "The judge could not finish: have these judged again.")] if broken else []
    last = _absence(list(numbers.values()))
    found = [*first, *(advice for advice, _ in chosen[: 5 - len(first) - len(last)]), *last]
    return found + _praise(list(numbers.values()))[: max(3 - len(found), 0)]


def _lesson(item: Item, known: Misconception | None, graded: int) -> tuple[Advice, tuple[Student, ...]]:
    """What to say of a check, and the students it is about."""
    failed = len(item.failed)
    if known and len(known.students) * 3 >= failed * 2:
        others = failed - len(known.students)
        what = known.claim + (
            f" {others} more fail{'s' * (others == 1)} the same check in another way." if others else ""
        )
        return Advice(len(known.students), graded, what, item.exercise, item.check), known.students
    what = f"“{(item.sentence or item.check).rstrip('.')}” fails" + (
        f", mostly with: {item.mostly.rstrip('.')}." if item.mostly else "."
    )
    if known:
        what += f" For {len(known.students)} of them: {known.claim[0].lower()}{known.claim[1:]}"
    if item.blocked:
        what += f" {item.blocked} more never got that far."
    return Advice(failed, graded, what, item.exercise, item.check), item.failed


def _absence(numbers: Sequence[Standing]) -> list[Advice]:
    """The exercise that most have not handed in, where that is a quarter of the class and not all of it."""
    found = []
    for one in numbers:
        students = one.graded + one.missing + one.waiting + one.refused + one.broken
        if max(2, students / 4) <= one.missing < students:
            found.append(Advice(one.missing, students, "Nothing was handed in.", one.exercise))
    return sorted(found, key=lambda advice: -advice.count)[:1]


def _praise(numbers: Sequence[Standing]) -> list[Advice]:
    """The exercises that nearly all who handed in have in full, the best first."""
    fine = [one for one in numbers if one.graded and one.passed >= 0.8 * one.graded]
    fine.sort(key=lambda one: -one.passed / one.graded)
    return [Advice(one.passed, one.graded, "All points: no need to repeat it.", one.exercise) for one in fine]


def _judged(marks: Sequence[Mark], exercise: str) -> list[tuple[Student, tuple[Checked, ...]]]:
    return [(mark.student, checked(mark)) for mark in marks if mark.exercise == exercise and mark.state == "graded"]
