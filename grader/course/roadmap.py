"""``curriculum/roadmap.toml``: which topics the course owes its readers, and which of them it teaches already.

Knows files and their names only; it never opens an exercise or judges what a page says.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from grader.errors import AuthorError

_LISTS = ("exercises", "milestones", "lessons", "labs", "checklists")
_TABLES: dict[str, type] = {"roadmaps": dict, "stage": list, "topic": list}
_STAGE_FIELDS: dict[str, type] = {"folder": str, "title": str}
_TOPIC_FIELDS: dict[str, type] = {"number": str, "stage": str, "kind": str, "item": str, "here": str, "from": list}
_NAMES: dict[type, str] = {str: "text that is not empty", list: "a list of strings that is not empty"}

_FOLDER = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
_NUMBER = re.compile(r"\d\d\.\d\d")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SOURCE = re.compile(r"(\d+):([1-9]\d*)")
_HEADER = re.compile(r"^\[\[ *(\w+) *\]\]", re.MULTILINE)
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


class Kind(StrEnum):
    """What sort of thing a roadmap asks for."""

    TOPIC = "topic"
    TOOL = "tool"
    PROJECT = "project"
    ENDPOINT = "endpoint"
    EVENT = "event"
    MODULE = "module"
    GOAL = "goal"
    RESOURCE = "resource"


@dataclass(frozen=True)
class Teacher:
    """One thing that teaches a topic, or will: ``kind`` is exercise, milestone, lesson, lab or checklist."""

    kind: str
    id: str
    exists: bool


@dataclass(frozen=True)
class Source:
    """Where a topic comes from: a line, counted from 1, of the roadmap with this number."""

    roadmap: str
    line: int


@dataclass(frozen=True)
class Topic:
    """One row: ``item`` is what the roadmap asks for, ``here`` what that is in this course.

    ``line`` is where its ``number`` stands in the file, ``exercises_line`` where its
    exercises do, or would.
    """

    number: str
    kind: Kind
    item: str
    here: str
    sources: tuple[Source, ...]
    teachers: tuple[Teacher, ...]
    line: int
    exercises_line: int

    @property
    def taught(self) -> bool:
        """At least one thing that teaches it exists."""
        return any(teacher.exists for teacher in self.teachers)

    def names(self, exercise_id: str) -> bool:
        """The row lists this exercise, milestone or lab."""
        return any(t.id == exercise_id and t.kind in ("exercise", "milestone", "lab") for t in self.teachers)


@dataclass(frozen=True)
class Part:
    """The topics of one stage, in the order of their numbers."""

    folder: str
    title: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class Roadmap:
    """Everything the file says; ``titles`` holds number and title of each roadmap it was made from."""

    path: Path
    titles: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic of every stage."""
        return tuple(topic for part in self.parts for topic in part.topics)


def read(path: Path, exercises: frozenset[str]) -> Roadmap:
    """The roadmap, with what exists of everything that teaches; ``exercises`` are the ids that do.

    - An exercise or a milestone exists if a folder ``exercises/*/<id>/`` does.
    - A lesson exists if there is a page ``<name>.md`` or one whose front matter says
      ``id: <name>``, or if the ``topics`` of a stage's ``index.md`` name the row's number:
      a short lesson is a section of that page.
    - A lab exists if there is a notebook ``<name>.ipynb``. The lab that the rows of a stage
      name first may be the stage's ``lab.ipynb`` instead.
    - A checklist exists if there is a page ``checklists/<name>.md``.

    All of these lie in ``curriculum/*/``. Raises AuthorError with ``path:line`` for a file
    that cannot be read, a field that is missing, unknown or of the wrong kind, a number
    that is used twice, out of order or not of its stage, and a name that was never declared.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise AuthorError("the roadmap is not UTF-8 text", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        # A file that stops too early is wrong where it stops.
        place = line[1] if line else max(text.rstrip().count("\n") + 1, 1)
        raise AuthorError(f"the roadmap is not TOML: {error}", where=f"{path}:{place}") from None
    return _Checked(path, text, table, _Present(path.parent, exercises)).roadmap()


class _Present:
    """What lies in the curriculum, found once for all rows."""

    def __init__(self, curriculum: Path, exercises: frozenset[str]) -> None:
        self.exercises = exercises
        self.checklists = {path.stem for path in curriculum.glob("*/checklists/*.md")}
        self.notebooks = {(path.parent.name, path.stem) for path in curriculum.glob("*/*.ipynb")}
        self.lessons: set[str] = set()
        self.sections: set[str] = set()
        self.first_labs: dict[str, str] = {}
        for page in curriculum.glob("*/*.md"):
            front = _FRONT_MATTER.match(page.read_text(encoding="utf-8", errors="replace"))
            fields = dict(line.partition(":")[::2] for line in front[1].splitlines()) if front else {}
            self.lessons |= {page.stem, fields.get("id", "").strip()}
            if page.name == "index.md":
                self.sections |= set(_NUMBER.findall(fields.get("topics", "")))

    def has(self, kind: str, name: str, number: str, stage: str) -> bool:
        match kind:
            case "lesson":
                return name in self.lessons or number in self.sections
            case "lab":
                # Rows ask in their order, so the first to ask for a lab decides which is the stage's own.
                first = self.first_labs.setdefault(stage, name)
                return any(stem == name for _, stem in self.notebooks) or (
                    first == name and (stage, "lab") in self.notebooks
                )
            case "checklist":
                return name in self.checklists
            case _:
                return name in self.exercises


class _Checked:
    def __init__(self, path: Path, text: str, table: dict[str, Any], present: _Present) -> None:
        self.path, self.text, self.table, self.present = path, text, table, present
        self.blocks: dict[str, list[tuple[int, int]]] = {"stage": [], "topic": []}
        headers = list(_HEADER.finditer(text))
        for header, end in zip(headers, [*(h.start() for h in headers[1:]), len(text)], strict=True):
            self.blocks.setdefault(header[1], []).append((header.start(), end))

    def line(self, pattern: str, block: tuple[int, int] | None = None) -> int:
        """Where ``pattern`` stands in a block, else where the block begins; from 1."""
        start, end = block or (0, len(self.text))
        match = re.compile(pattern, re.MULTILINE).search(self.text, start, end)
        return self.text.count("\n", 0, match.start() if match else start) + 1

    def wrong(self, key: str, what: str, block: tuple[int, int] | None = None) -> AuthorError:
        line = self.line(rf"^[ \t]*\[*{re.escape(key)}\b", block)
        return AuthorError(
            what, where=f"{self.path}:{line}", next_step=f"the first lines of {self.path.name} explain every field"
        )

    def roadmap(self) -> Roadmap:
        for key in self.table:
            if key not in _TABLES:
                raise self.wrong(key, f"'{key}' is not a field of a roadmap")
        for key, kind in _TABLES.items():
            if key not in self.table:
                raise self.wrong(key, f"'{key}' is missing")
            if type(self.table[key]) is not kind:
                raise self.wrong(key, f"write {f'[{key}]' if kind is dict else f'[[{key}]]'} for '{key}'")
        for number, title in self.table["roadmaps"].items():
            if not number.isdigit() or type(title) is not str or not title:
                raise self.wrong(number, "a roadmap is a number and its title")
        titles: dict[str, str] = {}
        for table, block in self.rows("stage", _STAGE_FIELDS, ()):
            folder = table["folder"]
            if not _FOLDER.fullmatch(folder):
                raise self.wrong("folder", f"'{folder}' is not two digits and a kebab-case name", block)
            if folder[:2] in {other[:2] for other in titles}:
                raise self.wrong("folder", f"the stage {folder[:2]} is declared twice", block)
            titles[folder] = table["title"]
        topics: dict[str, list[Topic]] = {folder: [] for folder in titles}
        last = ""
        for table, block in self.rows("topic", _TOPIC_FIELDS, _LISTS):
            topic = self.topic(table, block, last, topics)
            topics[table["stage"]].append(topic)
            last = topic.number
        parts = tuple(Part(folder, title, tuple(topics[folder])) for folder, title in titles.items())
        return Roadmap(self.path, tuple(self.table["roadmaps"].items()), parts)

    def rows(
        self, name: str, required: dict[str, type], optional: tuple[str, ...]
    ) -> list[tuple[dict[str, Any], tuple[int, int] | None]]:
        """Each table of an array with the block it stands in, its fields found to be there and of their kind."""
        rows: list[tuple[dict[str, Any], tuple[int, int] | None]] = []
        blocks = self.blocks[name]
        for position, table in enumerate(self.table[name]):
            block = blocks[position] if len(blocks) == len(self.table[name]) else None
            if type(table) is not dict:
                raise self.wrong(name, f"write [[{name}]] for '{name}'")
            for key in table:
                if key not in required and key not in optional:
                    raise self.wrong(key, f"'{key}' is not a field of a {name}", block)
            for key in required:
                if key not in table:
                    raise self.wrong(name, f"'{key}' is missing", block)
            for key, value in table.items():
                expected = required.get(key, list)
                strings = value if expected is list and type(value) is list else [value]
                if type(value) is not expected or not value or not all(type(s) is str and s for s in strings):
                    raise self.wrong(key, f"'{key}' must be {_NAMES[expected]}", block)
            rows.append((table, block))
        return rows

    def topic(
        self, table: dict[str, Any], block: tuple[int, int] | None, last: str, stages: dict[str, list[Topic]]
    ) -> Topic:
        number, stage = table["number"], table["stage"]
        if not _NUMBER.fullmatch(number):
            raise self.wrong("number", f"'{number}' is not a number like 02.13", block)
        if table["kind"] not in list(Kind):
            raise self.wrong("kind", f"'{table['kind']}' is not a kind; there are {', '.join(Kind)}", block)
        if stage not in stages:
            raise self.wrong("stage", f"there is no stage '{stage}'; declare it with [[stage]]", block)
        if number[:2] != stage[:2]:
            raise self.wrong("number", f"{number} does not begin with the number of its stage, {stage}", block)
        if any(number == topic.number for topic in stages[stage]):
            raise self.wrong("number", f"{number} is used twice", block)
        if number < last:
            raise self.wrong("number", f"{number} stands after {last}; topics are sorted by number", block)
        if not any(key in table for key in _LISTS):
            raise self.wrong("number", f"nothing will ever teach {number}; name what does: {', '.join(_LISTS)}", block)
        return Topic(
            number=number,
            kind=Kind(table["kind"]),
            item=table["item"],
            here=table["here"],
            sources=tuple(self.source(word, block) for word in table["from"]),
            teachers=tuple(
                self.teacher(key, name, table, block) for key in _LISTS for name in dict.fromkeys(table.get(key, ()))
            ),
            line=self.line(r"^[ \t]*number\b", block),
            exercises_line=self.line(r"^[ \t]*exercises\b", block),
        )

    def source(self, word: str, block: tuple[int, int] | None) -> Source:
        match = _SOURCE.fullmatch(word)
        if not match:
            raise self.wrong("from", f"'{word}' is not a roadmap and its line, like 4:31", block)
        if match[1] not in self.table["roadmaps"]:
            raise self.wrong("from", f"there is no roadmap {match[1]}; name it under [roadmaps]", block)
        return Source(match[1], int(match[2]))

    def teacher(self, key: str, name: str, table: dict[str, Any], block: tuple[int, int] | None) -> Teacher:
        if not _ID.fullmatch(name):
            raise self.wrong(key, f"'{name}' is not a kebab-case id", block)
        kind = key.removesuffix("s")
        return Teacher(kind, name, self.present.has(kind, name, table["number"], table["stage"]))
