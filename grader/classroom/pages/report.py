"""The instructor's page: what to repeat first, the class at a glance, and what stands behind both."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from grader.classroom import advice, insight
from grader.classroom.insight import Assignment, Item, Misconception, Standing
from grader.classroom.model import Mark
from grader.classroom.pages import charts
from grader.classroom.pages.page import NAME, count, number, plain, rendered, span
from grader.classroom.pages.people import names_of, people
from grader.classroom.similarity import Match, Pair, gathered, lines

# By exercise, by student, by name: what was handed in.
Sources = Mapping[str, Mapping[str, Mapping[str, bytes]]]

# A page is read, not searched: what is beyond these is told in a number.
_SHOWN, _MORE_CHECKS, _MISTAKES, _NOTES, _PAIRS = 12, 200, 60, 200, 20
# Of a pair: stretches, lines of each, characters of a line and of a side.
_PARTS, _LINES, _COLUMNS, _CODE = 10, 150, 160, 12_000

_STATES = {
    "missing": ("–", "missing"),
    "waiting": ("…", "waiting to be judged"),
    "refused": ("×", "refused"),
    "broken": ("!", "the judge could not finish"),
}
_LATE = Markup('<sup>L<i class="sr">ate</i></sup>')
_DECIDED = Markup('<sup>*<i class="sr"> set by the instructor</i></sup>')
_WHY = {"nobody": "Nobody passes", "weak": "Those with many points fail it as often as those with few"}


@dataclass(frozen=True)
class _Exercise:
    """A row of the exercises, in words."""

    number: int
    id: str
    title: str
    possible: int
    chart: Markup
    median: str
    passed: int
    graded: int
    missing: int
    waiting: int
    refused: int
    broken: int
    late: str
    attempts: str


def report(
    marks: Sequence[Mark],
    exercises: Sequence[Assignment],
    *,
    title: str,
    when: datetime,
    pairs: Mapping[str, Sequence[Pair]] | None = None,
    sources: Sources | None = None,
    submissions_per_hour: Mapping[datetime, int] | None = None,
) -> str:
    """One HTML page about a class. The same arguments give the same bytes.

    ``marks`` holds one per student and exercise. ``pairs`` are the alike ones of each exercise by its
    id, keyed by student id, and ``sources`` the files they were found in. ``submissions_per_hour``
    counts what came in each hour, by its beginning; without it the moments of the marks are counted.
    """
    numbers = insight.standings(marks, exercises)
    rows = {one.exercise: _exercise(at, one) for at, one in enumerate(numbers, 1)}
    names = names_of(marks)
    items = insight.items(marks, exercises)
    failing = [_check(item, rows) for item in items if item.failed]
    sentences = {(item.exercise, item.check): item.sentence for item in items}
    mistakes = insight.misconceptions(marks, exercises)
    mistaken = [_mistake(one, rows, names) for one in mistakes[:_MISTAKES]]
    weak = [_weak(item, rows) for item in items if item.doubt in _WHY]
    alike = [
        (pair, others, exercise)
        for exercise, found in (pairs or {}).items()
        if exercise in rows
        for pair, others in gathered(found)
    ]
    alike.sort(key=lambda one: (-one[0].share, -len(one[1]), -one[0].shared, one[2], one[0].left, one[0].right))
    arrivals, words = charts.columns(
        submissions_per_hour if submissions_per_hour is not None else _per_hour(marks), "Submissions over time"
    )
    return rendered(
        "report.html",
        script="table.js",
        title=title,
        when=f"{when:%Y-%m-%d %H:%M %Z}".strip(),
        contents=_contents(bool(arrivals)),
        students=len(names),
        totals=_totals(numbers),
        exercises=list(rows.values()),
        advice=[_advice(one, rows, sentences) for one in advice.reteach(marks, exercises)],
        symbols=[_STATES[state] for state in _STATES if any(mark.state == state for mark in marks)],
        rows=_map(marks, exercises, names),
        unjudged=_unjudged(marks, rows, names),
        failing=failing[:_SHOWN],
        failing_more=failing[_SHOWN : _SHOWN + _MORE_CHECKS],
        mistakes=mistaken[:_SHOWN],
        mistakes_more=mistaken[_SHOWN:],
        mistakes_left_out=len(mistakes[_MISTAKES:]),
        weak=weak[:_SHOWN],
        weak_more=weak[_SHOWN:],
        easy=[_weak(item, rows) for item in items if item.doubt == "everybody"],
        arrivals=arrivals,
        arrivals_words=words,
        pairs=[
            _pair(pair, others, rows[exercise], names, (sources or {}).get(exercise, {}))
            for pair, others, exercise in alike[:_PAIRS]
        ],
        pairs_more=len(alike[_PAIRS:]),
    )


def _contents(arrivals: bool) -> list[tuple[str, str]]:
    found = [("repeat", "Repeat first"), ("class", "The class"), ("exercises", "Exercises"), ("checks", "Checks")]
    found += [("mistakes", "Known mistakes"), ("weak", "Weak checks")]
    return found + [("arrivals", "When")] * arrivals + [("alike", "Alike")]


def _totals(numbers: Sequence[Standing]) -> dict[str, object]:
    sums = {name: sum(getattr(one, name) for one in numbers) for name in _STATES}
    graded = sum(one.graded for one in numbers)
    words = {"waiting": "waiting to be judged", "refused": "refused", "broken": "not finished by the judge"}
    return {
        "handed": graded + sums["waiting"] + sums["refused"] + sums["broken"],
        "cells": graded + sum(sums.values()),
        "possible": sum(one.possible for one in numbers),
        "open": [f"{sums[name]} {told}" for name, told in words.items() if sums[name]],
    }


def _exercise(at: int, one: Standing) -> _Exercise:
    late = f"{len(one.late)}, median {span(one.late[len(one.late) // 2])}" if one.late else "0"
    tries = f"median {number(statistics.median(one.attempts))}, most {one.attempts[-1]}" if one.attempts else "–"
    return _Exercise(
        at,
        one.exercise,
        one.title or one.exercise,
        one.possible,
        charts.histogram(one.points, one.possible, f"Points in {plain(one.title, NAME)}"),
        number(statistics.median(one.points)) if one.points else "–",
        one.passed,
        one.graded,
        one.missing,
        one.waiting,
        one.refused,
        one.broken,
        late,
        tries,
    )


def _map(marks: Sequence[Mark], exercises: Sequence[Assignment], names: Mapping[str, str]) -> list[dict[str, object]]:
    by_cell = {(mark.student.id, mark.exercise): mark for mark in marks}
    rows: list[dict[str, object]] = []
    for student, name in names.items():
        found = [by_cell.get((student, exercise)) for exercise, _, _ in exercises]
        cells = [_cell(mark, possible) for mark, (_, _, possible) in zip(found, exercises, strict=True)]
        rows.append({"name": name, "sum": number(math.fsum(mark.points for mark in found if mark)), "cells": cells})
    return rows


def _unjudged(
    marks: Sequence[Mark], rows: Mapping[str, _Exercise], names: Mapping[str, str]
) -> list[tuple[str, _Exercise, str]]:
    """Who handed in something that has no verdict, in which exercise, and why."""
    found = [mark for mark in marks if mark.state in {"refused", "broken"} and mark.exercise in rows]
    found.sort(key=lambda mark: (rows[mark.exercise].number, names[mark.student.id].casefold()))
    return [
        (names[mark.student.id], rows[mark.exercise], mark.note or _STATES[mark.state][1]) for mark in found[:_NOTES]
    ]


def _cell(mark: Mark | None, possible: int) -> dict[str, object]:
    state = mark.state if mark else "missing"
    flags = Markup("")
    if mark:
        flags = _LATE * (mark.late.total_seconds() > 0) + _DECIDED * mark.overridden
    if mark and (state == "graded" or mark.overridden):
        share = mark.points / possible if possible else 1.0
        kind = f"t{sum(share < step for step in (1, 0.75, 0.5, 0.25))}"
        return {"kind": kind, "body": Markup("{}{}").format(number(mark.points), flags)}
    sign, words = _STATES.get(state, ("?", state))
    body = Markup('<span aria-hidden="true">{}</span><i class="sr">{}</i>{}').format(sign, words, flags)
    return {"kind": "blank", "body": body}


def _advice(
    one: advice.Advice, rows: Mapping[str, _Exercise], sentences: Mapping[tuple[str, str], str]
) -> dict[str, object]:
    sentence = sentences.get((one.exercise, one.check), "")
    return {
        "count": one.count,
        "of": one.of,
        "what": one.what,
        "exercise": rows.get(one.exercise),
        # The sentence of the check stands below, unless it is what the advice says already.
        "sentence": "" if sentence.rstrip(".") in one.what else sentence,
        "weighty": bool(one.check),
    }


def _check(item: Item, rows: Mapping[str, _Exercise]) -> dict[str, object]:
    of = item.reached + item.blocked
    words = [f"{len(item.failed)} failed"]
    words += [f"{item.blocked} never got there"] * bool(item.blocked) + [f"{item.passed} passed"]
    parts = [("failed", len(item.failed)), ("blocked", item.blocked), ("passed", item.passed)]
    return {
        "failed": len(item.failed),
        "reached": item.reached,
        "sentence": item.sentence or item.check,
        "exercise": rows[item.exercise],
        "task": item.task,
        "check": item.check,
        "words": ", ".join(words),
        "chart": charts.bar(parts, of, plain(item.sentence, 200), f"Of {count(of, 'student')}: {', '.join(words)}"),
    }


def _mistake(one: Misconception, rows: Mapping[str, _Exercise], names: Mapping[str, str]) -> dict[str, object]:
    who = {"students": people(one.students, names), "many": len(one.students)}
    return vars(one) | who | {"claim": one.claim, "exercise": rows[one.exercise]}


def _weak(item: Item, rows: Mapping[str, _Exercise]) -> dict[str, object]:
    return {
        "sentence": item.sentence or item.check,
        "exercise": rows[item.exercise],
        "why": _WHY.get(item.doubt, ""),
        "reached": item.reached,
        "ease": round(100 * item.ease),
        "fit": "–" if item.discrimination is None else f"{item.discrimination:.2f}".replace("-", "−"),
    }


def _per_hour(marks: Sequence[Mark]) -> Counter[datetime]:
    moments = (mark.submitted for mark in marks if mark.submitted)
    utc = (when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC) for when in moments)
    return Counter(when.replace(minute=0, second=0, microsecond=0) for when in utc)


def _pair(
    pair: Pair,
    others: Sequence[str],
    exercise: _Exercise,
    names: Mapping[str, str],
    files: Mapping[str, Mapping[str, bytes]],
) -> dict[str, object]:
    left, right = files.get(pair.left, {}), files.get(pair.right, {})
    # The longest stretches say most; they are shown in the order of the file.
    longest = sorted(pair.matches, key=lambda match: match.left_lines[0] - match.left_lines[1])[:_PARTS]
    shown = [
        match for match in pair.matches if match in longest and match.left_file in left and match.right_file in right
    ]
    parts = [_part(match, left, right) for match in shown]
    room = _CODE
    kept: list[dict[str, dict[str, str]]] = []
    for part in parts:
        room -= max(len(part["left"]["code"]), len(part["right"]["code"]))
        if room >= 0 or not kept:
            kept.append(part)
    return {
        "left": names.get(pair.left, plain(pair.left, NAME)),
        "right": names.get(pair.right, plain(pair.right, NAME)),
        "others": [names.get(key, plain(key, NAME)) for key in others],
        "share": math.floor(100 * pair.share),
        "shared": pair.shared,
        "exercise": exercise,
        "parts": kept,
        "more": len(pair.matches) - len(kept) if kept else 0,
    }


def _part(match: Match, left: Mapping[str, bytes], right: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    sides = (("left", left, match.left_file, match.left_lines), ("right", right, match.right_file, match.right_lines))
    return {side: _code(name, files[name], span) for side, files, name, span in sides}


def _code(name: str, content: bytes, within: tuple[int, int]) -> dict[str, str]:
    first, last = within
    told = lines(content)[first - 1 : min(last, first - 1 + _LINES)]
    text = "\n".join(f"{at:4}  {plain(line, _COLUMNS)}" for at, line in enumerate(told, first))
    if last - first >= _LINES:
        text += f"\n      … {count(last - first + 1 - _LINES, 'more line')}"
    return {"where": f"{plain(name, NAME)}, lines {first} to {last}", "code": plain(text, _CODE)}
