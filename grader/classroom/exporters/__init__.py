"""Marks in the forms that other programs read: spreadsheets, Canvas, Moodle, Gradescope, JUnit and plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.classroom.exporters import canvas, gradescope, jsonl, junit, moodle, plain
from grader.classroom.exporters.book import Book, Exported, gather
from grader.classroom.model import Mark, Problem
from grader.errors import UsageError

__all__ = ["FORMATS", "Exported", "Exporter", "export"]


@dataclass(frozen=True)
class Exporter:
    """How one format is written.

    ``about`` is a line for --help. ``folder`` says that the target is a folder, which is made if
    need be; otherwise it is a file. ``template`` says that a file from the other system can be
    filled in. ``write`` takes the book, the target and the template.
    """

    write: Callable[[Book, Path, Path | None], Exported]
    about: str
    folder: bool = False
    template: bool = False


FORMATS: Mapping[str, Exporter] = MappingProxyType(
    {
        "csv": Exporter(plain.wide, "One row for each student, for spreadsheets."),
        "csv-long": Exporter(plain.long, "One row for each student and exercise, for scripts."),
        "canvas": Exporter(canvas.write, "CSV for Canvas' gradebook import; fills in its export.", template=True),
        "moodle": Exporter(
            moodle.write,
            "One grading worksheet for each exercise for Moodle; fills in downloaded ones.",
            folder=True,
            template=True,
        ),
        "gradescope": Exporter(
            gradescope.write, "A results.json for each exercise and student, as Gradescope's autograders.", folder=True
        ),
        "junit": Exporter(junit.write, "JUnit XML for each exercise, a suite for each student.", folder=True),
        "jsonl": Exporter(jsonl.write, "One JSON object a line for each student and exercise."),
    }
)


def export(
    marks: Sequence[Mark],
    kind: str,
    target: Path,
    *,
    template: Path | None = None,
    exercises: Sequence[tuple[str, str, int]],
) -> Exported:
    """Write ``marks`` as ``kind`` to ``target``, equal bytes for equal marks, and say where and what to look at.

    ``exercises`` holds ``(id, title, possible points)`` in the order of the course, ``marks`` one
    mark for each student and exercise; one that is lacking counts as missing. ``template`` is a
    file of the other system, and for Moodle also a folder of them.

    Raises ``UsageError`` for a format that is not there, a template that cannot be read, and a
    target that cannot be written; ``GraderError`` if there are two marks for one thing.
    """
    exporter = FORMATS.get(kind)
    if exporter is None:
        raise UsageError(f"there is no format {kind!r}", next_step=f"choose one of {', '.join(FORMATS)}")
    if template is not None and not exporter.template:
        able = ", ".join(name for name, other in FORMATS.items() if other.template)
        raise UsageError(f"{kind} has no template", next_step=f"leave the template out, or choose one of {able}")
    book = gather(marks, exercises)
    done = exporter.write(book, target, template)
    strays = tuple(Problem(str(target), f"marks for {name} are left out: no such exercise") for name in book.strays)
    return Exported(done.paths, done.warnings + strays)
