"""A report the way a learner reads it in a terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable

from grader.model import Check, CheckResult, Outcome, Report
from grader.render.style import Style

_TRANSCRIPT_LINES = 6
_LOG_LINES = 6
_KINDS = {
    Outcome.CRASHED: "Your program crashed.",
    Outcome.TIMED_OUT: "Your program took too long.",
    Outcome.OUT_OF_MEMORY: "Your program ran out of memory.",
    Outcome.FORBIDDEN: "Your program tried something that the sandbox forbids.",
    Outcome.BROKEN: "This is a fault of the exercise, not yours. Please report it.",
}


def report(report: Report, style: Style, *, folder: str, command: str) -> str:
    """The whole report; ``folder`` is how to write the learner's, ``command`` how to call the grader."""
    blocks = [_header(report, style), ""]
    for result in report.results:
        if result.outcome is Outcome.BLOCKED or (result.outcome is Outcome.NOT_RUN and report.incomplete):
            continue
        if result.lacking:
            continue
        blocks += _result(result, style, folder)
    blocks += _lacking(report, style)
    blocks += _waiting(report, style)
    blocks += ["", *_notes(report, style)]
    facts = [f"{report.seconds:.2f} s", f"seed {report.seed}"]
    blocks += [style.paint(line, "dim") for line in _wrap(" · ".join([*facts, *_next(report, command)]), style, "  ")]
    return style.plain("\n".join(blocks))


def _header(report: Report, style: Style) -> str:
    name = f"{report.exercise.id} · {report.exercise.title}"
    passed = sum(result.outcome is Outcome.PASSED for result in report.results)
    share = round(100 * report.points / report.possible) if report.possible else 0
    # Rounding must never turn "not yet" into a hundred.
    share = share if report.passed else min(share, 99)
    score = f"{passed} of {len(report.results)} · {share} %"
    room = style.width - len(score) - 2
    name = _cut(name, max(room, 2))
    colour = "green" if report.passed else "yellow" if passed else "red"
    return style.paint(name, "bold") + " " * (style.width - len(name) - len(score)) + style.paint(score, colour)


def _result(result: CheckResult, style: Style, folder: str) -> Iterable[str]:
    passed = result.outcome is Outcome.PASSED
    tail = "" if passed else f"task {result.check.task}"
    lines = textwrap.wrap(result.check.sentence, style.width - 6 - len(tail)) or [""]
    padding = " " * (style.width - 4 - len(lines[0]) - len(tail)) if tail else ""
    yield f"  {style.symbol(result.outcome)} {lines[0]}{padding}{style.paint(tail, 'dim')}"
    yield from (f"    {line}" for line in lines[1:])
    if passed:
        return
    hidden = len(result.transcript) - _TRANSCRIPT_LINES
    if hidden > 0:
        yield style.paint(f"        … {hidden} earlier", "dim")
    for line in result.transcript[-_TRANSCRIPT_LINES:]:
        yield from (style.paint(part, "dim") for part in _exchange(line, style))
    if result.outcome in _KINDS:
        yield from (style.paint(part, "yellow") for part in _wrap(_KINDS[result.outcome], style, "      "))
    for paragraph in result.message.split("\n"):
        yield from _wrap(paragraph, style, "      ")
    if result.guess:
        yield from (style.paint(line, "cyan") for line in _wrap(result.guess, style, "      "))
    if result.where:
        yield style.paint(f"      at {folder}/{result.where}", "cyan")
    if result.log and "your program's log says" not in result.message:
        yield style.paint("      What it printed last:", "dim")
        for line in result.log[-_LOG_LINES:]:
            yield style.paint(f"        {line[: style.width - 8]}", "dim")


def _exchange(line: str, style: Style) -> Iterable[str]:
    """One exchange on one line, or what was sent above what came back; the whole is in --json."""
    room = style.width - 8
    if _cut(line, room) == line:
        yield f"        {line}"
        return
    sent, arrow, received = line.partition(" → ")
    yield f"        {_cut(sent, room)}"
    if arrow:
        yield f"          → {_cut(received, room - 4)}"


def _cut(text: str, room: int) -> str:
    """``text`` in at most ``room`` columns, of which a wide character takes two."""
    if len(text) * 2 <= room or sum(map(_columns, text)) <= room:
        return text
    kept, used = "", 1
    for character in text:
        used += _columns(character)
        if used > room:
            break
        kept += character
    return kept + "…"


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrap(text: str, style: Style, first: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        style.width,
        initial_indent=first,
        subsequent_indent=rest if rest is not None else first,
        break_on_hyphens=False,
    )


def _waiting(report: Report, style: Style) -> Iterable[str]:
    """Checks without ground, gathered under the task that would give it to them."""
    by_id = {result.check.id: result for result in report.results}
    waiting: dict[str, int] = {}
    for result in report.results:
        if result.outcome is Outcome.BLOCKED:
            cause = _cause(result, by_id)
            reason = f"wait for task {cause.task}" if cause else "wait for a program that starts"
            waiting[reason] = waiting.get(reason, 0) + 1
        elif result.outcome is Outcome.NOT_RUN and report.incomplete:
            waiting["were not judged"] = waiting.get("were not judged", 0) + 1
    for reason, count in waiting.items():
        words = reason.replace("wait ", "waits ").replace("were ", "was ") if count == 1 else reason
        yield f"  {style.symbol(Outcome.BLOCKED)} " + style.paint(f"{count} check{'s' * (count > 1)} {words}", "dim")


def _lacking(report: Report, style: Style) -> Iterable[str]:
    """Checks that this machine could not judge, gathered under what it lacks."""
    counts = Counter(result.message for result in report.results if result.lacking)
    for message, count in counts.items():
        checks = "1 check was" if count == 1 else f"{count} checks were"
        yield f"  {style.symbol(Outcome.NOT_RUN)} {style.paint(f'{checks} not judged on this machine:', 'yellow')}"
        for line in message.split("\n"):
            yield from _wrap(line, style, "      ")


def _cause(result: CheckResult, by_id: dict[str, CheckResult]) -> Check | None:
    seen = set()
    while result.outcome is Outcome.BLOCKED and result.blocked_by and result.check.id not in seen:
        seen.add(result.check.id)
        ground = by_id.get(result.blocked_by[0])
        if ground is None:
            return None
        result = ground
    return None if result.outcome is Outcome.BLOCKED else result.check


def _notes(report: Report, style: Style) -> Iterable[str]:
    for note in report.notes:
        yield from (style.paint(line, "yellow") for line in _wrap(note, style, "  "))


def _next(report: Report, command: str) -> list[str]:
    if report.incomplete or report.lacking:
        return ["not your fault", f"{command} doctor"]
    if report.passed:
        return [f"{command} check {report.exercise.id}" if report.partial else command]
    # Where one cause explains the rest, its task is the one to read about.
    for result in report.results:
        if result.outcome not in (Outcome.PASSED, Outcome.BLOCKED, Outcome.NOT_RUN, Outcome.BROKEN):
            return [f"{command} hint {report.exercise.id} {result.check.task}"]
    return []
