"""Grading worksheets for Moodle's assignments: one file for each exercise.

Moodle finds a student by ``Participant 12345`` alone, a number that it gives for each assignment
anew; only a worksheet downloaded from that assignment has it. Without a template, rows get the
number that the student was handed in under, and Moodle passes over those of other assignments.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, Work, points, settled, summary
from grader.classroom.exporters.template import Finder, Sheet, amount, owners, read
from grader.classroom.exporters.text import SPLIT, cell, clean, defused, number, safe_names
from grader.classroom.model import Mark, Problem, Student
from grader.errors import UsageError

HEADER = (
    "Identifier",
    "Full name",
    "Email address",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
# Alone or behind a blank: the digits of a name such as `jdoe42` are nobody's number.
_NUMBER = re.compile(r"(?<!\S)\d+\s*$", re.ASCII)


def write(book: Book, target: Path, template: Path | None) -> Exported:
    """``<exercise>.csv`` for each exercise in the folder ``target``.

    ``template`` is a worksheet, or a folder of them; then only the exercises with one are written.
    """
    folder = files.folder(target)
    names = safe_names(work.id for work in book.exercises)
    worksheets, warnings = _worksheets(book.exercises, template) if template is not None else ({}, [])
    paths = []
    for work in book.exercises:
        if template is not None and work.id not in worksheets:
            continue
        path = folder / f"{names[work.id]}.csv"
        if template is None:
            warnings.extend(_fresh(book, work, path))
        else:
            warnings.extend(_filled(book, work, path, read(worksheets[work.id])))
        paths.append(path)
    return Exported(tuple(paths), (*warnings, *book.unsettled(target)))


def _fresh(book: Book, work: Work, path: Path) -> list[Problem]:
    table = [list(HEADER)]
    strangers = []
    for student in book.students:
        mark = book.mark(student, work)
        numbered = _participant(student.names.get("moodle", ""))
        if not numbered:
            strangers.append(clean(student.id, 40))
        table.append(
            [
                f"Participant {numbered}" if numbered else "",
                cell(student.name),
                cell(student.email),
                points(mark),
                number(mark.possible or work.possible),
                "Yes",
                "-",
                "-",
                _feedback(mark, work),
            ]
        )
    files.rows(path, table)
    if not strangers:
        return []
    named = ", ".join(strangers[:5]) + (", …" if len(strangers) > 5 else "")
    return [Problem(str(path), f"Moodle will pass over rows without its number, {len(strangers)} in all: {named}")]


def _feedback(mark: Mark, work: Work) -> str:
    """What the student reads, as HTML, since that is what Moodle takes it for."""
    text = html.escape(clean(summary(mark, work), lines=True), quote=False).replace("\n", "<br>")
    # `&lt;=` must begin no cell either, and a place for a break shows nothing.
    return defused(SPLIT.sub(";<wbr>", text))


def _filled(book: Book, work: Work, path: Path, sheet: Sheet) -> list[Problem]:
    """Fill in Grade and Feedback comments of one worksheet, and say what did not fit."""
    who, grade = sheet.column("Identifier"), sheet.column("Grade")
    if who is None or grade is None:
        raise UsageError(
            "this is no grading worksheet of Moodle: its first row lacks Identifier or Grade",
            where=f"{sheet.path}:1",
            next_step="download the worksheet with Moodle's language set to English",
        )
    remark, most = sheet.column("Feedback comments"), sheet.column("Maximum Grade")
    change = sheet.column("Grade can be changed")
    rows = [row for row in sheet.rows if row.good]
    clues = (
        (who, _Participants(book.students)),
        (sheet.column("Email address"), Finder(book.students, lambda s: [s.email])),
        (sheet.column("ID number"), Finder(book.students, lambda s: [s.id])),
    )
    found, unknown = owners(sheet, rows, clues, book.students)
    warnings = [*sheet.problems, *unknown]
    other_scale: set[str] = set()
    table = list(sheet.table())
    for cells, row in zip(table[1:], sheet.rows, strict=True):
        student = found.get(row.line)
        if student is None:
            continue
        mark = book.mark(student, work)
        if not settled(mark) and not mark.comment:
            continue
        if change is not None and row.cells[change].strip().casefold() == "no":
            what = f"Moodle lets nobody change the grade of {clean(mark.student.id, 40)}; it is left as it is"
            warnings.append(Problem(sheet.at(row), what))
            continue
        if settled(mark):
            cells[grade] = points(mark)
        if remark is not None:
            cells[remark] = _feedback(mark, work)
        if most is not None and amount(row.cells[most]) not in {work.possible, None}:
            other_scale.add(clean(row.cells[most], 20))
    if other_scale:
        scales = ", ".join(sorted(other_scale))
        what = f"{work.id} has {work.possible} points and is graded in Moodle out of {scales}; nothing is scaled"
        warnings.append(Problem(str(sheet.path), what))
    files.rows(path, table, delimiter=sheet.delimiter)
    return warnings


class _Participants(Finder):
    """Students by the number at the end of ``Participant 12345``, whose word is of Moodle's language."""

    def __init__(self, students: Iterable[Student]) -> None:
        super().__init__(students, lambda s: [_participant(s.names.get("moodle", ""))])

    def find(self, value: str) -> dict[str, Student]:
        return super().find(_participant(value))


def _participant(text: str) -> str:
    found = _NUMBER.search(text)
    return found[0].strip() if found else ""


def _worksheets(works: tuple[Work, ...], template: Path) -> tuple[dict[str, Path], list[Problem]]:
    """By exercise its worksheet. One file for one exercise needs no name; others are told by theirs.

    Moodle calls them ``Grades-<course>-<assignment>--<number>.csv``.
    """
    if not template.is_dir():
        fitting = list(works) if len(works) == 1 else _named(works, template)
        if len(fitting) != 1:
            raise UsageError(
                "it cannot be told for which exercise this worksheet is",
                where=str(template),
                next_step="call the file by the exercise's id, or export one exercise only",
            )
        return {fitting[0].id: template}, []
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in sorted(template.glob("*.csv")):
        fitting = _named(works, path)
        if len(fitting) != 1 or fitting[0].id in found:
            problems.append(Problem(str(path), "it cannot be told for which exercise this worksheet is; it is left"))
        else:
            found[fitting[0].id] = path
    problems.extend(
        Problem(str(template), f"there is no worksheet for {work.id}; it is left out")
        for work in works
        if work.id not in found
    )
    if not found:
        raise UsageError("no worksheet in this folder is called like an exercise", where=str(template))
    return found, problems


def _named(works: tuple[Work, ...], path: Path) -> list[Work]:
    """Those whose id or title stands in the file's name, the longest only."""
    stem = _words(path.stem)
    fits = {
        work: max(
            (len(form) for form in map(_words, (work.id, work.title)) if len(form) > 2 and form in stem), default=0
        )
        for work in works
    }
    best = max(fits.values(), default=0)
    return [work for work, length in fits.items() if best and length == best]


def _words(text: str) -> str:
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    return f" {words} "
