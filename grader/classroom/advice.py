"""What an instructor should know first: three to five sentences, made of a class in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.classroom.insight import Assignment, Item, Misconception, Standing, items, misconceptions, standings
from grader.classroom.model import Mark, Student

# Two failures that have more than this part of their students in common are told as one.
_SAME = 0.7


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
