"""The charts of a page as SVG within it. Colours come from the page's style; each chart says in words what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

_BINS = 10
_COLUMNS = 200
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 7 * 24, 28 * 24))


def bar(parts: Sequence[tuple[str, int]], of: int, title: str, words: str) -> Markup:
    """Parts of a whole, one behind the other, each with its class; ``of`` fills the width."""
    drawn, x = [], 0.0
    for kind, size in parts:
        width = round(100 * size / of, 2) if of else 0
        if width:
            drawn.append(f'<rect class="{escape(kind)}" x="{x:g}" y="0" width="{width:g}" height="10"/>')
        x += width
    return _svg("bar", 100, 10, title, words, drawn)


def histogram(points: Sequence[float], possible: float, title: str) -> Markup:
    """How many have how many points, in tenths of what is possible; all points stand apart at the end."""
    bins = [0] * (_BINS + 1)
    for value in points:
        bins[min(max(int(_BINS * value / possible), 0), _BINS) if possible > 0 else 0] += 1
    highest = max(*bins, 1)
    drawn = ['<line class="ground" x1="0" y1="29.5" x2="121" y2="29.5"/>']
    for at, students in enumerate(bins):
        if students:
            height = max(round(28 * students / highest, 1), 1.5)
            kind = "full" if at == _BINS else "some"
            drawn.append(f'<rect class="{kind}" x="{at * 11}" y="{29 - height:g}" width="10" height="{height:g}"/>')
    words = [f"{at * 10} to {at * 10 + 9} percent: {students}" for at, students in enumerate(bins[:-1]) if students]
    words += [f"all points: {bins[-1]}"] if bins[-1] else []
    return _svg("histogram", 121, 30, title, "; ".join(words) or "nobody yet", drawn)


def columns(by_hour: Mapping[datetime, int], title: str) -> tuple[Markup, str]:
    """How many came when, as columns of an hour or more, and the same in words."""
    counts = {when if when.tzinfo else when.replace(tzinfo=UTC): many for when, many in by_hour.items() if many > 0}
    if not counts:
        return Markup(""), ""
    first, last = min(counts), max(counts)
    step = next((step for step in _STEPS if (last - first) / step < _COLUMNS), (last - first) / (_COLUMNS - 1))
    bins: dict[int, int] = {}
    for when, many in counts.items():
        at = (when - first) // step
        bins[at] = bins.get(at, 0) + many
    peak = max(sorted(bins), key=lambda at: bins[at])
    highest, width = bins[peak], 100 / (max(bins) + 1)
    drawn = ['<line class="ground" x1="0" y1="39.8" x2="100" y2="39.8"/>']
    for at in sorted(bins):
        height = 39 * bins[at] / highest
        drawn.append(
            f'<rect class="some" x="{at * width:.2f}" y="{39.5 - height:.2f}" width="{width * 0.9:.2f}"'
            f' height="{height:.2f}"/>'
        )
    busiest = first + peak * step
    words = (
        f"First {_moment(first)}, last {_moment(last)}. Most at once: {highest} within {_length(step)}"
        f" from {_moment(busiest)}. Times are UTC."
    )
    return _svg("columns", 100, 40, title, words, drawn), words


def _svg(kind: str, width: int, height: int, title: str, words: str, drawn: Sequence[str]) -> Markup:
    # What is drawn is made of numbers and of the class names above.
    stretch = Markup("") if kind == "histogram" else Markup(' preserveAspectRatio="none"')
    inside = Markup("".join(drawn))  # noqa: S704
    return Markup('<svg class="{}" viewBox="0 0 {} {}"{} role="img"><title>{}</title><desc>{}</desc>{}</svg>').format(
        kind,
        width,
        height,
        stretch,
        title,
        words,
        inside,
    )


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}"


def _length(step: timedelta) -> str:
    hours = round(step / timedelta(hours=1))
    return (
        "an hour"
        if hours == 1
        else f"{hours} hours"
        if hours < 24
        else "a day"
        if hours == 24
        else f"{hours // 24} days"
    )
