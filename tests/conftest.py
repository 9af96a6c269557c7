"""What the grader's tests share: a tiny course of their own, and proof that nothing is left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.grading import Options, collect, grade
from grader.model import CheckResult, Report
from grader.services import Sources

GRADER = [sys.executable, "-I", "-m", "grader"]
REPOSITORY = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER = 36

_CHECKS = '''
import pytest

@pytest.mark.task(1)
def test_greets(http, rng):
    """GET / answers with a greeting."""
    word = rng.word()
    assert http.get("/", params={"name": word}).object["hello"] == word

@pytest.mark.task(2)
@pytest.mark.after("test_greets")
def test_counts(http):
    """GET /count answers one more each time."""
    first, second = (http.get("/count").object["count"] for _ in range(2))
    assert second == first + 1
'''
_APP = """
from flask import Flask, request
app = Flask(__name__)
seen = [0]
@app.get("/")
def greet():
    return {"hello": request.args["name"]}
@app.get("/count")
def count():
    seen[0] += 1
    return {"count": seen[0]}
"""
_ALSO = """
import itertools
from flask import Flask, jsonify, request
app = Flask(__name__)
numbers = itertools.count(1)
app.add_url_rule("/", view_func=lambda: jsonify(hello=request.args.get("name")), endpoint="greet")
app.add_url_rule("/count", view_func=lambda: jsonify(count=next(numbers)), endpoint="count")
"""
_README = """
# Hello

## Contract

## Tasks

1. **Greet.** Say hello.
2. **Count.** One more each time.

## How you will be judged

- GET / answers with a greeting
- GET /count answers one more each time

## Fine to ignore for now

Everything else.
"""
_PROCFILE = "web: flask --app app run --port $PORT\n"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that none of them is still running when all others are done."""
    items.sort(key=lambda item: item.path.name not in ("test_labs_nbgrader.py", "test_site.py"))


@dataclass
class Mini:
    """A course of one exercise, ``hello``, in a temporary folder."""

    root: Path

    @property
    def course(self) -> Course:
        return Course(self.root)

    @property
    def exercise(self) -> Path:
        return self.root / "exercises" / "01-basics" / "hello"

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / "01-basics" / "hello"

    @property
    def work(self) -> Path:
        return self.root / "work" / "hello"

    def write(self, folder: Path, **files: str) -> Path:
        """Write files; ``app_py`` is ``app.py``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name.replace("_py", ".py").replace("_md", ".md").replace("_toml", ".toml")).write_text(
                textwrap.dedent(content).lstrip("\n")
            )
        return folder

    def submit(self, **files: str) -> None:
        """Put the reference into ``work/hello``, with some files replaced."""
        self.write(self.work, **({"app_py": _APP, "Procfile": _PROCFILE} | files))

    def grade(
        self,
        seed: str = "0",
        *,
        always_fresh: bool = False,
        isolation: str = "auto",
        sources: Sources | None = None,
    ) -> Report:
        """Grade ``work/hello`` in this process."""
        exercise = self.course.exercise("hello")
        options = Options(seed, None, always_fresh, isolation, sources=sources or Sources())
        return grade(exercise, collect(exercise, self.work), options)

    def serve(self, *services: str) -> None:
        """Have the exercise name services."""
        manifest = self.exercise / "exercise.toml"
        named = ", ".join(f'"{name}"' for name in services)
        manifest.write_text(manifest.read_text() + f"services = [{named}]\n")

    def judge(self, checks: str, **files: str) -> dict[str, CheckResult]:
        """Grade a submission by other checks; the results by check id."""
        self.check_by(checks, **files)
        return {result.check.id: result for result in self.grade().results}

    def check_by(self, checks: str, **files: str) -> None:
        """Have a submission and other checks ready for grading."""
        self.write(self.exercise / "checks", test_hello_py="import pytest\n" + textwrap.dedent(checks))
        self.submit(**files)


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    """A fresh course with one sound exercise."""
    return tiny_course(tmp_path)


def tiny_course(folder: Path) -> Mini:
    """A course of its own with one sound exercise, in ``folder``/course."""
    mini = Mini(folder / "course")
    (mini.root / "curriculum" / "01-basics").mkdir(parents=True)
    (mini.root / "curriculum" / "01-basics" / "index.md").write_text("# Basics\n")
    manifest = """
        title = "Hello"
        level = "easy"
        minutes = 5
        topics = ["01.01"]
        submit = ["**/*.py", "Procfile", "*.js", "*.sh"]
        """
    hints = "# Hints\n" + "".join(
        f"\n## Task {task}\n" + "".join(f"\n### {rung}\n\nThink.\n" for rung in ("Idea", "Approach", "Skeleton"))
        for task in (1, 2)
    )
    mini.write(mini.exercise, exercise_toml=manifest, README_md=_README, hints_md=hints)
    mini.write(mini.exercise / "checks", test_hello_py=_CHECKS)
    mini.write(
        mini.exercise / "starter", app_py="from flask import Flask\n\napp = Flask(__name__)\n", Procfile=_PROCFILE
    )
    mini.write(mini.solution / "reference", app_py=_APP, Procfile=_PROCFILE)
    mini.write(mini.solution / "also" / "an-iterator", app_py=_ALSO, Procfile=_PROCFILE)
    for check, number in (("greets", 3), ("counts", 2)):
        for slug in range(number):
            wrong = (
                _APP.replace('request.args["name"]', f'"you{slug}"')
                if check == "greets"
                else _APP.replace("+= 1", f"+= {slug + 2}")
            )
            folder = mini.solution / "wrong" / f"{check}--mistake-{slug}"
            mini.write(folder, app_py=wrong, WRONG_md="The author thought so. It costs.\n")
    return mini


@dataclass
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def grader(mini: Mini) -> Callable[..., Finished]:
    """Runs the command line inside the tiny course."""

    def run(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Finished:
        finished = subprocess.run(
            [*GRADER, *words],
            cwd=cwd or mini.root,
            env={**os.environ, "NO_COLOR": "1", **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Finished(finished.returncode, finished.stdout, finished.stderr)

    return run


@pytest.fixture
def spawn(mini: Mini) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the command line and leaves it running; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def spawn(*words: str, **options: Any) -> subprocess.Popen[str]:
        # Started from a script's background, we would hand on that Ctrl-C is ignored.
        restore = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        process = subprocess.Popen([*GRADER, *words], cwd=mini.root, text=True, preexec_fn=restore, **pipes)  # noqa: PLW1509 no thread here
        started.append(process)
        return process

    yield spawn
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def doctored(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has every checker from now on run some code before it begins: how a machine is made to lack something."""

    def doctor(code: str) -> None:
        begin = "\nfrom grader.checker.__main__ import main\nmain()\n"
        command = [sys.executable, "-I", "-c", textwrap.dedent(code) + begin]
        monkeypatch.setattr("grader.checker.process._COMMAND", command)

    return doctor


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What a process prints, up to the line with ``words`` in it; AssertionError if none comes."""
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} was never printed before the end ({process.wait(5)}), only: {seen}")


def children() -> list[int]:
    """The living children of this process, adopted orphans included."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.fixture(autouse=sys.platform == "linux")
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After every test: no process that it started, however deep, and no temporary file."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    # Orphans come to us instead of to process 1, so that they can be seen.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = set(children())
    yield
    deadline = time.monotonic() + 10
    while (left := set(children()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"processes left behind: {left}"
    forgotten = [path.name for path in scratch.iterdir() if not path.name.startswith("groundup-error-")]
    assert not forgotten, f"files left behind: {forgotten}"
