"""The two graders that run a program in a notebook's kernel: otter-grader and nbgrader."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import checks
from checks import BENCH
from measure import Command, run
from room import Grader, Marks, Room, copy_program, json_of, text_of

PEERS = BENCH / "peers"


# --- otter-grader -----------------------------------------------------------------------


def _otter_set_up(room: Room, source: str) -> None:
    tests = room.folder / "tests"
    tests.mkdir()
    notes = (PEERS / "otter_grader" / "tests" / "notes.py").read_text()
    (tests / "notes.py").write_text(checks.module(source) + "\n\n" + notes)
    made = run(room.tool("otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements"))
    if made.code:
        raise SystemExit(f"otter generate failed:\n{made.said}")


def _otter_hand_in(room: Room, student: str, program: Path) -> None:
    (room.folder / student).mkdir()
    copy_program(program, room.folder / student)


def _otter_grade(room: Room, students: Sequence[str]) -> Command:
    words = ("otter", "run", "app.py", "-a", "../autograder.zip", "-o", ".", "--no-logo")
    return room.tool(*words, cwd=room.folder / students[0])


def _otter_marks(room: Room, student: str, said: str, code: int) -> Marks:
    text = text_of(room.folder / student / "results.json")
    tests = json_of(text).get("tests", [])
    return Marks(round(sum(test.get("score", 0) for test in tests)), said + text)


# --- nbgrader ---------------------------------------------------------------------------


def _nbgrader_set_up(room: Room, source: str) -> None:
    shutil.copy(PEERS / "nbgrader" / "nbgrader_config.py", room.folder)
    (room.folder / "source" / "notes").mkdir(parents=True)
    setup, each = checks.cells(source)
    cells = [_cell("tools", setup, grade=False)]
    cells += [_cell(name, _hidden(text), grade=True) for name, text in each.items()]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (room.folder / "source" / "notes" / "notes.ipynb").write_text(json.dumps(notebook))
    made = run(room.tool("nbgrader", "generate_assignment", "notes"))
    if made.code:
        raise SystemExit(f"nbgrader generate_assignment failed:\n{made.said}")


def _cell(name: str, source: str, *, grade: bool) -> dict[str, object]:
    about = {"grade": grade, "grade_id": name, "locked": True, "solution": False, "task": False, "schema_version": 3}
    if grade:
        about["points"] = 1
    return {
        "cell_type": "code",
        "id": name[-60:],
        "metadata": {"nbgrader": {**about, "cell_type": "code"}},
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _hidden(text: str) -> str:
    return f"### BEGIN HIDDEN TESTS\n{text}### END HIDDEN TESTS\n"


def _nbgrader_hand_in(room: Room, student: str, program: Path) -> None:
    folder = room.folder / "submitted" / student / "notes"
    folder.mkdir(parents=True)
    shutil.copy(room.folder / "release" / "notes" / "notes.ipynb", folder)
    copy_program(program, folder)


def _nbgrader_grade(room: Room, students: Sequence[str]) -> Command:
    return room.tool("nbgrader", "autograde", "notes", "--force", f"--student={_glob(students)}")


def _glob(students: Sequence[str]) -> str:
    # nbgrader takes one pattern; a room for a class holds nobody else.
    return students[0] if len(students) == 1 else "*"


def _nbgrader_marks(room: Room, student: str, said: str, code: int) -> Marks:
    query = """
        select coalesce(sum(grade.auto_score), 0) from grade
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        where submitted_assignment.student_id = ?"""
    with sqlite3.connect(room.folder / "gradebook.db") as database:
        (score,) = database.execute(query, (student,)).fetchone()
    database.close()
    return Marks(round(score), said + text_of(room.folder / "autograded" / student / "notes" / "notes.ipynb"))


OTTER = Grader(
    name="otter-grader",
    package="otter-grader",
    folder="otter_grader",
    set_up=_otter_set_up,
    hand_in=_otter_hand_in,
    grade=_otter_grade,
    marks=_otter_marks,
)
NBGRADER = Grader(
    name="nbgrader",
    package="nbgrader",
    folder="nbgrader",
    set_up=_nbgrader_set_up,
    hand_in=_nbgrader_hand_in,
    grade=_nbgrader_grade,
    marks=_nbgrader_marks,
    whole_class=True,
)
