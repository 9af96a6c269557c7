"""What is measured: one check by each grader, the light exercise, and a class of submissions."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import checks
from checks import BENCH
from graders import PEERS
from measure import Finished, end_all, peak_memory, run, settle
from room import STUDENT, Grader, Room

from grader.course import Course
from grader.grading import Options, Pool, Preparation, collect, new_seed
from grader.model import Exercise, Submission

Job = TypeVar("Job")

LIGHT = BENCH / "light"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

# One run: how many seconds it took (or MB it held). Raises SystemExit when the reference did not get full marks.
Measure = Callable[[], float]


@dataclass(frozen=True)
class Subject:
    """One line of a table; ``size`` is how many submissions one run grades."""

    name: str
    measure: Measure
    size: int = 1


def prepared(grader: Grader, folder: Path, environment: Path) -> Room:
    """A room where the reference has been handed in."""
    room = _room(grader, folder, environment)
    grader.hand_in(room, STUDENT, checks.NOTES_REFERENCE)
    return room


def one_check(grader: Grader, room: Room) -> Measure:
    """One grading of the reference by a command."""

    def measure() -> float:
        finished = run(grader.grade(room, [STUDENT]))
        _demand_full_marks(grader, room, [STUDENT], finished)
        return finished.seconds

    return measure


def peak(grader: Grader, rooms: Sequence[Room]) -> Measure:
    """The most memory in MB of gradings side by side, one in each room."""
    return lambda: peak_memory([grader.grade(room, [STUDENT]) for room in rooms])


def ready_judge(folder: Path, exercise_id: str, *, always_fresh: bool = False) -> Measure:
    """From the order to the report, by our judge when it waits for the order, as it does in ``watch``."""
    exercise, submission = _ours(folder, exercise_id)

    def measure() -> float:
        with Preparation.of(exercise, submission) as preparation:
            settle()
            report = preparation.judge(exercise, submission, Options(new_seed(), always_fresh=always_fresh))
        if not report.passed:
            raise SystemExit(f"{exercise_id}: the reference does not pass; there is nothing to measure")
        return report.seconds

    return measure


def light_by_pytest(folder: Path, environment: Path) -> Measure:
    """The ten functions by plain pytest, imported into its own process."""
    room = Room(folder, environment)
    for path in (LIGHT / "functions.py", LIGHT / "checks" / "test_functions.py", checks.TOOLS):
        shutil.copy(path, folder)
    shutil.copy(PEERS / "plain_pytest" / "conftest.py", folder)

    def measure() -> float:
        return _success(run(room.tool("pytest", "-q", "-p", "no:cacheprovider")))

    return measure


def light_by_grader(folder: Path, environment: Path) -> Measure:
    """The ten functions by ``grader check``, in a course that has no other exercise."""
    exercise = folder / "exercises" / "00-light" / "ten-functions"
    exercise.mkdir(parents=True)
    (folder / "curriculum").mkdir()
    shutil.copy(LIGHT / "exercise.toml", exercise)
    shutil.copytree(LIGHT / "checks", exercise / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    for place in (exercise / "starter", folder / "work" / "ten-functions"):
        place.mkdir(parents=True)
        shutil.copy(LIGHT / "functions.py", place)
    room = Room(folder, environment)
    return lambda: _success(run(room.tool("grader", "check", "ten-functions")))


def batch(grader: Grader, folder: Path, environment: Path, count: int) -> Measure:
    """A class of ``count`` submissions by a peer, as many commands at a time as there are cores."""
    rooms: list[tuple[Room, list[str]]] = []
    students = [f"student{number:02}" for number in range(count)]
    if grader.whole_class:
        # One command grades one class, one submission after the other; so each core has a class.
        for number, part in enumerate(_parts(students, CORES)):
            rooms.append((_room(grader, folder / str(number), environment), part))
    else:
        room = _room(grader, folder, environment)
        rooms.extend((room, [student]) for student in students)
    for room, handed_in in rooms:
        for student in handed_in:
            grader.hand_in(room, student, checks.NOTES_REFERENCE)

    def one(job: tuple[Room, list[str]]) -> float:
        room, students = job
        finished = run(grader.grade(room, students))
        _demand_full_marks(grader, room, students, finished)
        return finished.seconds

    return lambda: _side_by_side(one, rooms)


def our_batch(folder: Path, count: int, *, always_fresh: bool) -> Measure:
    """A class of ``count`` submissions by our judge, as many at a time as there are cores."""
    exercise, _ = _ours(folder, "notes-crud")
    submissions: list[Submission] = []
    for number in range(count):
        program = folder / "class" / f"student{number:02}"
        if not program.exists():
            shutil.copytree(checks.NOTES_REFERENCE, program, ignore=shutil.ignore_patterns("__pycache__"))
        submissions.append(collect(exercise, program))

    def measure() -> float:
        with Pool() as judges:

            def one(submission: Submission) -> float:
                options = Options(new_seed(), always_fresh=always_fresh, isolation="sandbox")
                if not judges.grade(exercise, submission, options).passed:
                    raise SystemExit("our judge: the reference does not pass; there is nothing to measure")
                return 0.0

            return _side_by_side(one, submissions)

    return measure


def _side_by_side(act: Callable[[Job], float], jobs: Sequence[Job]) -> float:
    """The seconds until all jobs are done; on Ctrl-C those that have not begun never do."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        waiting = [pool.submit(act, job) for job in jobs]
        try:
            for each in waiting:
                each.result()
        except BaseException:
            end_all()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return time.perf_counter() - started


def _room(grader: Grader, folder: Path, environment: Path) -> Room:
    folder.mkdir(parents=True, exist_ok=True)
    room = Room(folder, environment)
    grader.set_up(room, checks.NOTES_CHECKS.read_text())
    return room


def _ours(folder: Path, exercise_id: str) -> tuple[Exercise, Submission]:
    course = Course(folder)
    exercise = course.exercise(exercise_id)
    return exercise, collect(exercise, course.work / exercise_id)


def _parts(students: list[str], count: int) -> Iterator[list[str]]:
    for number in range(count):
        part = students[number::count]
        if part:
            yield part


def _success(finished: Finished) -> float:
    if finished.code:
        raise SystemExit(f"the solution does not pass; there is nothing to measure:\n{finished.said[-2000:]}")
    return finished.seconds


def _demand_full_marks(grader: Grader, room: Room, students: Sequence[str], finished: Finished) -> None:
    possible = len(checks.names(checks.NOTES_CHECKS.read_text()))
    for student in students:
        marks = grader.marks(room, student, finished.said, finished.code)
        if finished.code or marks.passed != possible:
            raise SystemExit(
                f"{grader.name} gives the reference {marks.passed} of {possible} and ends with {finished.code};"
                " there is nothing to measure:\n"
                f"{marks.shown[-2000:]}"
            )
