"""Reports as text: what is shown, at every width, with and without colour and Unicode."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.model import Check, CheckResult, Exercise, Level, Limits, Outcome, Report
from grader.render import text
from grader.render.style import Style


def check(name: str, task: int, after: tuple[str, ...] = ()) -> Check:
    return Check(name, f"test_{name}", f"The {name} holds", task, 1, after, False, Path("t.py"), 1)


def report(*results: CheckResult, **changes: Any) -> Report:
    exercise = Exercise(
        "notes", "01-x", "Notes, a title long enough to be cut when the terminal is narrow", Level.EASY, 5, (), "", (),
        ("*",), (), Limits(), Path("x"), tuple(result.check for result in results),
    )  # fmt: skip
    return replace(Report(exercise, Path("work/notes"), "5c1e", "sandbox", results, 0.214), **changes)


def shown(report: Report, **style: Any) -> str:
    return text.report(report, replace(Style(), **style), folder="work/notes", command="grader")


MIXED = report(
    CheckResult(check("first", 1), Outcome.PASSED),
    CheckResult(
        check("second", 2),
        Outcome.FAILED,
        "expected 201, got 200",
        tuple(f'POST /notes {{"title": "{"word " * 30}{n}"}} → 200 {{"id": {n}}}' for n in range(9)),
        "app.py:12",
    ),
    CheckResult(check("third", 3, ("second",)), Outcome.BLOCKED, blocked_by=("second",)),
    CheckResult(check("fourth", 3, ("third",)), Outcome.BLOCKED, blocked_by=("third",)),
    CheckResult(check("fifth", 4), Outcome.CRASHED, "your program ended", log=("Traceback", "boom")),
)


def test_a_failure_says_task_transcript_expectation_and_place() -> None:
    """What was sent, what came back, what was expected, and the learner's own line."""
    out = shown(MIXED)
    for words in ("1 of 5 · 20 %", "task 2", "… 3 earlier", "expected 201, got 200", "at work/notes/app.py:12"):
        assert words in out
    assert "Your program crashed." in out and "boom" in out
    assert out.endswith("0.21 s · seed 5c1e · grader hint notes 2")


def test_one_cause_shows_as_one_failure() -> None:
    """Checks that wait are counted under the task that would free them, through any number of steps."""
    out = shown(MIXED)
    assert "2 checks wait for task 2" in out
    assert "The third holds" not in out


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """At any width, lines are wrapped or cut, never run over."""
    assert max(map(len, shown(MIXED, width=width).splitlines())) <= width


def test_wide_characters_take_two_columns() -> None:
    """A line of Japanese or emoji is cut where the terminal's columns end, not its characters."""
    results = [CheckResult(check("a", 1), Outcome.FAILED, "no", ("GET /" + "日本🙂" * 40 + " → 200 " + "語" * 90,))]
    lines = [line for line in shown(report(*results)).splitlines() if "日本" in line or "語" in line]
    assert len(lines) == 2
    for line in lines:
        assert 78 <= len(line) + sum(c in "日本🙂語" for c in line) <= 80


def test_without_colour_there_is_no_escape() -> None:
    """And with it there is; the words are the same."""
    coloured = shown(MIXED, colour=True)
    assert "\x1b[" in coloured
    assert "\x1b" not in shown(MIXED)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    """Symbols become signs every terminal has."""
    assert shown(MIXED, unicode=False).isascii()
    assert "  + The first holds" in shown(MIXED, unicode=False)


def test_almost_everything_is_not_a_hundred_percent() -> None:
    """Rounding never says 100 % before it is true."""
    results = [CheckResult(check(f"n{n}", 1), Outcome.PASSED) for n in range(399)]
    assert "399 of 400 · 99 %" in shown(report(*results, CheckResult(check("last", 1), Outcome.FAILED, "no")))


def test_a_fault_of_the_judge_is_not_put_on_the_learner() -> None:
    """Broken and unfinished reports say that it is not their fault."""
    broken = report(CheckResult(check("first", 1), Outcome.BROKEN, "the check itself failed"))
    assert "not yours" in shown(broken)
    unfinished = report(CheckResult(check("first", 1), Outcome.NOT_RUN), incomplete=True, notes=("the judge stopped",))
    assert "not your fault" in shown(unfinished) and "1 check was not judged" in shown(unfinished)


def test_control_characters_of_a_program_cannot_reach_the_terminal() -> None:
    """What a program sends is escaped before it is kept."""
    from grader.checker.transcript import printable

    assert printable("\x1b[2Jgone\x07\r\n\xff\u202e\x9b31m").isprintable()
    assert printable("a" * 500, 20) == "a" * 19 + "…"


def test_a_body_that_says_a_name_twice_is_shown_as_it_was_sent() -> None:
    """Written anew, one of the two would be gone, and with it what the failure is about."""
    from grader.checker.transcript import body

    assert body(b'{"title":  "a", "title": "b"}') == '{"title":  "a", "title": "b"}'
    assert body(b'{"title":  "\\u00e9"}') == '{"title": "é"}'
