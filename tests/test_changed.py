"""Verifying what a change touches: asked of real repositories, saved, committed or not."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.changed import touched
from grader.errors import UsageError
from tests.conftest import Finished, Mini

Run = Callable[..., Finished]


def git(mini: Mini, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=mini.root, check=True, capture_output=True)


def commit(mini: Mini) -> None:
    git(mini, "add", "-A")
    git(mini, "commit", "-q", "-m", "a change")


def copy(mini: Mini, name: str, continues: str = "") -> None:
    """One more exercise like ``hello``; where it continues another, by its manifest alone."""
    for half in (mini.exercise, mini.solution):
        shutil.copytree(half, half.with_name(name))
    if continues:
        path = mini.exercise.with_name(name) / "exercise.toml"
        path.write_text(path.read_text() + f'needs = ["{continues}"]\ncontinues = "{continues}"\n')


@pytest.fixture
def repo(mini: Mini) -> Mini:
    """The tiny course under git: hello ← second ← third, and one that stands alone."""
    copy(mini, "alone")
    copy(mini, "second", "hello")
    copy(mini, "third", "second")
    git(mini, "init", "-q", "-b", "main")
    commit(mini)
    return mini


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed\n")


ALL = {"hello", "second", "third", "alone"}
CHANGES: list[tuple[str, str, set[str]]] = [
    ("a page", "exercises/01-basics/alone/README.md", {"alone"}),
    ("a reference", "solutions/01-basics/alone/reference/app.py", {"alone"}),
    ("a new file", "solutions/01-basics/alone/also/other/app.py", {"alone"}),
    ("a name with signs", 'exercises/01-basics/alone/starter/ä "b"\n.py', {"alone"}),
    ("what others continue", "solutions/01-basics/hello/reference/app.py", {"hello", "second", "third"}),
    ("in the middle of a chain", "exercises/01-basics/second/hints.md", {"second", "third"}),
    ("the end of a chain", "exercises/01-basics/third/hints.md", {"third"}),
    ("the judge", "grader/grading/judge.py", ALL),
    ("the dependencies", "requirements.lock", ALL),
    ("the settings", "pyproject.toml", ALL),
    ("a lesson", "curriculum/01-basics/index.md", set()),
    ("a page of the docs", "docs/grader/index.md", set()),
    ("a test", "tests/test_grader.py", set()),
    ("a file beside the exercises", "exercises/01-basics/README.md", {"README.md"}),
    ("what Python leaves behind", "exercises/01-basics/alone/checks/__pycache__/x.pyc", set()),
]


@pytest.mark.parametrize("stage", ["unsaved in git", "staged", "committed"])
@pytest.mark.parametrize(("path", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_change_touches_its_exercise(repo: Mini, path: str, expected: set[str], stage: str) -> None:
    """Either half touches the exercise and what continues it, the judge touches all, the rest none."""
    write(repo.root / path)
    if stage != "unsaved in git":
        git(repo, "add", "-A")
    if stage == "committed":
        git(repo, "commit", "-q", "-m", "a change")
    assert touched(repo.course, "main~1" if stage == "committed" else "HEAD") == expected


def test_a_moved_file_touches_both_exercises(repo: Mini) -> None:
    """Where it came from has changed as much as where it is now."""
    folder = repo.solution.parent
    git(
        repo, "mv", str(folder / "alone" / "wrong" / "greets--mistake-0"), str(folder / "third" / "wrong" / "greets--x")
    )
    assert touched(repo.course, "HEAD") == {"alone", "third"}


def test_a_change_taken_back_touches_nothing(repo: Mini) -> None:
    """Only the difference between then and now counts, not the way."""
    path = repo.exercise / "hints.md"
    before = path.read_text()
    write(path)
    commit(repo)
    path.write_text(before)
    assert touched(repo.course, "main~1") == set()


def test_a_course_inside_a_larger_repository_sees_its_own_part(mini: Mini) -> None:
    """What lies outside the course's folder is no change of the course."""
    outer = Mini(mini.root.parent)
    git(outer, "init", "-q", "-b", "main")
    git(outer, "add", "course")
    git(outer, "commit", "-q", "-m", "the course")
    write(outer.root / "exercises" / "01-basics" / "hello" / "README.md")
    write(outer.root / "pyproject.toml")
    assert touched(mini.course, "HEAD") == set()
    write(mini.exercise / "hints.md")
    assert touched(mini.course, "HEAD") == {"hello"}


def test_only_what_is_touched_is_verified(repo: Mini, grader: Run) -> None:
    """The command names the exercises it picked and grades no other."""
    page = repo.exercise.with_name("alone") / "README.md"
    page.write_text(page.read_text() + "\nAnd more.\n")
    finished = grader("verify", "--jobs", "1", "--changed", "HEAD")
    assert finished.code == 0, finished.out + finished.err
    assert "touched since HEAD: alone" in finished.out
    assert "1 exercises, 40 gradings" in finished.out and "sound" in finished.out


@pytest.mark.parametrize("words", [[], ["alone"]])
def test_nothing_touched_is_said_and_is_no_failure(repo: Mini, grader: Run, words: list[str]) -> None:
    """With ids, those that are named and touched are verified; where there are none, that is said."""
    if words:
        write(repo.exercise.with_name("third") / "hints.md")
    finished = grader("verify", *words, "--jobs", "1", "--changed", "HEAD")
    assert finished.code == 0
    assert "nothing to verify" in finished.out
    silent = grader("verify", *words, "--jobs", "1", "--changed", "HEAD", "--json")
    assert silent.code == 0 and json.loads(silent.out) == {"trials": 0, "findings": [], "mutants": []}


def test_a_mistyped_id_beside_changed_is_still_refused(repo: Mini, grader: Run) -> None:
    """An id that does not exist is not silently 'untouched'."""
    finished = grader("verify", "--jobs", "1", "alnoe", "--changed", "HEAD")
    assert finished.code == 2 and "did you mean 'alone'?" in finished.err


def test_a_removed_exercise_shows_the_solutions_it_leaves(repo: Mini, grader: Run) -> None:
    """Half a removal is found, though there is no exercise left to verify."""
    shutil.rmtree(repo.exercise.with_name("alone"))
    finished = grader("verify", "--jobs", "1", "--changed", "HEAD")
    assert finished.code == 3
    assert "solutions/01-basics/alone: this is a solution to no exercise" in finished.out
    assert "0 exercises" in finished.out


@pytest.mark.parametrize("revision", ["nowhere", "", "--all", "HEAD~99", "HEAD:README.md"])
def test_an_unknown_revision_is_refused_with_what_to_type(repo: Mini, grader: Run, revision: str) -> None:
    """A revision git does not know ends with 2 and names one that works."""
    finished = grader("verify", "--jobs", "1", f"--changed={revision}")
    assert finished.code == 2
    assert f"no revision '{revision}'" in finished.err and "verify --changed HEAD" in finished.err


def test_without_a_repository_it_says_so(mini: Mini, grader: Run) -> None:
    """A course that git does not keep has no changes to ask for."""
    finished = grader(
        "verify", "--jobs", "1", "--changed", "HEAD", env={"GIT_CEILING_DIRECTORIES": str(mini.root.parent)}
    )
    assert finished.code == 2
    assert "no git repository" in finished.err and "verify ID" in finished.err


def test_without_git_it_says_so(repo: Mini, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without git gets a sentence and another way, not a traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git is not installed") as refused:
        touched(repo.course, "HEAD")
    assert "grader verify ID" in str(refused.value)
