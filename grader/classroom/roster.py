"""The roster: who is in the class, and under which names other systems know them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.classroom.archives import MOST_PATH, shown
from grader.classroom.model import Problem, Student
from grader.errors import UsageError

SYSTEMS = ("canvas", "moodle", "gradescope", "nbgrader", "git")
_COLUMNS = ("id", "name", "email", *SYSTEMS)
_MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Roster:
    """Everybody in the class. Without one (``given`` is false) every name found is a student of its own."""

    students: tuple[Student, ...] = ()
    given: bool = False

    @classmethod
    def read(cls, path: Path) -> tuple[Roster, tuple[Problem, ...]]:
        """The roster of a CSV file with a column ``id``, and what is wrong in it, by ``path:line``.

        Other columns are name, email, canvas, moodle, gradescope, nbgrader and git; more are ignored.
        A bad row is left out and the rest kept. Raises UsageError for a file that cannot be read.
        """
        rows, problems = table(path, required=("id",), optional=_COLUMNS)
        students: dict[str, Student] = {}
        owners: dict[tuple[str, str], str] = {}
        for line, row in rows:
            student_id, where = row.get("id", ""), f"{shown(str(path), MOST_PATH)}:{line}"
            if not student_id:
                problems.append(Problem(where, "this row has no id; it is left out"))
            elif student_id in students:
                problems.append(
                    Problem(where, f"there is a student '{shown(student_id)}' already; this row is left out")
                )
            else:
                names = {system: row[system] for system in SYSTEMS if row.get(system)}
                students[student_id] = Student(student_id, row.get("name", ""), row.get("email", ""), names)
                for column in ("email", *SYSTEMS):
                    value = row.get(column, "")
                    other = owners.setdefault((column, _key(value)), student_id) if value else student_id
                    if other != student_id:
                        what = f"'{shown(value)}' in column {column} stands for '{shown(other)}', too"
                        problems.append(Problem(where, f"{what}; it will be taken for neither"))
        return cls(tuple(students.values()), given=True), tuple(problems)

    def find(self, system: str, *names: str, number: str = "") -> tuple[Student, ...]:
        """Whom these names of one person in ``system`` may stand for: one student if all is well, or none, or several.

        Asked in turn are the column of the system, ids, e-mail addresses, names, and names with
        their words in another order ("Doe, Jane", "doejane"). ``number`` is what only the system
        itself knows somebody by, so it is looked for in its column alone.
        """
        if number and (found := self._indexes.get(system, {}).get(_key(number))):
            return tuple(found)
        for index in (system, "id", "email", "name", "any order"):
            for name in names:
                key = _squeezed(name) if index == "any order" else _key(name)
                if key and (found := self._indexes.get(index, {}).get(key)):
                    return tuple(found)
        return ()

    @cached_property
    def _indexes(self) -> Mapping[str, Mapping[str, list[Student]]]:
        everybody = self.students
        return {
            "id": _index((student, (student.id,)) for student in everybody),
            "email": _index((student, (student.email,)) for student in everybody),
            "name": _index((student, (student.name,)) for student in everybody),
            "any order": _index((student, _turned(student.name)) for student in everybody),
            **{
                system: _index((student, (student.names.get(system, ""),)) for student in everybody)
                for system in SYSTEMS
            },
        }


@dataclass
class _Seen:
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def table(
    path: Path, *, required: Collection[str], optional: Collection[str]
) -> tuple[list[tuple[int, dict[str, str]]], list[Problem]]:
    """The rows of a CSV file with a header, each with its line; only columns that are named here, blanks cut off.

    Empty lines are passed over; rows that are wrong are Problems with ``path:line``. The columns may
    be separated by commas, semicolons or tabs. Raises UsageError for a file that cannot be read.
    """
    try:
        if not path.is_file():
            raise UsageError("this is no file that is there", where=str(path))
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(
                f"this is no table of a class: it has more than {_MOST_BYTES // 1024 // 1024} MB", where=str(path)
            )
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"this file cannot be read: {error.strerror}", where=str(path)) from None
    found = _Seen()
    text = _decoded(path, content, found)
    # One line at a time: a quote that is never closed spoils one row, not all that follow.
    lines = [(number, line) for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.strip(" \t,;")]
    if not lines:
        found.problems.append(Problem(f"{shown(str(path), MOST_PATH)}:1", "this table is empty"))
        return found.rows, found.problems
    head_line, head = lines[0]
    separator = max(",;\t", key=head.count)
    header = [cell.strip().casefold() for cell in _cells(head, separator) or []]
    where = f"{shown(str(path), MOST_PATH)}:{head_line}"
    if missing := [column for column in required if column not in header]:
        what = f"the header has no column {' and no column '.join(missing)}; nothing of this table can be used"
        found.problems.append(Problem(where, what))
        return found.rows, found.problems
    known = [column for column in dict.fromkeys((*required, *optional)) if column in header]
    if twice := [column for column in known if header.count(column) > 1]:
        found.problems.append(Problem(where, f"the header has {' and '.join(twice)} twice; the first one counts"))
    for number, line in lines[1:]:
        cells = _cells(line, separator)
        if cells is None:
            what = "a quote in this row is not closed, or a cell has no end; it is left out"
        elif any(cell.strip() for cell in cells[len(header) :]):
            what = f"this row has {len(cells)} cells under {len(header)} columns; it is left out"
        elif any(not c.isprintable() for cell in cells for c in cell.strip()):
            what = "this row holds control characters; it is left out"
        else:
            cells += [""] * (len(header) - len(cells))
            found.rows.append((number, {column: cells[header.index(column)].strip() for column in known}))
            continue
        found.problems.append(Problem(f"{shown(str(path), MOST_PATH)}:{number}", what))
    return found.rows, found.problems


def _decoded(path: Path, content: bytes, found: _Seen) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "this is not UTF-8 text; it is read as Latin-1, so look at the letters with accents"
        found.problems.append(Problem(f"{shown(str(path), MOST_PATH)}:{line}", what))
        return content.decode("latin-1")


def _cells(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error:
        return None


def _key(text: str) -> str:
    """The same for what people take for the same: capitals, blanks and ways to write an accent do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", _key(text))


def _turned(name: str) -> Iterable[str]:
    """A name as systems sort it, squeezed: with any of its words first, the others after it in their order."""
    words = re.findall(r"[^\s,]+", _key(name))
    return {_squeezed("".join(words[turn:] + words[:turn])) for turn in range(len(words))}


def _index(keys: Iterable[tuple[Student, Iterable[str]]]) -> dict[str, list[Student]]:
    found: dict[str, list[Student]] = {}
    for student, names in keys:
        for name in names:
            if key := _key(name):
                found.setdefault(key, []).append(student)
    return found
