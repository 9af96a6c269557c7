"""What a learner has done: one JSON file, safe to share between commands at once."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from grader.course import RUNGS, Course
from grader.model import Exercise, Outcome, Report

HONEST_TRIES = 3
_VERSION = 1


@dataclass
class Record:
    """One exercise: ``hints`` counts the rungs shown by task, ``last`` holds outcomes by check.

    ``honest_tries`` counts checks of programs that differ from every one begun with or checked
    before; ``seen`` holds the fingerprints of those.
    """

    tries: int = 0
    honest_tries: int = 0
    passed_at: str | None = None
    points: int = 0
    possible: int = 0
    checked_at: str | None = None
    hints: dict[str, int] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)


class Progress:
    """The records of one ``work/`` folder. Reading never fails; a broken file is set aside."""

    def __init__(self, course: Course) -> None:
        self._path = course.work / ".progress.json"

    def records(self) -> dict[str, Record]:
        """Every record, by exercise id."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: _record(values) for name, values in stored["exercises"].items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError):
            stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
            self._path.rename(self._path.with_name(f".progress.json.unreadable-{stamp}"))
            return {}

    def record(self, exercise_id: str) -> Record:
        """One record; an empty one if there is none."""
        return self.records().get(exercise_id, Record())

    def checked(self, report: Report, fingerprint: str, starter: str) -> Record:
        """Note the outcome of a check of the program with this fingerprint."""
        with self._changing(report.exercise.id) as record:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            record.tries += 1
            record.checked_at = now
            record.last |= {result.check.id: result.outcome.value for result in report.results}
            if fingerprint != starter and fingerprint not in record.seen:
                record.honest_tries += 1
                record.seen.append(fingerprint)
            if not report.partial and not report.broken:
                record.points, record.possible = report.points, report.possible
                if report.passed:
                    record.passed_at = record.passed_at or now
            return record

    def begun(self, exercise_id: str, fingerprint: str) -> None:
        """Note the program that the learner begins with: checking it is no honest try."""
        with self._changing(exercise_id) as record:
            if fingerprint not in record.seen:
                record.seen.append(fingerprint)

    def hint_shown(self, exercise_id: str, task: int, rungs: int) -> None:
        """Note that the first ``rungs`` hints for a task have been read."""
        with self._changing(exercise_id) as record:
            record.hints[str(task)] = max(rungs, record.hints.get(str(task), 0))

    @contextmanager
    def _changing(self, exercise_id: str) -> Iterator[Record]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Two checks may end at the same time; each must see what the other has written.
        with open(self._path.with_name(".progress.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            records = self.records()
            record = records.setdefault(exercise_id, Record())
            yield record
            content = {"version": _VERSION, "exercises": {name: asdict(r) for name, r in records.items()}}
            half = self._path.with_name(f".progress.json.{os.getpid()}")
            half.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            half.replace(self._path)


def task_to_do(exercise: Exercise, record: Record) -> int:
    """The first task with a check that has not passed; the first of all if none is known."""
    for check in exercise.checks:
        if record.last.get(check.id) != Outcome.PASSED.value:
            return check.task
    return exercise.checks[0].task if exercise.checks else 1


def solution_is_open(exercise: Exercise, record: Record) -> bool:
    """After a pass; or after three honest tries and the last hint of a task that still fails."""
    if record.passed_at:
        return True
    read = {int(task) for task, rungs in record.hints.items() if rungs >= len(RUNGS)}
    failing = {check.task for check in exercise.checks if record.last.get(check.id) != Outcome.PASSED.value}
    return record.honest_tries >= HONEST_TRIES and bool(read & failing)


def _record(values: dict[str, Any]) -> Record:
    known = {f.name for f in fields(Record)}
    return Record(**{key: value for key, value in values.items() if key in known})
