"""What the Markdown of an exercise says: its tasks, how it is judged, its hints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import AuthorError

RUNGS = ("Idea", "Approach", "Skeleton")
HEADINGS = ("Contract", "Tasks", "How you will be judged", "Fine to ignore for now")

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True)
class Item:
    """One numbered task or one bullet, with the line it stands on."""

    number: int
    text: str
    line: int


@dataclass(frozen=True)
class Hint:
    """One rung of the ladder for one task."""

    task: int
    rung: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """An exercise's README, taken apart."""

    path: Path
    headings: tuple[Item, ...]
    tasks: tuple[Item, ...]
    judged: tuple[Item, ...]


def read_page(path: Path) -> Page:
    """Take a README apart; raises AuthorError when there is none."""
    sections = _sections(_text(path))
    headings = tuple(Item(depth, title, line) for depth, title, line, _ in sections)
    tasks: list[Item] = []
    judged: list[Item] = []
    for _, title, line, body in sections:
        if title == "Tasks":
            tasks = _items(body, line, r"(\d+)\. +(.+)")
        elif title == "How you will be judged":
            judged = _items(body, line, r"()- +(.+)")
    return Page(path, headings, tuple(tasks), tuple(judged))


def read_hints(path: Path) -> tuple[Hint, ...]:
    """The hints of an exercise, in the order of the file; raises AuthorError when there are none."""
    hints: list[Hint] = []
    task = 0
    for depth, title, line, body in _sections(_text(path)):
        if depth == 2:
            match = re.fullmatch(r"Task (\d+)\b.*", title)
            task = int(match[1]) if match else 0
            if not match:
                raise AuthorError(f"'{title}' is not 'Task' and a number", where=f"{path}:{line}")
        elif depth == 3:
            hints.append(Hint(task, title, "\n".join(body).strip(), line))
    return tuple(hints)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AuthorError("this page is missing", where=str(path)) from None
    except UnicodeDecodeError:
        raise AuthorError("this page is not UTF-8 text", where=str(path)) from None


def _sections(text: str) -> list[tuple[int, str, int, list[str]]]:
    """``(depth, title, line, body lines)``; a ``#`` inside a fence is no heading."""
    sections: list[tuple[int, str, int, list[str]]] = []
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading:
            sections.append((len(heading[1]), heading[2], number, []))
        elif sections:
            sections[-1][3].append(line)
    return sections


def _items(body: list[str], heading_line: int, pattern: str) -> list[Item]:
    items: list[Item] = []
    for offset, line in enumerate(body, start=1):
        match = re.fullmatch(pattern, line)
        if match:
            items.append(Item(int(match[1] or len(items) + 1), match[2], heading_line + offset))
        elif items and line.startswith((" ", "\t")) and line.strip():
            last = items[-1]
            items[-1] = Item(last.number, f"{last.text} {line.strip()}", last.line)
    return items
