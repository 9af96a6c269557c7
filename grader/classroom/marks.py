"""From submissions, verdicts and decisions to marks: which attempt counts, and what lateness costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from grader.classroom.gradebook import Gradebook
from grader.classroom.model import LateRule, Mark, Student, Verdict
from grader.errors import UsageError

DUE, RULE, COUNTS, TITLE = "due", "late", "counts", "title"
# Which of several attempts counts: the last one, or the one with the most points after lateness.
WAYS = ("last", "best")


def marks(gradebook: Gradebook, exercises: Sequence[tuple[str, str, int]]) -> list[Mark]:
    """One for each student and exercise, by student and in the course's order. ``exercises``: id, title, points."""
    attempts, verdicts, decided = gradebook.attempts(), gradebook.verdicts(), gradebook.decided()
    rule, counts = late_rule(gradebook), counting(gradebook)
    dates = {name: due(gradebook, name) for name, _, _ in exercises}
    found = []
    for student in gradebook.students():
        for name, _, possible in exercises:
            rows, decision = attempts.get((student.id, name), []), decided.get((student.id, name), {})
            extension = timedelta(hours=decision.get("extension") or 0)
            each = [
                _mark(student, row, verdicts.get((row["digest"], name)), late_by(row, dates[name], extension), rule)
                for row in rows
            ]
            chosen = _chosen(each, counts) or Mark(student, name, "missing", possible=possible)
            found.append(_decided(chosen, decision, len(rows)))
    return found


def late_by(row: Mapping[str, Any], due: datetime | None, extension: timedelta) -> timedelta:
    """How late a row of ``submissions`` is: by the class's own date if there is one, else by what its source says."""
    if due is not None and row["submitted"]:
        return max(timedelta(0), datetime.fromisoformat(row["submitted"]) - due - extension)
    if row["late_seconds"] is not None:
        return max(timedelta(0), timedelta(seconds=row["late_seconds"]) - extension)
    return timedelta(0)


def _mark(
    student: Student, row: Mapping[str, Any], verdict: tuple[str, Verdict] | None, late: timedelta, rule: LateRule
) -> Mark:
    submitted = datetime.fromisoformat(row["submitted"]) if row["submitted"] else None
    common = {"student": student, "exercise": row["exercise"], "late": late, "digest": row["digest"]}
    if verdict is None:
        return Mark(**common, state="waiting", submitted=submitted)
    judged = verdict[1]
    return Mark(
        **common,
        state=judged.state,
        submitted=submitted,
        earned=judged.earned,
        points=judged.earned * share(late, rule),
        possible=judged.possible,
        note=judged.note,
        report=judged.document or {},
    )


def _chosen(each: Sequence[Mark], counts: str) -> Mark | None:
    if not each:
        return None
    # Of equally good attempts the first: it is the least late.
    return max(each, key=lambda mark: mark.points) if counts == "best" else each[-1]


def _decided(mark: Mark, decision: Mapping[str, Any], attempts: int) -> Mark:
    points = decision.get("points")
    return Mark(
        **{name: getattr(mark, name) for name in mark.__dataclass_fields__}
        | {
            "attempts": attempts,
            "comment": decision.get("comment") or "",
            "overridden": points is not None,
            "points": mark.points if points is None else float(points),
        }
    )


def share(late: timedelta, rule: LateRule) -> float:
    """What is left of the points, 0 to 1."""
    over = late - rule.grace
    if over <= timedelta(0):
        return 1.0
    days = math.ceil(over / timedelta(days=1))
    if rule.most is not None and days > rule.most:
        return 0.0
    return max(0.0, 1 - rule.percent / 100 * days)


def late_rule(gradebook: Gradebook) -> LateRule:
    """The rule of the class; without one lateness is told and costs nothing."""
    kept = gradebook.get(RULE)
    if not kept:
        return LateRule()
    return LateRule(kept["percent"], timedelta(seconds=kept["grace"]), kept["most"])


def set_late_rule(gradebook: Gradebook, rule: LateRule) -> None:
    """Keep it. Raises UsageError for one that makes no sense."""
    if not 0 <= rule.percent <= 100 or rule.grace < timedelta(0) or (rule.most is not None and rule.most < 0):
        raise UsageError(
            "lateness costs 0 to 100 percent a day, after no hours or more, and ends after no days or more"
        )
    gradebook.set(RULE, asdict(rule) | {"grace": rule.grace.total_seconds()})


def counting(gradebook: Gradebook) -> str:
    """Which of several attempts counts: one of WAYS."""
    return str(gradebook.get(COUNTS) or WAYS[0])


def title(gradebook: Gradebook) -> str:
    """The name of the class."""
    return str(gradebook.get(TITLE) or "The class")


def due(gradebook: Gradebook, exercise: str) -> datetime | None:
    """When an exercise is due, if the class says so."""
    kept = gradebook.get(f"{DUE}:{exercise}")
    return datetime.fromisoformat(kept) if kept else None


def set_due(gradebook: Gradebook, exercise: str, when: datetime | None) -> None:
    """Keep a date with its zone, or forget it."""
    gradebook.set(f"{DUE}:{exercise}", when.isoformat() if when else None)
