"""The results that an autograder of Gradescope leaves: ``<exercise>/<student>/results.json``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, Work, checks, settled, summary
from grader.classroom.exporters.text import clean, plain, safe_names
from grader.classroom.model import Mark


def write(book: Book, target: Path, template: Path | None) -> Exported:
    """A file for each exercise and student in the folder ``target``."""
    folder = files.folder(target)
    exercises = safe_names(work.id for work in book.exercises)
    students = safe_names(student.id for student in book.students)
    paths = []
    for work in book.exercises:
        for student in book.students:
            path = folder / exercises[work.id] / students[student.id] / "results.json"
            text = json.dumps(_results(book.mark(student, work), work), indent=2, ensure_ascii=False)
            paths.append(files.put(path, f"{text}\n".encode()))
    return Exported(tuple(paths), book.unsettled(target))


def _results(mark: Mark, work: Work) -> dict[str, Any]:
    output = clean(summary(mark, work), lines=True)
    if not settled(mark) and mark.state != "missing":
        # Without a score and without tests, Gradescope says that the autograder failed, as it did;
        # a 0, or the sum of the checks that were reached, would be a verdict.
        return {"output": output, "visibility": "visible", "tests": []}
    # The score stands above the sum of the tests, which knows neither lateness nor an instructor's word.
    return {"score": plain(mark.points), "output": output, "visibility": "visible", "tests": _tests(mark)}


def _tests(mark: Mark) -> list[dict[str, Any]]:
    tests = []
    nth: Counter[int] = Counter()
    for check in checks(mark):
        nth[check.task] += 1
        outcome = "" if check.passed or check.outcome == "failed" else check.outcome.replace("_", " ")
        tests.append(
            {
                "name": clean(check.sentence or check.id),
                "number": f"{check.task}.{nth[check.task]}",
                "score": check.points if check.passed else 0,
                "max_score": check.points,
                "status": "passed" if check.passed else "failed",
                "output": clean("\n".join(filter(None, (outcome, check.text))), lines=True),
                "visibility": "visible",
            }
        )
    return tests
