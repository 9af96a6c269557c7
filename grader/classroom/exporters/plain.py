"""CSV for people with a spreadsheet, and for scripts."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, hours_late, moment, points, settled
from grader.classroom.exporters.text import cell, number

LONG = (
    "id",
    "name",
    "email",
    "exercise",
    "state",
    "earned",
    "points",
    "possible",
    "late_hours",
    "attempts",
    "submitted",
    "overridden",
    "comment",
    "note",
)


def wide(book: Book, target: Path, template: Path | None) -> Exported:
    """One row for each student: who, the points of each exercise, total, possible, percent.

    An exercise without points yet is an empty cell, which the total counts as 0. The file has a
    byte order mark, alone of all formats: without one, Excel takes the names for Windows-1252,
    while other readers of CSV would find the mark in the name of the first column.
    """
    path = files.single(target, "marks.csv")
    possible = sum(work.possible for work in book.exercises)
    table = [["id", "name", "email", *(cell(work.id) for work in book.exercises), "total", "possible", "percent"]]
    for student in book.students:
        marks = [book.mark(student, work) for work in book.exercises]
        total = number(math.fsum(mark.points for mark in marks if settled(mark)))
        who = [cell(student.id), cell(student.name), cell(student.email)]
        table.append([*who, *map(points, marks), total, str(possible), _percent(total, possible)])
    return Exported((files.rows(path, table, bom=True),), book.unsettled(path))


def long(book: Book, target: Path, template: Path | None) -> Exported:
    """One row for each student and exercise; ``late_hours`` are hours, ``submitted`` is UTC."""
    path = files.single(target, "marks-long.csv")
    table = [list(LONG)]
    for student in book.students:
        for work in book.exercises:
            mark = book.mark(student, work)
            table.append(
                [
                    cell(student.id),
                    cell(student.name),
                    cell(student.email),
                    cell(work.id),
                    cell(mark.state),
                    str(mark.earned),
                    points(mark),
                    str(mark.possible or work.possible),
                    number(hours_late(mark)),
                    str(mark.attempts),
                    moment(mark),
                    "true" if mark.overridden else "false",
                    cell(mark.comment),
                    cell(mark.note),
                ]
            )
    return Exported((files.rows(path, table),))


def _percent(total: str, possible: int) -> str:
    if not possible or not total:
        return ""
    # Rounded down, so that nobody has 100 who lacks a point.
    share = Decimal(total) * 100 / possible
    return number(float(share.quantize(Decimal("0.01"), ROUND_DOWN)))
