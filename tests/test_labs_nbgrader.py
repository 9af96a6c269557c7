"""Every lab of the course in the hands of nbgrader: validated, handed out, collected, marked, told and exported."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.grading import Options, collect, grade
from grader.grading.notebook import script_cells
from grader.model import Exercise
from grader.notebooks import nbcourse
from grader.notebooks.build import labs
from tests.conftest import REPOSITORY

COURSE = Course(REPOSITORY)
LABS = [exercise for exercise in labs(COURSE) if not exercise.draft]
BIN = str(Path(sys.executable).parent)
# What a learner reads below a task that is not done.
_FAILED = re.compile(r"checks of task (\d+) do not pass")
EVERY = pytest.mark.parametrize("lab", LABS, ids=[lab.id for lab in LABS])


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter's own files go into the test's folder, and nbgrader finds the programs it calls."""
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("PATH", os.pathsep.join([BIN, os.environ["PATH"]]))


def half_done(lab: Exercise) -> str:
    """The release, with the source's answers to the first half of its tasks."""
    source = script_cells(COURSE.reference(lab).path.read_text())
    notebook = json.loads(lab.release.read_text())
    tasks = max(check.task for check in lab.checks) // 2
    for cell in notebook["cells"]:
        if cell["id"] == f"check-{tasks}":
            break
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = source[cell["id"]][1]
    return json.dumps(notebook)


def points(lab: Exercise, notebook: Path) -> int:
    """What the course's own judge gives a notebook."""
    return grade(lab, collect(lab, notebook.parent), Options("0")).points


def verdict(path: Path) -> str:
    """What ``nbgrader validate`` prints of a notebook."""
    from nbgrader.validator import Validator

    said = io.StringIO()
    validator = Validator()
    validator.stream = said
    validator.validate_and_print(str(path))
    return said.getvalue()


def nbgrader_api(folder: Path) -> Any:
    """nbgrader's own face for programs, with the configuration that we have written."""
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    config = Config(PyFileConfigLoader(nbcourse.CONFIG, path=str(folder)).load_config())
    config.CourseDirectory.root = str(folder)
    return NbGraderAPI(config=config)


@EVERY
def test_a_lab_goes_all_the_way_through_nbgrader(
    lab: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full marks for the source's answers, none for the untouched release, and for half a copy what it is worth."""
    folder = tmp_path / "labs"
    nbcourse.write(COURSE, folder, [lab])
    name = f"{lab.notebook}.ipynb"
    source = folder / "source" / lab.id / name
    # The notebook's plots need no screen.
    monkeypatch.setenv("MPLBACKEND", "Agg")
    api = nbgrader_api(folder)
    for step in (api.generate_assignment, api.release_assignment):
        assert step(lab.id)["success"], lab.id
    released = folder / "release" / lab.id / name
    assert "SOLUTION" not in released.read_text()
    handed_in = {"full": source.read_text(), "half": half_done(lab), "none": released.read_text()}
    for student, text in handed_in.items():
        path = folder / "submitted" / student / lab.id / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        assert api.autograde(lab.id, student, create=True)["success"], student
    assert api.generate_feedback(lab.id)["success"]
    scores = {row["student"]: row["score"] for row in api.get_submissions(lab.id)}
    possible = sum(check.points for check in lab.checks)
    half = points(lab, folder / "submitted" / "half" / lab.id / name)
    assert scores == {"full": possible, "half": half, "none": 0}
    assert 0 < half < possible
    tasks = {check.task for check in lab.checks}
    told = {student: (folder / "feedback" / student / lab.id / name).with_suffix(".html") for student in handed_in}
    failed = {student: {int(task) for task in _FAILED.findall(page.read_text())} for student, page in told.items()}
    assert (failed["full"], failed["none"]) == (set(), tasks)
    assert set() < failed["half"] < tasks
    assert points(lab, released) == 0


def test_nbgrader_validates_a_source_and_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel like that of autograding, asked before anything is handed out; one lab shows it."""
    lab = next(lab for lab in LABS if lab.id == "rest-lab")
    nbcourse.write(COURSE, tmp_path / "labs", [lab])
    monkeypatch.setenv("MPLBACKEND", "Agg")
    source = tmp_path / "labs" / "source" / lab.id / f"{lab.notebook}.ipynb"
    assert "Success! Your notebook passes all the tests." in verdict(source)
    failed = verdict(lab.release)
    assert {int(task) for task in _FAILED.findall(failed)} == {check.task for check in lab.checks}
    assert len(re.findall(r"lab\.check\(\d+\)", failed)) == len(_FAILED.findall(failed))


def test_the_commands_of_the_page_work_as_they_stand(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """docs/nbgrader.md, typed from top to bottom by an instructor, with a student in between, ends in two equal marks."""
    page = (REPOSITORY / "docs" / "nbgrader.md").read_text()
    typed = [line.removeprefix("$ ").partition("  #")[0].strip() for line in page.splitlines() if line[:2] == "$ "]
    lab = next(lab for lab in LABS if lab.id == "fundamentals-lab")
    folder = tmp_path / "labs"
    home = os.environ | {"HOME": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "1", "GROUNDUP_COURSE": str(REPOSITORY)}
    ran: list[str] = []

    def run(words: str, cwd: Path) -> str:
        done = subprocess.run(
            ["bash", "-c", words], cwd=cwd, env=home, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        ran.append(words)
        return done.stdout + done.stderr

    for words in typed:
        if words.startswith(("make ", "source ", "cd ")):
            continue
        if words.startswith("grader labs nbgrader"):
            run(f"{words} fundamentals", tmp_path)
            continue
        if words.startswith("nbgrader collect"):
            # The student's half: the answers to half of it, handed in.
            copy = tmp_path / lab.id / "lab.ipynb"
            copy.parent.mkdir()
            copy.write_text(half_done(lab))
            shutil.copy(folder / nbcourse.CONFIG, tmp_path)
            run(f"nbgrader submit {lab.id} --student=mika", tmp_path)
            run(f"{words} --ExchangeCollect.check_owner=False", folder)
            continue
        run(words, folder)
    assert len(ran) == 12
    with (folder / "grades.csv").open() as file:
        (theirs,) = [row for row in csv.DictReader(file) if row["student_id"] == "mika"]
    with (folder / "marks.csv").open() as file:
        (ours,) = [row for row in csv.DictReader(file) if "mika" in row.values()]
    assert float(theirs["score"]) == float(ours[lab.id]) > 0


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, grader: Callable[..., Any]) -> None:
    """A course for nbgrader is made in a new folder only, and never where learners look."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("mine")
    refused = grader("labs", "nbgrader", str(tmp_path / "precious"), cwd=REPOSITORY)
    assert refused.code == 2
    assert "holds other things" in refused.err
    assert [path.name for path in (tmp_path / "precious").iterdir()] == ["thesis.txt"]
    assert grader("labs", "nbgrader", str(REPOSITORY / "work" / "labs"), cwd=REPOSITORY).code == 2
    assert not (REPOSITORY / "work" / "labs").exists()
