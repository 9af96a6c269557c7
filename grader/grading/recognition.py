"""Guessing which known mistake a report shows: by how checks fail, never by the code.

A guess stands beside a failure and changes no verdict. It is made only where one known
mistake, and no other, explains the failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from grader.course.signatures import Signature, Signatures, Symptom, Template
from grader.model import CheckResult, Outcome, Report

# Failures of the learner's own; what was blocked or never ran shows nothing.
TELLING = frozenset(
    {Outcome.FAILED, Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.FORBIDDEN},
)
# How the text of every wrong solution begins.
AUTHOR = "The author "
# Bytes, cut short or not, and moments are one word each: what is in them is never the same twice,
# but the parts of a moment are the same all day.
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:[\d:.]*\d(?:Z|[+-]\d\d:\d\d)?"
_HTTP = r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
_MOMENT = f"{_ISO}|{_HTTP}"
_WORD = re.compile(_MOMENT + r"""|b'(?:\\.|[^'\\…])*['…]|b"(?:\\.|[^"\\…])*["…]|\w+(?:[.-]\w+)*|[^\w\s]""")
_MOST_WORDS = 400


def recognise(report: Report, signatures: Signatures) -> Report:
    """The same report, with a ``guess`` at each failure that exactly one known mistake explains."""
    failures = {result.check.id: result for result in report.results if result.outcome in TELLING}
    guesses = {mistake.check: _in_words(mistake) for mistake in guessed(failures, signatures)}
    if not guesses:
        return report
    results = tuple(
        replace(r, guess=guesses[r.check.id]) if r.check.id in guesses and r.check.id in failures else r
        for r in report.results
    )
    return replace(report, results=results)


def guessed(failures: Mapping[str, CheckResult], signatures: Signatures) -> list[Signature]:
    """The mistakes that explain these failures, no two of them the same failure."""
    fitting = [mistake for mistake in signatures.mistakes if fits(mistake, failures)]
    beaten = {name for mistake in fitting for name in mistake.beats}
    untouched = {check for check, symptom in signatures.untouched if shows(symptom, failures.get(check))}
    left = [mistake for mistake in fitting if mistake.name not in beaten]
    return [
        mistake
        for mistake in left
        if mistake.check not in untouched
        and not any(other.symptoms.keys() & mistake.symptoms.keys() for other in left if other is not mistake)
    ]


def fits(mistake: Signature, failures: Mapping[str, CheckResult]) -> bool:
    """Every symptom of the mistake is there; other failures may be, too."""
    return mistake.check in mistake.symptoms and all(
        shows(symptom, failures.get(check)) for check, symptom in mistake.symptoms.items()
    )


def shows(symptom: Symptom, result: CheckResult | None) -> bool:
    """Whether a check failed in this way."""
    if result is None or result.outcome is not symptom.outcome:
        return False
    return _match(symptom.template, numbered(words(result.message), symptom.constant))


def words(message: str) -> list[str]:
    """Words and punctuation marks; a number with dots, a word with hyphens or a moment is one word."""
    return _WORD.findall(message)[:_MOST_WORDS]


def numbered(found: Iterable[str], constant: frozenset[str]) -> list[str | int]:
    """Words that are not constant replaced by the number of their first appearance."""
    numbers: dict[str, int] = {}
    return [word if word in constant else numbers.setdefault(word, len(numbers)) for word in found]


def _in_words(mistake: Signature) -> str:
    # A wrong solution's text speaks of its author; what is known here is the program.
    return f"It looks like your program {mistake.misconception.removeprefix(AUTHOR)}"


def stretches(template: Template) -> list[list[str | int]]:
    """The words between the gaps of a template: one stretch more than there are gaps."""
    found: list[list[str | int]] = [[]]
    for word in template:
        if word is None:
            found.append([])
        else:
            found[-1].append(word)
    return found


def _match(template: Template, found: Sequence[str | int]) -> bool:
    """Stretches between gaps have to stand in this order, the first and the last at the ends."""
    first, *between = stretches(template)
    if not between:
        return list(found) == first
    last = between.pop()
    position, end = len(first), len(found) - len(last)
    if position > end or list(found[:position]) != first or list(found[end:]) != last:
        return False
    for stretch in between:
        while position + len(stretch) <= end and list(found[position : position + len(stretch)]) != stretch:
            position += 1
        position += len(stretch)
        if position > end:
            return False
    return True
