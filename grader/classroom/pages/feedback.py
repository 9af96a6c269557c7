"""The student's page: points and why, every check in words, and what to do next. Nothing of anybody else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from grader.classroom.insight import Assignment
from grader.classroom.model import Mark
from grader.classroom.pages.page import NAME, SENTENCE, count, number, plain, rendered, span
from grader.classroom.reported import Checked, checked
from grader.grading.recognition import TELLING
from grader.model import Outcome

_OUTCOMES = {
    Outcome.PASSED: ("right", "✓", "holds"),
    Outcome.FAILED: ("wrong", "✗", "does not hold yet"),
    Outcome.CRASHED: ("wrong", "✗", "your program crashed"),
    Outcome.TIMED_OUT: ("wrong", "✗", "your program took too long"),
    Outcome.OUT_OF_MEMORY: ("wrong", "✗", "your program ran out of memory"),
    Outcome.FORBIDDEN: ("wrong", "✗", "your program tried something forbidden"),
    Outcome.BLOCKED: ("waits", "◦", "not tried yet"),
    Outcome.NOT_RUN: ("waits", "◦", "not judged"),
    Outcome.BROKEN: ("waits", "!", "could not be judged, which is not your fault"),
}
_STATES = {
    "missing": "Nothing was handed in.",
    "waiting": "Handed in, and not judged yet.",
    "refused": "What you handed in could not be judged.",
    "broken": "The judge could not finish. That is not your fault.",
}
_NEXT = {
    "missing": "hand something in; half a program earns points, too.",
    "waiting": "nothing to do, it will be judged.",
    "refused": "read below why, and hand in again.",
    "broken": "nothing to do, it will be judged again.",
}


def feedback(student_marks: Sequence[Mark], exercises: Sequence[Assignment], *, title: str) -> str:
    """One HTML page for one student. The same arguments give the same bytes.

    Raises ValueError if the marks are of more than one student: nobody may read of others.
    """
    students = {mark.student.id: mark.student for mark in student_marks}
    if len(students) > 1:
        raise ValueError("a student's page is made of the marks of one student")
    student = next(iter(students.values()), None)
    marks = {mark.exercise: mark for mark in student_marks}
    found = [(marks.get(id), (id, name, possible)) for id, name, possible in exercises]  # noqa: A001
    return rendered(
        "feedback.html",
        title=title,
        name=plain(student.name or student.id, NAME) if student else "",
        sum=number(math.fsum(mark.points for mark, _ in found if mark)),
        possible=sum(possible for _, (_, _, possible) in found),
        parts=[_part(at, mark, exercise) for at, (mark, exercise) in enumerate(found, 1)],
        steps=[step for at, (mark, exercise) in enumerate(found, 1) if (step := _step(at, mark, exercise))],
    )


def _part(at: int, mark: Mark | None, exercise: Assignment) -> dict[str, object]:
    found = checked(mark) if mark else ()
    by_id = {check.id: check for check in found}
    return {
        "number": at,
        "id": exercise[0],
        "title": exercise[1] or exercise[0],
        "points": number(mark.points if mark else 0),
        "possible": exercise[2],
        "lines": _lines(mark) if mark else [_STATES["missing"]],
        "comment": mark.comment if mark else "",
        "checks": [_check(check, by_id) for check in found],
    }


def _lines(mark: Mark) -> list[str]:
    """What became of the exercise, and how its points came to be."""
    told = [] if mark.state == "graded" else [_STATES.get(mark.state, "")]
    if mark.note:
        told.append(mark.note)
    late = f"It came {span(mark.late)} late" if mark.late > timedelta(0) else ""
    earned, counting = _points(mark.earned), number(mark.points)
    if mark.overridden:
        told += [f"Your instructor decided on {_points(mark.points)}; the checks alone gave {number(mark.earned)}."]
        told += [f"{late}."] * bool(late)
    elif late and mark.state == "graded":
        lost = mark.earned - mark.points
        cost = f"which costs {number(lost)}: {counting} count" if lost > 0 else "which costs nothing"
        told.append(f"The checks gave {earned}. {late}, {cost}.")
    if mark.attempts > 1:
        told.append(f"Of your {count(mark.attempts, 'attempt')} this one counts.")
    return told


def _points(value: float) -> str:
    return f"{number(value)} point{'s' * (value != 1)}"


def _check(check: Checked, by_id: Mapping[str, Checked]) -> dict[str, object]:
    kind, sign, words = _OUTCOMES.get(check.outcome, ("waits", "?", check.outcome))  # type: ignore[call-overload]
    if check.outcome == Outcome.BLOCKED:
        grounds = [by_id[name].sentence for name in check.blocked_by if name in by_id]
        if grounds:
            words = f"waits for “{plain(grounds[0], SENTENCE)}”"
    passed = check.outcome == Outcome.PASSED
    return {
        "kind": kind,
        "sign": sign,
        "words": words,
        "sentence": check.sentence or check.id,
        "message": "" if passed else check.message,
        "guess": "" if passed else check.guess,
        "where": "" if passed else check.where,
        "transcript": () if passed else check.transcript,
        "log": () if passed else check.log,
    }


def _step(at: int, mark: Mark | None, exercise: Assignment) -> dict[str, object] | None:
    """The one thing to do next in an exercise, if there is any."""
    step: dict[str, object] = {"number": at, "title": exercise[1] or exercise[0], "command": ""}
    if mark is None or mark.state != "graded":
        return step | {"words": _NEXT.get(mark.state if mark else "missing", "ask your instructor.")}
    found = checked(mark)
    first = next((check for check in found if check.outcome in TELLING), None)
    if first is None:
        return None
    waiting = sum(check.outcome == Outcome.BLOCKED for check in found)
    words = f"begin with task {first.task}, “{first.sentence.rstrip('.')}”."
    if waiting:
        words += f" {count(waiting, 'check')} wait{'s' * (waiting == 1)} for something like it."
    return step | {"words": words, "command": f"grader hint {exercise[0]} {first.task}"}
