"""The figures as an SVG of bars that can be read on light and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from results import TITLES, UNITS

_WIDTH = 720
_LEFT = 210
_BAR = 360
_ROW = 24
_HEAD = 40

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .faint { fill: #57606a; font-size: 12px }
.bar { fill: #8c959f } .ours { fill: #0969da } .yardstick { stroke: #57606a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .faint { fill: #9198a1 }
  .bar { fill: #656c76 } .ours { fill: #4493f8 } .yardstick { stroke: #9198a1 }
}"""

_BETTER = {"class": "longer is better"}


def draw(document: Mapping[str, Any]) -> str:
    """One chart for each part of the document, one below the other."""
    body: list[str] = []
    top = 10
    for part, title in TITLES.items():
        if part in document:
            body += _part(document[part], top, title, f"{UNITS[part]}, {_BETTER.get(part, 'shorter is better')}")
            top += _HEAD + _ROW * len(document[part]) + 14
    machine = document["machine"]
    about = f"{document['date']} · {machine['cores']} cores, {machine['processor']} · Python {machine['python']}"
    body.append(f'<text class="faint" x="0" y="{top + 8}">{escape(about)} · × is the ratio to plain pytest</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 20}" width="{_WIDTH}" role="img"'
        f' aria-label="How long graders take">\n<style>{_STYLE}\n</style>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _part(figures: Mapping[str, Mapping[str, Any]], top: int, title: str, unit: str) -> list[str]:
    longest = max(figure["median"] for figure in figures.values())
    drawn = [
        f'<text class="title" x="0" y="{top + 14}">{escape(title)}</text>',
        f'<text class="faint" x="{_WIDTH}" y="{top + 14}" text-anchor="end">{escape(unit)}</text>',
    ]
    for number, (name, figure) in enumerate(figures.items()):
        y = top + 28 + number * _ROW
        length = max(round(_BAR * figure["median"] / longest), 1)
        label = f'{figure["median"]:.0f}<tspan class="faint"> · {figure["ratio"]:.2f} ×</tspan>'
        kind = "bar ours" if name.startswith("grader") else "bar"
        drawn += [
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{length}" height="17" rx="2"/>',
            f'<text x="{_LEFT + length + 6}" y="{y + 13}">{label}</text>',
        ]
    yardstick = next(iter(figures.values()))["median"]
    x = _LEFT + round(_BAR * yardstick / longest)
    bottom = top + 28 + len(figures) * _ROW
    drawn.append(f'<line class="yardstick" x1="{x}" x2="{x}" y1="{top + 22}" y2="{bottom}"/>')
    return drawn
