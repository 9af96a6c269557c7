"""Labs: one source becomes a notebook without answers, and what is handed in is judged from outside, cell by cell."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from grader.errors import AuthorError
from grader.grading import Options, collect, grade
from grader.grading.notebook import script_cells
from grader.model import CheckResult, Outcome, Report
from grader.notebooks.build import products
from tests.conftest import Finished, Mini, read_until

Grader = Callable[..., Finished]

MANIFEST = """
title = "A small lab"
level = "easy"
minutes = 5
topics = ["01.01"]
submit = ["lab.ipynb"]
lab = "small-tour"
[limits]
memory_mb = 256
"""
CHECKS = '''
import pytest


@pytest.mark.task(1)
def test_doubles(call, rng):
    """double gives twice the number."""
    number = rng.randint(10, 99)
    assert call("lab:double", number) == 2 * number


@pytest.mark.task(1)
@pytest.mark.after("test_doubles")
def test_doubles_text(call, rng):
    """double gives a text twice."""
    word = rng.word()
    assert call("lab:double", word) == word + word


@pytest.mark.task(2)
@pytest.mark.points(2)
def test_greets(call, rng):
    """greet says hello by name."""
    name = rng.word()
    assert call("lab:greet", name) == f"hello {name}"
'''
SOURCE = '''
# %% [markdown]
# # A small lab
#
# To play in.

# %% nbgrader={"grade_id": "setup", "locked": true}
from grader.notebooks import Lab

lab = Lab("basics-lab")

# %%
# play: nothing depends on this
import no_such_package_anywhere

# %% nbgrader={"grade_id": "double", "solution": true}
def double(value):
    """Twice the value."""
    ### BEGIN SOLUTION
    return value + value
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-1", "grade": true}
lab.check(1)

# %% nbgrader={"grade_id": "hello", "locked": true}
HELLO = "hello"

# %% nbgrader={"grade_id": "greet", "solution": true}
async def greet(name):
    ### BEGIN SOLUTION
    return f"{HELLO} {name}"
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-2", "grade": true}
lab.check(2)
'''


class Small:
    """The tiny course with a lab in it."""

    def __init__(self, mini: Mini) -> None:
        self.mini = mini
        self.exercise = mini.root / "exercises" / "01-basics" / "basics-lab"
        self.source = mini.root / "solutions" / "01-basics" / "lab.py"
        self.release = mini.root / "curriculum" / "01-basics" / "lab.ipynb"
        self.work = mini.root / "work" / "basics-lab"
        mini.write(self.exercise, exercise_toml=MANIFEST, README_md="# A small lab\n", hints_md="# Hints\n")
        mini.write(self.exercise / "checks", test_lab_py=CHECKS)
        mini.write(self.source.parent, lab_py=SOURCE)
        # As it is built, which takes seconds: test_a_build_… compares.
        answers = re.compile(r" +### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)
        untouched = answers.sub("    # YOUR CODE HERE\n    raise NotImplementedError()", SOURCE)
        self.cells = {name: text.strip("\n") for name, (_, text) in script_cells(untouched).items()}
        locked = {name: {"nbgrader": {"locked": True}} for name in ("setup", "hello")}
        empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
        cells = [
            empty | {"id": name, "source": text, "metadata": locked.get(name, {})} for name, text in self.cells.items()
        ]
        title = {"cell_type": "markdown", "id": "text-1", "metadata": {}, "source": "# A small lab"}
        whole = {"cells": [title, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        self.release.write_text(json.dumps(whole))

    def hand_in(self, **changed: str) -> None:
        """The release with some cells changed; ``greet`` is the cell of this id."""
        notebook = json.loads(self.release.read_text())
        for cell in notebook["cells"]:
            if cell["id"] in changed:
                cell["source"] = textwrap.dedent(changed[cell["id"]]).strip("\n")
        self.write(json.dumps(notebook))

    def write(self, content: str) -> None:
        """Hand in a file of this content."""
        self.work.mkdir(parents=True, exist_ok=True)
        (self.work / "lab.ipynb").write_text(content)

    def grade(self, *layers: Path) -> Report:
        """Judge what was handed in, or these layers."""
        exercise = self.mini.course.exercise("basics-lab")
        return grade(exercise, collect(exercise, *(layers or (self.work,))), Options("0"))

    def results(self) -> dict[str, CheckResult]:
        """What came of each check."""
        return {result.check.id: result for result in self.grade().results}


DOUBLE = "def double(value):\n    return value * 2"
GREET = "def greet(name):\n    return HELLO + ' ' + name"


@pytest.fixture
def small(mini: Mini) -> Small:
    """A course with a small lab."""
    return Small(mini)


@pytest.fixture
def built(small: Small, grader: Grader) -> Small:
    """The same, its notebook and its page written by the command."""
    told = grader("labs", "build")
    assert (told.code, told.out.count("written: ")) == (0, 2), told
    return small


def test_a_build_takes_the_answers_out_and_nothing_else(small: Small, grader: Grader) -> None:
    """The notebook has every cell under its own id, points from the checks, and no solution."""
    by_hand = small.cells
    assert grader("labs", "build").code == 0
    text = small.release.read_text()
    assert "value + value" not in text
    assert "SOLUTION" not in text
    notebook = json.loads(text)
    assert [cell["id"] for cell in notebook["cells"]] == [
        "text-1", "setup", "play-3", "double", "check-1", "hello", "greet", "check-2",
    ]  # fmt: skip
    points = {
        c["id"]: c["metadata"]["nbgrader"].get("points") for c in notebook["cells"] if "nbgrader" in c["metadata"]
    }
    assert points == {"setup": None, "double": None, "check-1": 2, "hello": None, "greet": None, "check-2": 2}
    code = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
    assert list(code.values()) == list(by_hand.values())
    page = (small.release.with_suffix(".md")).read_text()
    assert "kind: lab" in page
    assert "def double(value):" in page
    assert "value + value" not in page


def test_a_second_build_changes_no_byte_and_drift_is_found(built: Small, grader: Grader) -> None:
    """Built again, both files are the same; once the source says something else, --check fails and writes nothing."""
    small = built
    before = small.release.read_bytes()
    small.release.unlink()
    assert grader("labs", "build").code == 0
    assert small.release.read_bytes() == before
    assert grader("labs", "build", "--check").code == 0
    small.source.write_text(small.source.read_text().replace("To play in.", "To work in."))
    drifted = grader("labs", "build", "--check")
    assert drifted.code == 3
    assert "out of date: curriculum/01-basics/lab.ipynb" in drifted.out
    assert "grader labs build" in drifted.out
    assert small.release.read_bytes() == before


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("    ### BEGIN SOLUTION\n    return value", "    return value", "no ### BEGIN SOLUTION"),
        ('"grade_id": "greet"', '"grade_id": "double"', "'double' is not a kebab-case grade_id of one cell alone"),
        ('"grade_id": "greet"', '"grade_id": "Greet!"', "'Greet!' is not a kebab-case grade_id"),
        ("lab.check(2)", "lab.check(7)", "a graded cell is lab.check(N), for a task that has checks"),
        ('\n# %% nbgrader={"grade_id": "check-2", "grade": true}\nlab.check(2)', "", "no cell asks lab.check(2)"),
    ],
)
def test_a_wrong_source_is_refused_with_its_line(small: Small, was: str, becomes: str, says: str) -> None:
    """Whoever writes a lab is told what is wrong and where."""
    text = small.source.read_text()
    assert was in text
    small.source.write_text(text.replace(was, becomes))
    with pytest.raises(AuthorError) as refused:
        products(small.mini.course, small.mini.course.exercise("basics-lab"))
    assert says in refused.value.what
    assert (refused.value.where or "").startswith(str(small.source))


def test_the_source_has_every_mark_the_release_none_and_half_a_copy_half(small: Small) -> None:
    """Points follow the checks: four for the answers, none for the untouched notebook, two for one of two."""
    right = small.grade(small.source.parent)
    assert (right.points, right.possible, right.isolation) == (4, 4, "sandbox")
    nothing = small.grade(small.release.parent)
    assert nothing.points == 0
    assert nothing.results[0].where == "lab.ipynb#double:4"
    small.hand_in(greet=GREET)
    half = small.grade()
    assert [result.outcome for result in half.results] == [Outcome.FAILED, Outcome.BLOCKED, Outcome.PASSED]
    small.hand_in(greet=GREET, double=DOUBLE)
    assert small.grade().passed


def test_other_right_and_wrong_answers_are_cells(small: Small) -> None:
    """A folder with cells.py stands for the source with these cells in place of its own; an unknown one is told."""
    folder = small.mini.write(
        small.source.parent / "basics-lab" / "wrong" / "greets--shouts",
        cells_py='# %% nbgrader={"grade_id": "greet", "solution": true}\ndef greet(name):\n    return HELLO.upper() + name\n',
    )
    outcomes = {r.check.id: r.outcome for r in small.grade(small.source.parent, folder).results}
    assert outcomes == {"doubles": Outcome.PASSED, "doubles-text": Outcome.PASSED, "greets": Outcome.FAILED}
    (folder / "cells.py").write_text('# %% nbgrader={"grade_id": "gret", "solution": true}\n1\n')
    first = small.grade(small.source.parent, folder).results[0]
    assert "has no cell gret, which cells.py is to replace" in first.message


def test_a_learner_goes_from_start_to_a_verdict(small: Small, grader: Grader) -> None:
    """start copies the notebook alone, check says where an answer is missing, reset keeps what it replaces."""
    assert grader("start", "basics-lab").code == 0
    assert [path.name for path in small.work.iterdir()] == ["lab.ipynb"]
    checked = grader("check", "basics-lab")
    assert checked.code == 1
    assert "NotImplementedError" in checked.out
    assert "work/basics-lab/lab.ipynb#double:4" in checked.out
    small.hand_in(greet=GREET, double=DOUBLE)
    assert grader("check", "basics-lab").code == 0
    reset = grader("reset", "basics-lab")
    assert reset.code == 0
    assert small.grade().points == 0
    assert any((small.mini.root / "work" / ".replaced").rglob("lab.ipynb"))
    listed = grader("lab").out
    assert "lab basics" in listed
    assert "A small lab" in listed
    assert "did you mean 'basics'?" in grader("lab", "basic").err
    assert "grader lab basics" in grader("run", "basics-lab").err


def test_a_lab_that_is_not_built_is_its_authors_move(small: Small, grader: Grader) -> None:
    """start and verify say where the notebook should be and what makes it."""
    small.release.unlink()
    started, verified = grader("start", "basics-lab"), grader("verify", "basics-lab")
    assert (started.code, verified.code) == (3, 3)
    for told in (started.err, verified.out):
        assert "curriculum/01-basics/lab.ipynb: this notebook is not built yet" in told
    assert "grader labs build" in started.err
    assert not small.work.exists()


def test_a_lab_opens_in_jupyter_and_ends_with_it(
    small: Small, spawn: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    """The learner's own copy is there under the address that is printed; Ctrl-C ends everything."""
    apart = {name: str(tmp_path / name) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    env = os.environ | apart | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    jupyter = spawn("lab", "basics", "--no-browser", env=env, stderr=subprocess.STDOUT)
    try:
        seen = read_until(jupyter, "/lab/tree/lab.ipynb?token=")
        address = seen.split()[-1]
        origin, _, token = address.partition("/lab/tree/lab.ipynb?token=")
        page = httpx.get(address, follow_redirects=True)
        served = httpx.get(f"{origin}/api/contents/lab.ipynb", headers={"authorization": f"token {token}"})
        stranger = httpx.get(f"{origin}/api/contents/lab.ipynb")
    finally:
        # Killed, it would leave Jupyter behind.
        jupyter.send_signal(signal.SIGINT)
        said, _ = jupyter.communicate(timeout=60)
    assert "your own copy is work/basics-lab/lab.ipynb" in seen
    assert "check basics-lab" in seen
    assert (page.status_code, stranger.status_code) == (200, 403)
    assert [cell["id"] for cell in served.json()["content"]["cells"]][1:] == list(small.cells)
    assert jupyter.returncode == 0
    assert "What you saved is in work/basics-lab" in said
    assert small.grade().points == 0


def test_nobody_has_to_take_a_lab(small: Small, grader: Grader) -> None:
    """What is next is an exercise; the lab of its stage is offered beside it."""
    told = grader().out
    assert "start hello" in told
    assert "lab basics" in told
    assert grader("learn").code == 0
    assert (small.mini.root / "work" / "hello").is_dir()
    assert not small.work.exists()


HOSTILE: dict[str, tuple[dict[str, str], dict[str, tuple[Outcome, str]], int]] = {
    "a cell that loops for ever": (
        {"double": "while True:\n    pass", "greet": GREET},
        {"doubles": (Outcome.FAILED, "no cell of the notebook defines double"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "an answer whose cell loops behind it": (
        {"double": DOUBLE + "\nwhile True:\n    pass", "greet": GREET},
        {"doubles": (Outcome.PASSED, ""), "greets": (Outcome.PASSED, "")},
        4,
    ),
    "an answer that loops for ever": (
        {"double": "def double(value):\n    while True:\n        pass", "greet": GREET},
        {"doubles": (Outcome.TIMED_OUT, "no answer within 5 s"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "a cell that eats memory": (
        {"double": "block = [bytes(10_000_000) for _ in range(1000)]\n" + DOUBLE, "greet": GREET},
        {"doubles": (Outcome.OUT_OF_MEMORY, "MemoryError"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "a cell that writes outside": (
        {"double": "open('/etc/passwd', 'a').write('x')\n" + DOUBLE, "greet": GREET},
        {"doubles": (Outcome.FAILED, "PermissionError"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "check cells that were changed": (
        {"check-1": "print('passed')", "check-2": "lab.check = lambda task: 100", "greet": GREET},
        {"doubles": (Outcome.FAILED, "NotImplementedError"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "a given cell that was changed": (
        {"hello": "HELLO = 'goodbye'", "greet": GREET},
        {"greets": (Outcome.PASSED, "")},
        2,
    ),
    "a cell that ends the process": (
        {"double": "import os\nos._exit(0)"},
        {"doubles": (Outcome.CRASHED, "ended with exit code 0"), "greets": (Outcome.CRASHED, "exit code 0")},
        0,
    ),
    "a cell that exits": (
        {"double": "raise SystemExit\n" + DOUBLE, "greet": GREET},
        {"doubles": (Outcome.FAILED, "ended the program (exit)"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "answers that are equal to everything": (
        {
            "double": "class Any(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n"
            "def double(value):\n    return Any(7)",
        },
        {"doubles": (Outcome.FAILED, "got 7")},
        0,
    ),
    "a cell that asks what only a notebook understands": (
        {"double": "%matplotlib inline\n!ls\n" + DOUBLE + "\nawait __import__('asyncio').sleep(0)", "greet": GREET},
        {"doubles": (Outcome.PASSED, ""), "greets": (Outcome.PASSED, "")},
        4,
    ),
    "an answer whose words look like imports": (
        {
            "double": 'def double(value):\n    """Twice,\n    from is to not,\n    import None.\n    from x² on.\n    """\n    return value * 2'
        },
        {"doubles": (Outcome.PASSED, ""), "doubles-text": (Outcome.PASSED, "")},
        2,
    ),
    "a cell that cannot be read": (
        {"double": "def double(value:\n    return 2", "greet": GREET},
        {"doubles": (Outcome.FAILED, "SyntaxError"), "greets": (Outcome.PASSED, "")},
        2,
    ),
    "a cell that asks somebody": (
        {"double": "how = input('how often? ')\n" + DOUBLE},
        {"doubles": (Outcome.FAILED, "EOFError")},
        0,
    ),
}


@pytest.mark.parametrize(("cells", "expected", "points"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_notebook_gets_a_clear_verdict_and_what_it_earned(
    small: Small, cells: dict[str, str], expected: dict[str, tuple[Outcome, str]], points: int
) -> None:
    """What one cell does costs its own answers; the others are judged, and the reason is in words."""
    small.hand_in(**cells)
    report = small.grade()
    found = {result.check.id: result for result in report.results}
    for check, (outcome, words) in expected.items():
        assert found[check].outcome is outcome, (check, found[check])
        assert words in found[check].message
    assert report.points == points
    assert not report.incomplete


def test_what_is_given_holds_even_if_it_was_taken_out(small: Small) -> None:
    """A given cell that is gone, or that a notebook without ids has in other words, is run as it was given."""
    notebook = json.loads(small.release.read_text())
    answers = {"hello": "HELLO = 'moin'", "greet": GREET}
    for kept in ({"hello", "greet"}, {"greet"}):
        sources = [answers[cell["id"]] for cell in notebook["cells"] if cell["id"] in kept]
        small.write(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]}))
        assert small.results()["greets"].outcome is Outcome.PASSED


def test_metadata_earns_and_costs_nothing(small: Small) -> None:
    """Without any metadata and any id, and without its check cells, a notebook gets what its answers are worth."""
    notebook = json.loads(small.release.read_text())
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        if not cell["id"].startswith("check"):
            source = {"double": DOUBLE}.get(cell["id"], "".join(cell["source"]))
            cells.append({"cell_type": cell["cell_type"], "source": source})
    small.write(json.dumps({"cells": cells}))
    found = small.results()
    assert [found[check].outcome for check in ("doubles", "doubles-text")] == [Outcome.PASSED, Outcome.PASSED]
    assert found["greets"].where == "lab.ipynb#cell-5:3"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("print('hello')", "cannot be read as JSON"),
        ("[]", "no list of cells"),
        ('{"worksheets": [{"cells": []}]}', "no list of cells"),
        ('{"cells": {"0": {}}}', "no list of cells"),
        ('{"cells": [{"cell_type": "code", "source": 7}]}', "a code cell without text"),
        ('{"cells": []}', "no cell of the notebook defines double"),
        ('{"cells": [null, 7, {"cell_type": "code", "id": 7, "source": [null]}]}', "no cell of the notebook defines"),
    ],
)
def test_what_is_no_notebook_is_said_in_words(small: Small, content: str, says: str) -> None:
    """Any bytes under the notebook's name get a whole report with no mark, and a sentence."""
    small.write(content)
    report = small.grade()
    assert not report.incomplete
    assert report.points == 0
    assert says in report.results[0].message


def test_a_class_is_graded_with_its_labs(small: Small, grader: Grader, tmp_path: Path) -> None:
    """What nbgrader collected is taken in and marked by the course's own judge."""
    for student, cells in {"ada": {"double": DOUBLE, "greet": GREET}, "bob": {"greet": GREET}, "eve": {}}.items():
        small.hand_in(**cells)
        folder = tmp_path / "nb" / "submitted" / student / "basics-lab"
        folder.mkdir(parents=True)
        (folder / "lab.ipynb").write_bytes((small.work / "lab.ipynb").read_bytes())
        (folder / "timestamp.txt").write_text("2026-11-26 12:00:00 UTC\n")
    assert grader("class", "import", str(tmp_path / "nb"), "--kind", "nbgrader").code == 0
    assert grader("class", "grade").code in (0, 1)
    assert grader("class", "export", "csv").code == 0
    with (small.mini.root / "marks.csv").open(encoding="utf-8-sig") as file:
        earned = {row["id"]: row["basics-lab"] for row in csv.DictReader(file)}
    assert earned == {"ada": "4", "bob": "2", "eve": "0"}


NOTEBOOKS = {"nbformat", "nbgrader", "nbconvert", "nbclient", "jupyter_core", "jupyter_client", "IPython", "jupytext"}
# Tells a file the first names of everything that is imported.
_TELL = """
import sys

class Tell:
    def find_spec(self, name, path=None, target=None):
        with open({file!r}, "a") as file:
            print(name.partition(".")[0], file=file)

sys.meta_path.insert(0, Tell())
"""


def test_a_check_of_anything_else_imports_no_jupyter(
    mini: Mini, doctored: Callable[[str], None], tmp_path: Path
) -> None:
    """Neither the command nor its judge nor what runs the program imports nbformat, Jupyter or what comes with them."""
    mini.submit()
    words = [sys.executable, "-I", "-X", "importtime", "-m", "grader", "check", "hello"]
    checked = subprocess.run(words, cwd=mini.root, capture_output=True, text=True, check=False, timeout=60)
    lines = [line for line in checked.stderr.splitlines() if line.startswith("import time:")]
    command = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    told = _TELL.format(file=str(tmp_path / "imported"))
    doctored(f"{told}\nfrom grader.sandbox import nursery\nnursery._BOOT = {told!r} + nursery._BOOT\n")
    assert mini.grade(isolation="process").passed
    judge = set((tmp_path / "imported").read_text().split())
    assert checked.returncode == 0
    assert {"click", "tomllib"} <= command
    assert {"pytest", "httpx", "flask"} <= judge
    assert not (command | judge) & NOTEBOOKS
