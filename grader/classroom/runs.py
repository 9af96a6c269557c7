"""Grading what is to be graded: what that is, on this machine, and what a regrade would change."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from grader.classroom.gradebook import Gradebook
from grader.classroom.judging import Bench, task_of
from grader.classroom.model import Task, Verdict
from grader.classroom.tables import CURRENT, PROPOSED
from grader.course import Course
from grader.grading import Pool
from grader.services import Sources

# (task, verdict, done, total), after each verdict that was kept.
OnVerdict = Callable[[Task, Verdict, int, int], None]
# How a run takes tasks to verdicts: given what is to be done, it yields them in whatever order they come.
Runner = Callable[[Sequence[Task]], Iterator[tuple[Task, Verdict]]]


@dataclass(frozen=True)
class Plan:
    """``tasks`` have no verdict yet. ``older`` have one that was made with another version of the exercise."""

    tasks: tuple[Task, ...]
    older: tuple[Task, ...]
    unknown: tuple[str, ...]


def plan(course: Course, gradebook: Gradebook, exercises: Sequence[str] = ()) -> Plan:
    """What is to be graded. ``unknown`` are exercises that somebody handed in and the course has not."""
    have = gradebook.verdicts()
    tasks, older, unknown = [], [], []
    known = set(course.ids())
    for digest, exercise in gradebook.handed_in(exercises):
        if exercise not in known:
            unknown.append(exercise)
            continue
        task = task_of(digest, course.exercise(exercise))
        key, verdict = have.get((digest, exercise), ("", None))
        if verdict is None or verdict.state == "broken":
            tasks.append(task)
        elif key != task.key:
            older.append(task)
    # Judges wait for more of the same exercise.
    by_exercise = sorted(tasks, key=lambda task: task.exercise)
    return Plan(tuple(by_exercise), tuple(older), tuple(dict.fromkeys(unknown)))


def run(
    gradebook: Gradebook, tasks: Sequence[Task], runner: Runner, on_verdict: OnVerdict, standing: str = CURRENT
) -> int:
    """Grade tasks and keep each verdict at once; how many were kept."""
    kept = 0
    for task, verdict in runner(tasks):
        if gradebook.judged(task, verdict, standing):
            kept += 1
        on_verdict(task, verdict, kept, len(tasks))
    return kept


def here(course: Course, gradebook: Gradebook, sources: Sources, jobs: int) -> Runner:
    """On this machine, so many at once."""

    def runner(tasks: Sequence[Task]) -> Iterator[tuple[Task, Verdict]]:
        with Pool() as pool, ThreadPoolExecutor(jobs) as threads:
            bench = Bench(course, pool, sources, socket.gethostname())

            def grade(task: Task) -> Verdict:
                return bench.grade(task, gradebook.files(task.digest))

            ahead = iter(tasks)
            running: dict[Future[Verdict], Task] = {}
            try:
                while True:
                    # A few at a time: a class is large, and what is ordered holds its files.
                    for task in ahead:
                        running[threads.submit(grade, task)] = task
                        if len(running) >= jobs:
                            break
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield running.pop(future), future.result()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                pool.stop()
                raise

    return runner


@dataclass(frozen=True)
class Change:
    """What a regrade would change for the students who handed in the same bytes. ``checks``: id, before, after."""

    digest: str
    exercise: str
    students: tuple[str, ...]
    before: Verdict
    after: Verdict
    checks: tuple[tuple[str, str, str], ...]
    why: str


def changes(gradebook: Gradebook) -> list[Change]:
    """The proposed verdicts that differ from the current ones, by exercise and student."""
    current, proposed = gradebook.verdicts(CURRENT), gradebook.verdicts(PROPOSED)
    who: dict[tuple[str, str], list[str]] = {}
    for (student, exercise), rows in gradebook.attempts().items():
        for row in rows:
            who.setdefault((row["digest"], exercise), []).append(student)
    found = []
    for (digest, exercise), (key, after) in proposed.items():
        # What the judge could not finish says nothing, and takes nobody's mark.
        if (digest, exercise) not in current or after.state == "broken":
            continue
        old_key, before = current[digest, exercise]
        differing = tuple(_differing(before, after))
        if differing or (before.state, before.earned, before.possible) != (after.state, after.earned, after.possible):
            why = "the exercise or the grader has changed" if key != old_key else "the same in every respect: by chance"
            names = tuple(sorted(set(who.get((digest, exercise), []))))
            found.append(Change(digest, exercise, names, before, after, differing, why))
    return sorted(found, key=lambda change: (change.exercise, change.students))


def _differing(before: Verdict, after: Verdict) -> Iterator[tuple[str, str, str]]:
    old, new = _outcomes(before.document), _outcomes(after.document)
    for check in dict.fromkeys([*old, *new]):
        one, other = old.get(check, "not there"), new.get(check, "not there")
        if one != other:
            yield check, one, other


def _outcomes(document: Mapping[str, object] | None) -> dict[str, str]:
    checks = (document or {}).get("checks", [])
    assert isinstance(checks, list)
    return {check["id"]: check["outcome"] for check in checks}


def jobs_of_this_machine() -> int:
    """As many as keep it busy: half of a grading is waiting."""
    return 2 * (os.cpu_count() or 1)


def again(course: Course, gradebook: Gradebook, exercises: Sequence[str] = ()) -> tuple[Task, ...]:
    """Everything that has a verdict, but for what a regrade that was broken off has graded anew already."""
    have, proposed = gradebook.verdicts(CURRENT), gradebook.verdicts(PROPOSED)
    tasks = []
    for digest, name in gradebook.handed_in(exercises):
        if (digest, name) in have and name in set(course.ids()):
            task = task_of(digest, course.exercise(name))
            key, verdict = proposed.get((digest, name), ("", None))
            if key != task.key or verdict is None or verdict.state == "broken":
                tasks.append(task)
    return tuple(sorted(tasks, key=lambda task: task.exercise))
