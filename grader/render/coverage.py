"""How much of the roadmaps the course teaches, as text and as JSON; knows no file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from grader.course import Part, Roadmap, Teacher, Topic
from grader.model import Outcome
from grader.render.style import Style

_INDENT = " " * 10
_BETWEEN = "  "


def coverage(parts: tuple[Part, ...], style: Style, *, missing: bool = False) -> str:
    """Each stage of ``parts`` with its topics and what teaches them, and what nothing teaches yet.

    With ``missing``, only the topics that nothing existing teaches.
    """
    blocks: list[str] = []
    for part in parts:
        shown = [topic for topic in part.topics if not (missing and topic.taught)]
        if shown:
            blocks += [_heading(f"{part.folder[:2]} · {part.title}", part.topics, style), ""]
            for topic in shown:
                blocks += _topic(topic, style)
            blocks.append("")
    topics = [topic for part in parts for topic in part.topics]
    if not missing:
        blocks += _gaps(parts, style)
    taught = sum(topic.taught for topic in topics)
    planned = {(teacher.kind, teacher.id) for topic in topics for teacher in topic.teachers if not teacher.exists}
    verdict = f"{taught} of {len(topics)} topics are taught, {len(topics) - taught} not yet"
    colour = "green" if taught == len(topics) else "yellow"
    blocks.append(f"{style.paint(verdict, colour)} · {len(planned)} things still to write")
    return style.plain("\n".join(blocks))


def document(roadmap: Roadmap, parts: tuple[Part, ...], *, missing: bool = False) -> dict[str, Any]:
    """The same as plain data; ``total`` and ``taught`` always count every topic of ``parts``."""
    topics = [topic for part in parts for topic in part.topics]
    return {
        "roadmaps": dict(roadmap.titles),
        **_counts(topics),
        "stages": [
            {
                "folder": part.folder,
                "title": part.title,
                **_counts(part.topics),
                "topics": [_row(topic) for topic in part.topics if not (missing and topic.taught)],
            }
            for part in parts
        ],
    }


def _counts(topics: Iterable[Topic]) -> dict[str, int]:
    states = [topic.taught for topic in topics]
    return {"total": len(states), "taught": sum(states)}


def _row(topic: Topic) -> dict[str, Any]:
    return {
        "number": topic.number,
        "kind": topic.kind.value,
        "item": topic.item,
        "here": topic.here,
        "from": [{"roadmap": source.roadmap, "line": source.line} for source in topic.sources],
        "taught": topic.taught,
        "taught_by": [{"kind": t.kind, "id": t.id, "exists": t.exists} for t in topic.teachers],
    }


def _heading(title: str, topics: tuple[Topic, ...], style: Style) -> str:
    taught = sum(topic.taught for topic in topics)
    count = f"{taught} of {len(topics)}"
    colour = "green" if taught == len(topics) else "yellow" if taught else "dim"
    padding = " " * max(style.width - len(title) - len(count), 1)
    return style.paint(title, "bold") + padding + style.paint(count, colour)


def _topic(topic: Topic, style: Style) -> Iterable[str]:
    mark = style.symbol(Outcome.PASSED) if topic.taught else " "
    # Backticks are for pages; here they would only be noise.
    lines = textwrap.wrap(topic.item.replace("`", ""), style.width - len(_INDENT), break_on_hyphens=False)
    yield f"  {mark} {topic.number} {lines[0]}"
    yield from (_INDENT + line for line in lines[1:])
    line, used = "", 0
    for teacher in topic.teachers:
        name = teacher.id if teacher.kind in ("exercise", "milestone") else f"{teacher.kind} {teacher.id}"
        wide = len(name) + 2
        if used and len(_INDENT) + used + len(_BETWEEN) + wide > style.width:
            yield _INDENT + line
            line, used = "", 0
        line += (_BETWEEN if used else "") + _shown(teacher, name, style)
        used += (len(_BETWEEN) if used else 0) + wide
    yield _INDENT + line


def _shown(teacher: Teacher, name: str, style: Style) -> str:
    if teacher.exists:
        return f"{style.symbol(Outcome.PASSED)} {style.paint(name, 'green')}"
    return style.paint(f"· {name}", "dim")


def _gaps(parts: tuple[Part, ...], style: Style) -> Iterable[str]:
    open_topics = tuple(topic for part in parts for topic in part.topics if not topic.taught)
    if not open_topics:
        return
    yield style.paint("Nothing teaches these yet", "bold")
    yield ""
    for part in parts:
        numbers = [topic.number for topic in part.topics if not topic.taught]
        if numbers:
            first = f"  {part.folder[:2]} {len(numbers):>4}  "
            runs = ", ".join(_runs(numbers, [topic.number for topic in part.topics]))
            yield from textwrap.wrap(runs, style.width, initial_indent=first, subsequent_indent=" " * len(first))
    yield ""


def _runs(numbers: list[str], everything: list[str]) -> Iterable[str]:
    """Numbers with neighbours joined to a range, where no topic between them is left out."""
    place = {number: position for position, number in enumerate(everything)}
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(numbers), start=1) if place[b] != place[a] + 1), len(numbers)]
    for start, end in pairwise(breaks):
        first, last = numbers[start], numbers[end - 1]
        yield first if first == last else f"{first}–{last}"
