"""Colour and symbols, or neither: decided once by whoever owns the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Outcome

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_SYMBOLS = {
    Outcome.PASSED: ("✓", "+", "green"),
    Outcome.FAILED: ("✗", "x", "red"),
    Outcome.CRASHED: ("✗", "x", "red"),
    Outcome.TIMED_OUT: ("✗", "x", "red"),
    Outcome.OUT_OF_MEMORY: ("✗", "x", "red"),
    Outcome.FORBIDDEN: ("✗", "x", "red"),
    Outcome.BLOCKED: ("◦", "o", "dim"),
    Outcome.NOT_RUN: ("◦", "o", "dim"),
    Outcome.BROKEN: ("!", "!", "yellow"),
}


@dataclass(frozen=True)
class Style:
    """How wide the terminal is, and whether it shows colour and more than ASCII."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, *names: str) -> str:
        """``text`` in the named colours, or as it is."""
        if not self.colour or not text:
            return text
        return "".join(f"\x1b[{_CODES[name]}m" for name in names) + text + "\x1b[0m"

    def symbol(self, outcome: Outcome) -> str:
        """The mark before a check."""
        mark, plain, colour = _SYMBOLS[outcome]
        return self.paint(mark if self.unicode else plain, colour)

    def plain(self, text: str) -> str:
        """``text`` with our own signs replaced where the terminal cannot show them."""
        if self.unicode:
            return text
        for sign, ascii_sign in (("→", "->"), ("·", "-"), ("–", "-"), ("…", "..."), ("✓", "+")):
            text = text.replace(sign, ascii_sign)
        return text.encode("ascii", "backslashreplace").decode()
