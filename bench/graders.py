"""How each grader is set up, given a program, run, and read: what an instructor would do with it."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import checks
import notebook_graders
from checks import BENCH, REPOSITORY
from measure import Command
from room import Grader, Marks, Room, copy_program, json_of, text_of

PEERS = BENCH / "peers"


# --- plain pytest -----------------------------------------------------------------------


def _pytest_set_up(room: Room, source: str) -> None:
    tests = room.folder / "tests"
    tests.mkdir()
    shutil.copy(PEERS / "plain_pytest" / "conftest.py", tests)
    shutil.copy(checks.TOOLS, tests)
    (tests / "test_notes.py").write_text(source)


def _beside_the_tests(room: Room, student: str, program: Path) -> None:
    shutil.copytree(room.folder / "tests", room.folder / student)
    copy_program(program, room.folder / student)


def _pytest_grade(room: Room, students: Sequence[str]) -> Command:
    return room.tool("pytest", "-q", "-p", "no:cacheprovider", cwd=room.folder / students[0])


def _pytest_grade_to_file(room: Room, students: Sequence[str]) -> Command:
    words = ("pytest", "-q", "-p", "no:cacheprovider", "--junitxml=results.xml")
    return room.tool(*words, cwd=room.folder / students[0])


def _pytest_marks(room: Room, student: str, said: str, code: int) -> Marks:
    if not code:
        # What most scripts around pytest look at.
        return Marks(len(checks.names((room.folder / "tests" / "test_notes.py").read_text())), said)
    results = room.folder / student / "results.xml"
    text = results.read_text() if results.is_file() else ""
    cases = list(ET.fromstring(text).iter("testcase")) if text else []
    return Marks(sum(1 for case in cases if not len(case)), said + text)


# --- gradescope-utils -------------------------------------------------------------------


def _gradescope_set_up(room: Room, source: str) -> None:
    shutil.copytree(PEERS / "gradescope_utils", room.folder / "source")
    (room.folder / "source" / "tests" / "notes_checks.py").write_text(checks.module(source))


def _gradescope_hand_in(room: Room, student: str, program: Path) -> None:
    shutil.copytree(room.folder / "source", room.folder / student / "source")
    (room.folder / student / "results").mkdir()
    copy_program(program, room.folder / student / "source")


def _gradescope_grade(room: Room, students: Sequence[str]) -> Command:
    return room.tool("python", "run_tests.py", cwd=room.folder / students[0] / "source")


def _gradescope_marks(room: Room, student: str, said: str, code: int) -> Marks:
    text = text_of(room.folder / student / "results" / "results.json")
    tests = json_of(text).get("tests", [])
    return Marks(sum(1 for test in tests if test.get("score") == 1), said + text)


# --- check50 ----------------------------------------------------------------------------


def _check50_set_up(room: Room, source: str) -> None:
    shutil.copytree(PEERS / "check50" / "checks", room.folder / "checks")
    (room.folder / "checks" / "notes_checks.py").write_text(checks.module(source))


def _alone(room: Room, student: str, program: Path) -> None:
    (room.folder / student).mkdir()
    copy_program(program, room.folder / student)


def _check50_grade(room: Room, students: Sequence[str]) -> Command:
    words = ("check50", "--dev", "--output", "json", "--output-file", f"../{students[0]}.json", "../checks")
    return room.tool(*words, cwd=room.folder / students[0])


def _check50_marks(room: Room, student: str, said: str, code: int) -> Marks:
    text = text_of(room.folder / f"{student}.json")
    return Marks(sum(1 for result in json_of(text).get("results", []) if result.get("passed") is True), said + text)


# --- ours -------------------------------------------------------------------------------


def _our_set_up(room: Room, source: str) -> None:
    exercise = room.folder / "exercises" / "02-rest" / "notes-crud"
    shutil.copytree(checks.NOTES, exercise, ignore=shutil.ignore_patterns("__pycache__"))
    (exercise / "checks" / "test_notes.py").write_text(source)
    for name in ("curriculum", "solutions"):
        (room.folder / name).symlink_to(REPOSITORY / name)


def _our_hand_in(room: Room, student: str, program: Path) -> None:
    folder = room.folder / "work" / "notes-crud"
    folder.mkdir(parents=True)
    copy_program(program, folder)
    (folder / "Procfile").write_text("web: flask --app app run --port $PORT\n")


def _our_grade(room: Room, students: Sequence[str]) -> Command:
    return room.tool("grader", "check", "notes-crud")


def _our_grade_to_json(room: Room, students: Sequence[str]) -> Command:
    return room.tool("grader", "check", "notes-crud", "--json")


def _our_marks(room: Room, student: str, said: str, code: int) -> Marks:
    if said.startswith("{"):
        return Marks(sum(1 for check in json_of(said).get("checks", []) if check["outcome"] == "passed"), said)
    return Marks(len(checks.names(checks.NOTES_CHECKS.read_text())) if not code else 0, said)


PLAIN = Grader(
    name="plain pytest",
    package="pytest",
    folder="plain_pytest",
    set_up=_pytest_set_up,
    hand_in=_beside_the_tests,
    grade=_pytest_grade,
    marks=_pytest_marks,
    grade_to_file=_pytest_grade_to_file,
)
OURS = Grader(
    name="grader",
    package="",
    folder="",
    set_up=_our_set_up,
    hand_in=_our_hand_in,
    grade=_our_grade,
    marks=_our_marks,
    grade_to_file=_our_grade_to_json,
)
GRADESCOPE = Grader(
    name="gradescope-utils",
    package="gradescope-utils",
    folder="gradescope_utils",
    set_up=_gradescope_set_up,
    hand_in=_gradescope_hand_in,
    grade=_gradescope_grade,
    marks=_gradescope_marks,
)
CHECK50 = Grader(
    name="check50",
    package="check50",
    folder="check50",
    set_up=_check50_set_up,
    hand_in=_alone,
    grade=_check50_grade,
    marks=_check50_marks,
)
PEER_GRADERS = (PLAIN, GRADESCOPE, CHECK50, notebook_graders.OTTER, notebook_graders.NBGRADER)
