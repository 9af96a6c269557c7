"""The process that grades, one attack after the other, as a queue's worker would.

Reads orders as JSON lines on stdin and answers each with a report on stdout. It carries
the secret about it, in every way a grader's process could.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.errors import LearnerError
from grader.grading import Options, Pool, collect, grade
from grader.model import Report
from tests.attacks import bait

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SIGKILL = 9


def main() -> None:
    """Serve until nobody orders any more."""
    course, secret = Course(Path(sys.argv[1])), sys.argv[2]
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    # Orphans come here, where they are seen.
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A careful host's: what the grader copies for the sandbox must be readable all the same.
    os.umask(0o077)
    carried = bait.carry(secret)
    judges = Pool()
    for line in sys.stdin:
        order = json.loads(line)
        if not order["waiting"]:
            judges.close()
        report = _graded(course, order, judges.grade if order["waiting"] else grade)
        sys.stdout.write(json.dumps(report | {"waiting": len(judges)}) + "\n")
        sys.stdout.flush()
        _reap()
    carried.clear()


def _graded(course: Course, order: dict[str, Any], grade: Callable[..., Report]) -> dict[str, Any]:
    exercise = course.exercise(order["arena"])
    if order["seconds"]:
        exercise = replace(exercise, limits=replace(exercise.limits, seconds=order["seconds"]))
    checks = tuple(check for check in exercise.checks if check.id in order["checks"])
    try:
        submission = collect(exercise, Path(order["folder"]))
    except LearnerError as error:
        return {"refused": error.what}
    report = grade(exercise, submission, Options(order["seed"], checks, isolation=order["isolation"]))
    return {
        "refused": "",
        "isolation": report.isolation,
        "incomplete": report.incomplete,
        "notes": report.notes,
        "seconds": report.seconds,
        "results": {
            result.check.id: {
                "outcome": result.outcome,
                "message": result.message,
                "shown": [result.message, result.where or "", *result.log, *result.transcript],
            }
            for result in report.results
        },
    }


def _reap() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


if __name__ == "__main__":
    main()
