"""CSV for the gradebook import of Canvas.

Canvas finds a student by ``ID``, else by ``SIS User ID``, ``SIS Login ID`` or name, and an
assignment by the number in ``Title (12345)``, else by its title; what it does not find it offers to
make. Only an export of Canvas knows the numbers, so a template is the better way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, Work, points, settled
from grader.classroom.exporters.template import Finder, Row, Sheet, amount, owners, read
from grader.classroom.exporters.text import cell, clean
from grader.classroom.model import Problem, Student
from grader.errors import UsageError

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "    Points Possible"  # with four blanks, as Canvas itself writes it

_NUMBERED = re.compile(r"(?P<title>.*\S)\s+\(\d+\)\s*", re.DOTALL)
_POSTING = re.compile(r"\s*(?:muted|manual posting.*)?\s*", re.IGNORECASE)
_TEST = ("student, test", "test student")  # Canvas' own, with whose eyes an instructor looks


def write(book: Book, target: Path, template: Path | None) -> Exported:
    """One file: the ``template`` filled in, or one with a column for each exercise by its title."""
    path = files.single(target, "canvas.csv")
    if template is not None:
        return _filled(book, path, read(template))
    works = book.exercises
    table = [[*HEADER, *_headings(works).values()], [POSSIBLE, "", "", "", "", *(str(work.possible) for work in works)]]
    strangers = 0
    for student in book.students:
        number = _name(student) if student.names.get("canvas", "").isdigit() else ""
        login = student.id if number else _name(student)
        strangers += not number
        who = [cell(student.name or student.id), number, "", cell(login), ""]
        table.append([*who, *(points(book.mark(student, work)) for work in works)])
    warnings = book.unsettled(path)
    if strangers:
        what = f"students without a Canvas number: {strangers}; Canvas looks for their login, then for their name"
        warnings += (Problem(str(path), what),)
    return Exported((files.rows(path, table),), warnings)


def _name(student: Student) -> str:
    return student.names.get("canvas") or student.id


def _headings(works: Iterable[Work]) -> dict[str, str]:
    """By exercise a heading that Canvas does not take for another's: alone, and not ending in a number."""
    works = tuple(works)
    often = Counter(_same(work.title) for work in works)
    return {
        work.id: cell(work.title)
        if work.title and often[_same(work.title)] == 1 and not _NUMBERED.fullmatch(work.title)
        else cell(f"{work.title} · {work.id}")
        for work in works
    }


def _same(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _filled(book: Book, path: Path, sheet: Sheet) -> Exported:
    section = sheet.column("Section")
    name = sheet.column("Student", "LastName")
    number = sheet.column("ID")
    if section is None or name is None or number is None:
        raise UsageError(
            "this is no export of Canvas' gradebook: its first row lacks Student, ID or Section",
            where=f"{sheet.path}:1",
            next_step="export the gradebook from Canvas and name that file",
        )
    possible = next((row for row in sheet.rows if row.good and "points possible" in row.cells[name].casefold()), None)
    columns, warnings = _columns(book.exercises, sheet, section, possible)
    rows = [row for row in sheet.rows if row is not possible and row.good and _is_student(row, name)]
    clues = (
        (number, Finder(book.students, lambda s: [_name(s)])),
        (sheet.column("SIS User ID"), Finder(book.students, lambda s: [_name(s), s.id])),
        (sheet.column("SIS Login ID"), Finder(book.students, lambda s: [_name(s), s.id, s.email])),
    )
    found, unknown = owners(sheet, rows, clues, book.students)
    table = list(sheet.table())
    for cells, row in zip(table[1:], sheet.rows, strict=True):
        student = found.get(row.line)
        if student is None:
            continue
        for column, work in columns.items():
            mark = book.mark(student, work)
            if not settled(mark):
                continue  # what Canvas has there is not undone by our knowing nothing
            if row.cells[column].strip().upper() in {"EX", "N/A"}:
                what = f"{clean(mark.student.id, 40)} is excused from {work.id} or was not assigned it; left so"
                warnings.append(Problem(sheet.at(row), what))
                continue
            cells[column] = points(mark)
    done = files.rows(path, table, delimiter=sheet.delimiter)
    return Exported((done,), (*sheet.problems, *warnings, *unknown, *book.unsettled(path)))


def _is_student(row: Row, name: int) -> bool:
    # Above the points possible there may be a row that says of each column whether it is posted by hand.
    return row.cells[name].strip().casefold() not in _TEST and not all(_POSTING.fullmatch(c) for c in row.cells)


def _columns(
    works: Iterable[Work], sheet: Sheet, section: int, possible: Row | None
) -> tuple[dict[int, Work], list[Problem]]:
    """Which columns are which exercise's, and what is to be said of the exercises and columns."""
    by_heading: dict[str, list[int]] = {}
    for column in range(section + 1, len(sheet.header)):
        heading = sheet.header[column]
        numbered = _NUMBERED.fullmatch(heading)
        for form in {_same(heading), _same(numbered["title"]) if numbered else _same(heading)}:
            by_heading.setdefault(form, []).append(column)
    works = tuple(works)
    headings = _headings(works)
    titles = Counter(_same(work.title) for work in works)
    columns: dict[int, Work] = {}
    problems: list[Problem] = []
    where = f"{sheet.path}:1"
    for work in works:
        forms = [_same(headings[work.id]), _same(work.title) if titles[_same(work.title)] == 1 else "", _same(work.id)]
        fitting: list[int] = next((by_heading[form] for form in forms if form and form in by_heading), [])
        fitting = [column for column in fitting if column not in columns]
        if len(fitting) != 1:
            how = "more than one column is" if fitting else "no column is"
            problems.append(Problem(where, f"{how} called “{clean(work.title, 80)}” or {work.id}; it is left out"))
            continue
        says = possible.cells[fitting[0]].strip() if possible is not None else ""
        if "read only" in says:
            problems.append(Problem(where, f"the column of {work.id} is read only; it is left out"))
            continue
        if says and amount(says) != work.possible:
            what = f"{work.id} has {work.possible} points and its column in Canvas {clean(says, 20)}; nothing is scaled"
            problems.append(Problem(where, what))
        columns[fitting[0]] = work
    if not columns:
        raise UsageError(
            "no column of this template can be filled in: none is called like an exercise",
            where=where,
            next_step="call the assignments in Canvas by the titles or ids of the exercises, and export again",
        )
    return columns, problems
