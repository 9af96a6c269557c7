"""What was said between a check and the program, kept so that the learner can read it."""

from __future__ import annotations

import json
import re
import threading
import unicodedata

_LINES_KEPT = 200
# Only its beginning is shown, so more is not worth reading.
_LARGEST_JSON = 64 * 1024
ARROW = " → "
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Transcript:
    """The exchanges of one check, one line each, oldest first."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        # Events of a connection arrive in a thread of their own.
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget everything: a new check begins."""
        self._lines.clear()

    def sent(self, text: str) -> int:
        """Note what is being sent; returns the number that :meth:`received` wants."""
        with self._lock:
            self._lines.append(text)
            return len(self._lines) - 1

    def received(self, number: int, text: str) -> None:
        """Note what came back for line ``number``."""
        if number < len(self._lines):
            self._lines[number] += ARROW + text

    def ends_well(self) -> bool:
        """Whether the last answer was an HTTP status below 500."""
        last = self._lines[-1] if self._lines else ""
        return re.match(r"[1-4]\d\d\b", last.rpartition(ARROW)[2]) is not None

    def lines(self) -> list[str]:
        """At most 200 lines: the first of a long check say less than the last."""
        return self._lines[-_LINES_KEPT:]


def printable(data: bytes | str, limit: int = 160) -> str:
    """Bytes or text as one line that is safe on a terminal, cut to ``limit`` characters."""
    text = data.decode("utf-8", errors="backslashreplace") if isinstance(data, bytes) else data
    cut = _COLOUR.sub("", text[: limit * 4])[: limit + 1]
    shown = "".join(c if _harmless(c) else c.encode("unicode_escape").decode("ascii") for c in cut)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def body(data: bytes, limit: int = 160) -> str:
    """A body in the way people read it: JSON without needless escapes, else as it is."""
    if len(data) > _LARGEST_JSON:
        return printable(data, limit)
    try:
        return as_json(json.loads(data, object_pairs_hook=_once), limit)
    except (ValueError, RecursionError):
        return printable(data.strip(), limit)


def as_json(value: object, limit: int = 160) -> str:
    """A value the way it stands in a request, cut to ``limit`` characters."""
    try:
        return printable(json.dumps(value, ensure_ascii=False), limit)
    except RecursionError:
        return "something nested very deeply"
    except (TypeError, ValueError):
        return printable(repr(value), limit)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Written anew, it would no longer be what was sent.
        raise ValueError
    return found


def _harmless(character: str) -> bool:
    return character == " " or not unicodedata.category(character).startswith(("C", "Z"))
