"""A page as one file: its templates, what it may load (nothing), and how text from people is shown.

Every value a template prints is text unless it is ``Markup``: escaped by Jinja, cut, and with
whatever a terminal or a browser would obey instead of showing made visible.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# What is shown at most, in characters.
NAME, SENTENCE, MESSAGE, LOG = 80, 400, 2_000, 4_000
_MOST = 20_000

_TEMPLATES = Path(__file__).parent / "templates"
# Colours and titles that a program sent to a terminal: nobody wants to read them.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
# Controls, what turns the direction of writing, what has no width, and halves of characters.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


def rendered(template: str, **values: object) -> str:
    """The page of a template. ``script`` among the values names a file that goes into it, and may run."""
    script = _file(str(values.pop("script"))) if "script" in values else ""
    return (
        _environment()
        .get_template(template)
        .render(policy=policy(script), style=Markup(_file("style.css")), script=Markup(script), **values)  # noqa: S704
    )


def policy(script: str) -> str:
    """The Content-Security-Policy of a page with this script: nothing is loaded, and nothing else runs."""
    allowed = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed.append(f"script-src 'sha256-{digest}'")
    return "; ".join(allowed)


def plain(text: str, most: int = _MOST) -> str:
    """The beginning of a text, harmless to read: no colours, and a sign or a number for what cannot be seen."""
    shown = text[: most + 1]
    if not shown.isprintable():
        shown = _UNSEEN.sub(_sign, _ANSI.sub("", shown.replace("\r\n", "\n")))
    if len(text) > most or len(shown) > most:
        return shown[: most - 1] + "…"
    return shown


def ending(lines: Sequence[str], most: int = LOG) -> str:
    """The last of some lines, and how many came before them."""
    kept: list[str] = []
    room = most
    for line in reversed(lines):
        shown = plain(line, 1_000)
        room -= len(shown) + 1
        if room < 0:
            break
        kept.append(shown)
    hidden = len(lines) - len(kept)
    return "\n".join([f"… {count(hidden, 'earlier line')}"] * bool(hidden) + kept[::-1])


def number(value: float) -> str:
    """At most one digit behind the point: 9, 9.5."""
    return f"{value:.1f}".removesuffix(".0")


def count(value: int, noun: str) -> str:
    """``1 student``, ``2 students``."""
    return f"{value:,} {noun}{'s' * (value != 1)}"


def span(delay: timedelta) -> str:
    """A delay in its two largest units: ``1 day 2 hours``."""
    minutes = max(round(delay.total_seconds() / 60), 1)
    days, hours = divmod(minutes // 60, 24)
    parts = [count(days, "day")] * bool(days) + [count(hours, "hour")] * bool(hours)
    if not days and minutes % 60:
        parts.append(count(minutes % 60, "minute"))
    return " ".join(parts)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20 or code == 0x7F:
        return chr(0x2400 + code) if code < 0x20 else "\u2421"
    # Half a character cannot be written down in UTF-8.
    return "\ufffd" if 0xD800 <= code < 0xE000 else "" if 0xFE00 <= code < 0xFE10 else f"⟨U+{code:04X}⟩"


def _finished(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _file(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "ending": ending, "points": number, "count": count, "span": span}
    return environment
