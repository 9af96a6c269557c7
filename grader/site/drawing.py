"""A recorded terminal as an SVG that plays once and then stands on its last state; knows no grader and runs nothing.

The file that it draws is described in ``grader.site.recording``. How long a command took to answer is the
recorded time. Everything else about time is added here, for the reader: the typing, the pauses for reading
(``_READ`` and what follows it), and, where a report is longer than what is shown of the terminal, that the
beginning of it stands for a while before the rest is scrolled into sight. What a command printed and then
overwrote is not drawn.

No script, no font, no address: it plays inside ``<img>``. Each piece of text has its own place and length, so
that columns stand below each other in whatever fixed-width font there is. Without animations, and for those
who asked for less motion, it shows its last state; so it does where a page names it as ``recording.svg#still``,
because not every browser tells a picture what its reader asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

# Class → colour of text; each can be read (WCAG AA) on each of the grounds it stands on.
COLOURS = {
    "f": "#e6edf3",
    "b": "#ffffff",
    "d": "#a1acb8",
    "r": "#ff8b84",
    "g": "#56d364",
    "y": "#e3b341",
    "c": "#56d4dd",
}
GROUND = "#10151c"
BAR = "#1c232d"
_ANSI = {1: "r", 2: "g", 3: "y", 6: "c"}
TINTS = {"+": "#15301f", "-": "#3a1d20"}

# Seconds that were not recorded.
_BEFORE_TYPING = 0.4
_TYPING = (0.9, 0.4)  # the first command, and one that was typed before
_ENTER = 0.15
_READ = 2.4
_SCROLL = 0.6
_READ_ON = 1.4
_OPEN_EDITOR = 0.3
_EDIT_LINE = 0.3
_READ_EDIT = 0.8

# Units of the drawing; a character's width is six tenths of its height in nearly every fixed-width font.
_SIZE = 14
_CELL = 8.4
_LINE = 19
_PAD = 14
_HEAD = 34

_PROMPT = "$ "
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-ln-z]|[\x00-\x09\x0b-\x1a\x1c-\x1f]")
_CHUNK = re.compile(r"\S+(?: \S+)*")
_FONTS = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace'
_STYLE = f"""
text{{font:{_SIZE}px {_FONTS};white-space:pre}}
.b{{font-weight:700}} .h{{font-size:12px;text-anchor:middle}}
{" ".join(f".{name}{{fill:{colour}}}" for name, colour in COLOURS.items())}
.h{{fill:{COLOURS["d"]}}} .cover{{fill:{GROUND}}} .cursor{{fill:{COLOURS["f"]}}}
.on{{animation:on .01s backwards}} .while{{opacity:0;animation:while 1s}}
@keyframes on{{from{{opacity:0}}}}
@keyframes while{{from,to{{opacity:1}}}}"""


@dataclass(frozen=True)
class _Row:
    """A line of the terminal, from when on it is seen, and what it stands on."""

    on: float
    text: Text
    tint: str = ""


@dataclass
class _Film:
    """Everything that is seen, and when; lines are counted from the first that was ever printed."""

    shown: int
    now: float = 0.0
    rows: list[_Row] = field(default_factory=list)
    passing: list[str] = field(default_factory=list)  # what is seen only for a while, as elements
    # Of each command: when its prompt is there, for how long it is typed, its line, its characters.
    typing: list[tuple[float, float, int, int]] = field(default_factory=list)
    # When, for how long, and which line is the first in sight then.
    moves: list[tuple[float, float, int]] = field(default_factory=lambda: [(0.0, 0.0, 0)])

    def add(self, text: Text, tint: str = "") -> None:
        self.rows.append(_Row(self.now, text, tint))

    def scroll(self, top: int, seconds: float = 0.0) -> None:
        """Have line ``top`` be the first in sight, unless it is out of sight already."""
        if top > self.moves[-1][2]:
            self.moves.append((self.now, seconds, top))
            self.now += seconds

    def wait(self, line: int, column: int, until: float, *, prompt: bool = False) -> None:
        """A cursor, with or without a prompt before it, from now until then."""
        before = _text(0, line, _PROMPT.strip(), "c") if prompt else ""
        self.passing.append(_during(self.now, until, before + _cursor(line, column)))


def lines(output: Iterable[Sequence[Any]]) -> list[tuple[float, Text]]:
    """The lines that stood there in the end, each with when the last of it was printed and in its colours.

    Raises ValueError for anything but colours, new lines, and lines that were wiped and begun anew.
    """
    done: list[tuple[float, str]] = []
    current, at = "", 0.0
    for at, text in output:
        *ended, current = (current + text).replace("\r\n", "\n").split("\n")
        done += [(float(at), line) for line in ended]
    if current:
        done.append((float(at), current))
    decoder = AnsiDecoder()
    settled = []
    for at, line in done:
        last = line.rpartition("\r\x1b[K")[2]
        if found := _CONTROL.search(last):
            raise ValueError(f"a terminal's {found[0]!r} cannot be drawn")
        settled.append((at, decoder.decode_line(last)))
    return settled


def seconds(document: Mapping[str, Any], name: str) -> float:
    """How long a drawing moves."""
    return _film(document["terminals"][name]).now


def draw(document: Mapping[str, Any], name: str) -> str:
    """One of a recording's terminals as SVG."""
    terminal = document["terminals"][name]
    film = _film(terminal)
    inner_width, inner_height = terminal["columns"] * _CELL, terminal["rows"] * _LINE
    width, height = round(inner_width + 2 * _PAD), _HEAD + inner_height + round(1.6 * _PAD)
    size, inside = f'width="{width}" height="{height}"', f'width="{width - 2}" height="{inner_height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} role="img" id="still">',
            f"<title>{escape(document['title'])}</title>",
            f"<desc>{escape(document['description'])}</desc>",
            f"<style>{_STYLE}\n{_scrolling(film)}",
            "@media print,(prefers-reduced-motion:reduce){*{animation:none!important}}",
            "#still:target *{animation:none!important}\n</style>",
            f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" fill="{GROUND}"/>',
            f'<path d="M.5 {_HEAD}V9.5a9 9 0 0 1 9-9H{width - 9.5}a9 9 0 0 1 9 9V{_HEAD}z" fill="{BAR}"/>',
            *(f'<circle cx="{_PAD + 5 + 18 * n}" cy="{_HEAD / 2:g}" r="5" fill="#4a5563"/>' for n in range(3)),
            f'<text class="h" x="{width / 2:g}" y="{_HEAD / 2 + 4:g}">Terminal</text>',
            f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" fill="none" stroke="#3d4753"/>',
            f'<svg x="1" y="{_HEAD + 10}" {inside} viewBox="1 0 {width - 2} {inner_height}"><g class="screen">',
            *(*_rows(film.rows, width), *film.passing, *_typing(film)),
            "</g></svg>\n</svg>\n",
        ]
    )


def _film(terminal: Mapping[str, Any]) -> _Film:
    film = _Film(terminal["rows"])
    for scene in terminal["scenes"]:
        if "command" in scene:
            _run(film, scene, _TYPING[bool(film.typing)], last=scene is terminal["scenes"][-1])
        else:
            _edit(film, scene)
    return film


def _run(film: _Film, scene: Mapping[str, Any], typing: float, *, last: bool) -> None:
    """A command is typed, works, and answers; then its answer is read."""
    first = len(film.rows)
    film.add(Text().append(_PROMPT, "cyan").append(scene["command"], "bold"))
    film.scroll(first + 1 - film.shown)
    film.typing.append((film.now, typing, first, len(scene["command"])))
    film.now += _BEFORE_TYPING + typing + _ENTER
    started = film.now
    printed = lines(scene["output"])
    film.wait(len(film.rows), 0, started + (printed[0][0] if printed else scene["ended"]))
    for at, text in printed:
        film.rows.append(_Row(started + at, text))
    film.now = started + scene["ended"]
    end = len(film.rows) + 1
    longer = end - first > film.shown
    # The beginning of what does not fit is looked at first.
    film.scroll(first if longer else end - film.shown)
    if last:
        film.add(Text().append(_PROMPT, "cyan"))
        return
    reading = _READ + (_SCROLL + _READ_ON if longer else 0)
    film.wait(len(film.rows), len(_PROMPT), film.now + reading, prompt=True)
    film.now += _READ
    if longer:
        film.scroll(end - film.shown, _SCROLL)
        film.now += _READ_ON


def _edit(film: _Film, scene: Mapping[str, Any]) -> None:
    """The lines that differ come one after the other, where an editor would have stood."""
    film.add(Text())
    film.scroll(len(film.rows) + 2 + len(scene["diff"]) - film.shown, _OPEN_EDITOR)
    film.add(Text().append(f"  {scene['file']}", "dim"))
    for line in scene["diff"]:
        film.now += _EDIT_LINE
        film.add(Text().append(f"  {line}", "green" if line[0] == "+" else "red"), line[0])
    film.add(Text())
    film.now += _READ_EDIT


def _rows(rows: Sequence[_Row], width: int) -> Iterator[str]:
    for on, together in groupby(enumerate(rows), lambda pair: pair[1].on):
        body = []
        for line, row in together:
            if row.tint:
                # Half a unit more, so that no seam is seen where the picture is scaled.
                place = f'y="{line * _LINE}" width="{width}" height="{_LINE + 0.5}"'
                body.append(f'<rect {place} fill="{TINTS[row.tint]}"/>')
            body += _runs(line, row.text)
        if line == len(rows) - 1:
            body.append(_cursor(line, len(_PROMPT)))
        if body:
            yield from (f'<g class="on" style="animation-delay:{on:.2f}s">', *body, "</g>")


def _runs(line: int, text: Text) -> Iterator[str]:
    """A line in pieces of one colour each, without the blanks between; a wide character stands alone."""
    column = 0
    for segment in text.render(Console(width=1000)):
        kind = _kind(segment.style or Style.null())
        for chunk in _CHUNK.finditer(segment.text):
            start = column + cell_len(segment.text[: chunk.start()])
            for wide, characters in groupby(chunk[0], lambda character: cell_len(character) > 1):
                piece = "".join(characters)
                yield _text(start, line, piece, kind, fitted=not wide)
                start += cell_len(piece)
        column += cell_len(segment.text)


def _kind(style: Style) -> str:
    """The class of a style; ValueError for a colour that the grader does not use."""
    if not style.color:
        return "b" if style.bold else "d" if style.dim else "f"
    if style.color.number not in _ANSI:
        raise ValueError(f"no colour was chosen for {style.color.name}")
    return _ANSI[style.color.number]


def _text(column: int, line: int, text: str, kind: str, *, fitted: bool = True) -> str:
    body = text.strip()
    start = column + len(text) - len(text.lstrip())
    length = f' textLength="{len(body) * _CELL:.1f}"' if fitted and len(body) > 1 else ""
    x, y = _PAD + start * _CELL, line * _LINE + _SIZE
    return f'<text class="{kind}" x="{x:.1f}" y="{y}"{length}>{escape(body)}</text>'


def _cursor(line: int, column: int) -> str:
    place = f'x="{_PAD + column * _CELL:.1f}" y="{line * _LINE + 1}"'
    return f'<rect class="cursor" {place} width="{_CELL}" height="{_LINE - 3}"/>'


def _during(start: float, end: float, inside: str) -> str:
    return f'<g class="while" style="animation-delay:{start:.2f}s;animation-duration:{end - start:.2f}s">{inside}</g>'


def _typing(film: _Film) -> Iterator[str]:
    """What hides a command until it is typed: a cover that moves to the right, a cursor at its left edge."""
    for prompt, lasts, line, characters in film.typing:
        start = prompt + _BEFORE_TYPING
        x, length = _PAD + len(_PROMPT) * _CELL, characters * _CELL
        cover = f'<rect class="cover" x="{x:.1f}" y="{line * _LINE}" width="{length:.1f}" height="{_LINE}"/>'
        yield (
            f"<style>@keyframes type{line}{{to{{transform:translateX({length:.1f}px)}}}}"
            f".type{line}{{animation:type{line} {lasts:.2f}s steps({characters}) {start:.2f}s forwards}}</style>"
        )
        inside = f'<g class="type{line}">{cover}{_cursor(line, len(_PROMPT))}</g>'
        yield _during(prompt, start + lasts + _ENTER, inside)


def _scrolling(film: _Film) -> str:
    """The rules that move the lines up; without them the last ones are in sight."""
    frames, top = [], 0
    for at, lasts, where in film.moves:
        # From where it was, at once or gliding, to where it shall be.
        steps = [(at, top, "ease-in-out")] if lasts else []
        for moment, line, pace in [*steps, (at + lasts, where, "step-end")]:
            move = f"transform:translateY({-line * _LINE}px);animation-timing-function:{pace}"
            frames.append(f"{100 * moment / film.now:.2f}%{{{move}}}")
        top = where
    return (
        f".screen{{transform:translateY({-top * _LINE}px);animation:scroll {film.now:.2f}s both}}\n"
        f"@keyframes scroll{{{''.join(frames)}}}"
    )
