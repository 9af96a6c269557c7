"""Figures in the prose of documentation: what was counted or measured comes from docs/figures.json, by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from tests.conftest import REPOSITORY
from tests.markdown import Page
from tests.pages import Found

_DOCS = REPOSITORY / "docs"
_FIGURES = _DOCS / "figures.json"
# These are written by a command, from what was measured.
WRITTEN = frozenset(_DOCS / name for name in ("attacks.md", "benchmarks.md", "chat-under-load.md"))

_DIGITS = r"\d+(?:[.,\u2009\u202f]\d+)*"
_TENS = r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPELLED = (
    rf"(?:(?:{_TENS}|a|two|three|four|five|six|seven|eight|nine)[ -])?(?:hundred|thousand|dozen)|(?:{_TENS})(?:-\w+)?"
)
_SPELLED += r"|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_COUNTED = (
    r"(?:(?:wrong|other|right|small|known|generated|different|numbered|hostile|written|more|of)\s+){0,2}"
    r"(?:exercises?|labs?|lessons?|notebooks?|checks?|attacks?|forgeries|tests?|mistakes?|misconceptions?|solutions?"
    r"|mutants?|stages?|topics?|roadmaps?|(?:students?|submissions?|learners?|programs?)\s+(?:a|per|each)\s+minute)\b"
)
_UNITS = r"(?:ms|µs|milliseconds?|microseconds?|[kKMG]i?B|megabytes?|kilobytes?|gigabytes?|per\s?cent)\b|%|×"
_FASTER = r"times\s+(?:as|faster|slower|longer|quicker|less|more|the)\b"
_TIME = r"(?:s|seconds?|minutes?)\b"

_NUMBER = rf"(?<![\w.,#/:-])(?P<number>{_DIGITS}|{_SPELLED})"
_COUNT = re.compile(rf"{_NUMBER}(?:\s|-)*(?:{_COUNTED}|{_UNITS}|{_FASTER})", re.IGNORECASE)
_AFTER = re.compile(rf"\b{_COUNTED}\s*[:=(]\s*{_DIGITS}(?!\w|\.\d)")
_DURATION = re.compile(rf"{_NUMBER}(?:\s|-)*{_TIME}", re.IGNORECASE)
_MEASURING = re.compile(
    r"\b(?:measured|measurements?|benchmarks?|took|takes|median|average|typically|faster|slower|quick(?:er|ly)?)\b",
    re.IGNORECASE,
)
# "at least five wrong solutions" and "512 MB at most" are limits of the design, and stand in code.
_LIMIT_BEFORE = re.compile(
    r"(?:\bat (?:least|most)|\bup to|\bfewer than|\bless than|\bno (?:more|longer|fewer) than|\bwithin|\bbelow|\bunder"
    r"|\blimit(?:ed)? (?:of|to|is)|\blimits? (?:it )?(?:of|to|at|is)|\bdefaults? (?:of|to|is)|\bminimum of|\bmaximum of)\s+$",
    re.IGNORECASE,
)
_LIMIT_AFTER = re.compile(r"[^.\n]{0,12}\b(?:at (?:most|least)|by default|or (?:more|fewer|less))\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n|](?:(?!\n\s*\n|[.!?](?:\s|$)|\|)[\s\S])*")
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
# On the first page the site draws the stages here.
_DRAWN = (_DOCS / "index.md", "path")


@cache
def known() -> frozenset[str] | None:
    """The names in docs/figures.json; None as long as it is not written."""
    return frozenset(json.loads(_FIGURES.read_text(encoding="utf-8"))) if _FIGURES.exists() else None


def figures(page: Page) -> Iterator[Found]:
    """No figure in the prose of a page of docs/ that somebody wrote by hand, except by its name.

    Pages that a command writes hold what was measured. Decisions (docs/decisions/) are records with a date: what
    they say was measured then, and stays.
    """
    if not page.path.is_relative_to(_DOCS) or page.path.is_relative_to(_DOCS / "decisions") or page.path in WRITTEN:
        return
    for pattern in (_COUNT, _AFTER):
        for line, found in page.matches(pattern):
            if not _is_limit(page.words, found):
                yield line, f"'{' '.join(found[0].split())}' is a figure; say {{{{ name }}}}, or say it as a limit"
    for line, found in page.matches(_DURATION):
        measured = any(
            sentence.start() <= found.start() < sentence.end() and _MEASURING.search(sentence[0])
            for sentence in _SENTENCE.finditer(page.words)
        )
        if measured and not _is_limit(page.words, found):
            yield line, f"'{' '.join(found[0].split())}' was measured; say {{{{ name }}}}"


def _is_limit(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - 40) : found.start()]
    return bool(_LIMIT_BEFORE.search(before) or _LIMIT_AFTER.match(text, found.end()))


def placeholders(page: Page) -> Iterator[Found]:
    """Each ``{{ name }}`` is a figure that there is."""
    for line, found in page.matches(_PLACEHOLDER):
        name = found[1].strip()
        if (page.path, name) == _DRAWN:
            continue
        if not re.fullmatch(r"[a-z]+(?:[._][a-z]+)+", name):
            yield line, f"{found[0]} is no name of a figure, such as {{{{ course.exercises }}}}"
        elif (names := known()) is not None and name not in names:
            yield line, f"docs/figures.json has no '{name}'"
