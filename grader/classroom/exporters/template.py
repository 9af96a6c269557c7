"""A CSV file that another system wants back filled in: its rows by line, and whose each of them is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.exporters.text import clean, kept
from grader.classroom.model import Problem, Student
from grader.errors import UsageError

MOST_BYTES = 64 * 1024 * 1024
MOST_LINES = 5000  # of one row: a quote that is never closed must not be looked for to the end each time


@dataclass(frozen=True)
class Row:
    """The cells of one row, which begins at ``line``; ``good`` says that it has as many as the header."""

    line: int
    cells: list[str]
    good: bool = True


@dataclass(frozen=True)
class Sheet:
    """A template as it was read. ``problems`` are its rows that cannot be used; the rest can."""

    path: Path
    delimiter: str
    header: list[str]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]

    def column(self, *names: str) -> int | None:
        """The place of the first column that is called one of ``names``, whatever its case."""
        lower = [heading.strip().casefold() for heading in self.header]
        return next((lower.index(name.casefold()) for name in names if name.casefold() in lower), None)

    def at(self, row: Row) -> str:
        """``path:line`` of a row."""
        return f"{self.path}:{row.line}"

    def table(self) -> Iterator[list[str]]:
        """The whole of it to be written again: headings as they are, cells defused."""
        yield [heading.replace("\r\n", "\n").replace("\r", "\n") for heading in self.header]
        for row in self.rows:
            yield [kept(value) for value in row.cells]


def read(path: Path) -> Sheet:
    """The template at ``path``.

    A file that is not there, too large, empty or not UTF-8 is a ``UsageError``. A row that is no
    CSV is left out and said; one with a wrong number of cells is kept, said, and not ``good``.
    """
    lines = io.StringIO(_text(path), newline="").readlines()
    first = lines[0] if lines else ""
    delimiter = ";" if first.count(";") > first.count(",") else ","
    records, problems = _records(path, lines, delimiter)
    if not records:
        raise UsageError("this template is empty", where=str(path))
    header = records[0].cells
    rows = []
    for record in records[1:]:
        good = len(record.cells) == len(header)
        if not good:
            what = f"the row has {len(record.cells)} cells, the header {len(header)}; it is left as it is"
            problems.append(Problem(f"{path}:{record.line}", what))
        rows.append(Row(record.line, record.cells, good))
    return Sheet(path, delimiter, header, tuple(rows), tuple(problems))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"this template is larger than {MOST_BYTES >> 20} MB", where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"this template cannot be read: {error.strerror or error}", where=str(path)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"this template is not UTF-8: byte 0x{data[error.start]:02x}",
            where=f"{path}:{line}",
            next_step="download it again, or save it as “CSV UTF-8”",
        ) from error


def _records(path: Path, lines: Sequence[str], delimiter: str) -> tuple[list[Row], list[Problem]]:
    records: list[Row] = []
    problems: list[Problem] = []
    at = 0
    while at < len(lines):
        # A reader for each row: behind one that is wrong, the next line begins afresh.
        stretch = (lines[n] for n in range(at, min(at + MOST_LINES, len(lines))))
        reader = csv.reader(stretch, delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            problems.append(Problem(f"{path}:{at + 1}", f"the row cannot be read and is left out: {error}"))
            at += 1
            continue
        if cells:
            records.append(Row(at + 1, cells))
        at += reader.line_num
    return records, problems


def amount(text: str) -> float | None:
    """Points as the other system writes them, with a point or a comma; None for what is no number."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


class Finder:
    """Students by something that is theirs; ``of`` says what, for each of them."""

    def __init__(self, students: Iterable[Student], of: Callable[[Student], Iterable[str]]) -> None:
        self._exact: dict[str, dict[str, Student]] = {}
        self._folded: dict[str, dict[str, Student]] = {}
        for student in students:
            for value in filter(None, map(str.strip, of(student))):
                self._exact.setdefault(value, {})[student.id] = student
                self._folded.setdefault(value.casefold(), {})[student.id] = student

    def find(self, value: str) -> dict[str, Student]:
        """Those it fits, by id; whose case differs only where nobody fits exactly."""
        value = value.strip()
        return self._exact.get(value) or self._folded.get(value.casefold(), {})


def owners(
    sheet: Sheet, rows: Iterable[Row], clues: Sequence[tuple[int | None, Finder]], students: Sequence[Student]
) -> tuple[dict[int, Student], tuple[Problem, ...]]:
    """Whose each row is, by its line, and what is to be said of the rows and students that fit nowhere.

    ``clues`` are columns with who is found by them, the surest first. A name is never a clue, for
    people may choose theirs. Where two clues name different people, or two rows one person, nobody
    gets the row: better no mark than somebody else's.
    """
    found: dict[int, Student] = {}
    problems: list[Problem] = []
    for row in rows:
        answers = [finder.find(row.cells[column]) for column, finder in clues if column is not None]
        answers = [answer for answer in answers if answer]
        sure = next((answer for answer in answers if len(answer) == 1), {})
        if not answers:
            who = clean(" ".join(row.cells[:2]), 60)
            problems.append(Problem(sheet.at(row), f"{who} is not in the gradebook; the row is left as it is"))
        elif not sure or any(next(iter(sure)) not in answer for answer in answers):
            who = ", ".join(sorted({clean(id_, 40) for answer in answers for id_ in answer}))
            problems.append(Problem(sheet.at(row), f"the row fits more than one student: {who}; it is left as it is"))
        else:
            found[row.line] = next(iter(sure.values()))
    lines: dict[str, list[int]] = {}
    for line, student in found.items():
        lines.setdefault(student.id, []).append(line)
    for id_, several in lines.items():
        for line in several if len(several) > 1 else ():
            del found[line]
            what = f"more than one row fits {clean(id_, 40)}; they are left as they are"
            problems.append(Problem(f"{sheet.path}:{line}", what))
    for student in students:
        if student.id not in lines:
            who = f"{clean(student.id, 40)} {clean(student.name, 60)}".strip()
            problems.append(Problem(str(sheet.path), f"{who} is not in the template"))
    return found, tuple(problems)
