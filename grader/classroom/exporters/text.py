"""Cells, numbers and names that are safe to open: nothing a person typed becomes a formula, a command or a path."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

LIMIT = 1000  # characters of a cell; a spreadsheet shows no more, and one may be ten megabytes long

# Whole escape sequences first: without its ESC, the rest of one would stay as rubbish.
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, the bidirectional overrides and isolates, the byte order mark, and what XML cannot say.
_REMOVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# What begins a formula, and the fullwidth, small, raised and lowered forms that some programs read alike.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\u2212"
_FORMULA = re.compile(f"[\t\r]|\\s*[{_SIGNS}]")
# Where the semicolon separates cells, a sign behind one begins a cell as well, quoted or not.
SPLIT = re.compile(f";(?=[{_SIGNS}])")
_HARMLESS = re.compile(r"-|[-+]?\d+(?:[.,]\d+)?%?")

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def clean(text: str, limit: int = LIMIT, *, lines: bool = False) -> str:
    """``text`` of a person without control characters, at most ``limit`` characters long.

    It becomes one line unless ``lines``. What is cut ends in ``…``.
    """
    # No more is looked at than could be shown: the rest of ten megabytes is not worth a pass.
    start = text[: limit * 8]
    start = _BREAK.sub("\n", _SEQUENCE.sub("", start))
    start = _SURROGATE.sub("\ufffd", _REMOVED.sub("", start)).replace("\t", " ")
    start = start.strip() if lines else " ".join(start.split())
    return _cut(start, limit, more=len(text) > limit * 8)


def cell(text: str) -> str:
    """``text`` of a person as a cell: clean, on one line, and no formula."""
    return _cut(SPLIT.sub(";'", defused(clean(text))), LIMIT)


def defused(text: str) -> str:
    """With an apostrophe before what would begin a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def kept(text: str) -> str:
    """A cell of somebody's template: as it is, except that numbers and a lone dash may begin with a sign.

    Everything else is defused as ours is. It is never cut, since the other system wants it back.
    """
    text = _REMOVED.sub("", text)
    if not _HARMLESS.fullmatch(text.strip()):
        text = defused(text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def number(value: float) -> str:
    """At most two decimals and none that are not needed: ``7``, ``6.5``. What is no number is an empty cell."""
    if not math.isfinite(value) or abs(value) >= 10**15:
        return ""
    # Half a hundredth goes up, as people and Canvas do it; a format would go to the even one.
    text = f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain(value: float) -> float:
    """The same for JSON: whole numbers are integers, and what is no number is 0."""
    text = number(value) or "0"
    return float(text) if "." in text else int(text)


def safe_names(ids: Iterable[str]) -> dict[str, str]:
    """For each id the name of a file or folder: letters, digits and ``._-`` only, and no two alike.

    An id that had to be changed carries a part of its hash, so that its name is the same whoever
    else is in the class. Names that differ in case only would be one on many disks.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for id_ in sorted(set(ids)):
        name = _safe(id_)
        mark = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        tries = [name] if name == id_ else []
        tries.append(f"{name}-{mark}")
        tries.extend(f"{name}-{mark}-{n}" for n in range(2, 3 + len(taken)))
        names[id_] = next(t for t in tries if t.casefold() not in taken)
        taken.add(names[id_].casefold())
    return names


def _safe(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "_", text[:80]).lstrip(".").rstrip(".")
    return f"_{name}" if not name or name.startswith("-") or _RESERVED.fullmatch(name) else name


def _cut(text: str, limit: int, *, more: bool = False) -> str:
    if len(text) > limit or more:
        return text[: limit - 1] + "…"
    return text
