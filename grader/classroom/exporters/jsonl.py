"""One JSON object a line for each student and exercise, for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, Work, checks, hours_late, moment, settled
from grader.classroom.exporters.text import clean, plain
from grader.classroom.model import Mark


def write(book: Book, target: Path, template: Path | None) -> Exported:
    """One file, sorted by student, then in the order of the course.

    It is plain ASCII: ids stay exactly what they are, and whatever in them a terminal would obey
    is shown as its number.
    """
    path = files.single(target, "marks.jsonl")
    lines = [
        json.dumps(_object(book.mark(student, work), work), sort_keys=True)
        for student in book.students
        for work in book.exercises
    ]
    return Exported((files.put(path, "".join(f"{line}\n" for line in lines).encode("ascii")),))


def _object(mark: Mark, work: Work) -> dict[str, Any]:
    return {
        "student": mark.student.id,
        "name": clean(mark.student.name),
        "email": clean(mark.student.email),
        "exercise": work.id,
        "title": work.title,
        "state": mark.state,
        "earned": mark.earned,
        "points": plain(mark.points) if settled(mark) else None,
        "possible": mark.possible or work.possible,
        "late_hours": plain(hours_late(mark)),
        "attempts": mark.attempts,
        "submitted": moment(mark) or None,
        "overridden": mark.overridden,
        "comment": clean(mark.comment, lines=True),
        "note": clean(mark.note, lines=True),
        "digest": mark.digest,
        "checks": [
            {"id": clean(check.id), "outcome": clean(check.outcome, 40), "points": check.points}
            for check in checks(mark)
        ],
    }
