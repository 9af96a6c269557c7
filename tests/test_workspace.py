"""The learner's copies: begun, carried forward, begun again, and never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import workspace
from grader.errors import AuthorError, LearnerError, UsageError
from tests.conftest import _APP, Finished, Mini


@pytest.fixture
def second(mini: Mini) -> Mini:
    """A second step, ``again``, that continues ``hello``: its reference adds one file."""
    folder = mini.root / "exercises" / "01-basics" / "again"
    manifest = (mini.exercise / "exercise.toml").read_text()
    mini.write(folder, exercise_toml=manifest + 'needs = ["hello"]\ncontinues = "hello"\n')
    mini.write(folder / "starter", extra_py="# begin here\n")
    mini.write(mini.root / "solutions" / "01-basics" / "again" / "reference", extra_py="done = True\n")
    return mini


def begun(mini: Mini) -> dict[str, str]:
    folder = workspace.start(mini.course, mini.course.exercise("again"))
    return {path.name: path.read_text() for path in folder.iterdir()}


def passed(mini: Mini) -> None:
    record = {"hello": {"tries": 1, "passed_at": "2026-01-01T00:00:00+00:00"}}
    (mini.root / "work").mkdir(exist_ok=True)
    (mini.root / "work" / ".progress.json").write_text(json.dumps({"version": 1, "exercises": record}))


def test_a_finished_program_is_carried_into_the_next_step(second: Mini) -> None:
    """The learner goes on with their own files, and the new starter's beside them."""
    second.submit(app_py="mine = 1\n")
    (second.work / "notes.txt").write_text("not handed in")
    passed(second)
    assert begun(second).keys() == {"app.py", "Procfile", "extra.py"}
    assert (second.root / "work" / "again" / "app.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize("unfinished", [True, False])
def test_without_a_finished_program_the_reference_is_carried(second: Mini, unfinished: bool) -> None:
    """Whoever has not passed the step before, or never began it, starts from the authors' program."""
    if unfinished:
        second.submit(app_py="half = 1\n")
    files = begun(second)
    assert files["app.py"].strip() == _APP.strip()
    assert files["extra.py"] == "# begin here\n"


def test_a_finished_program_that_was_deleted_is_replaced_by_the_reference(second: Mini) -> None:
    """A pass without the folder is no obstacle."""
    passed(second)
    assert begun(second)["app.py"].strip() == _APP.strip()


def test_a_start_says_whose_program_it_goes_on_from(second: Mini, grader: Callable[..., Finished]) -> None:
    """Nothing of one's own, one's own, or one that is gone: each is said, and what to do about it."""
    none = grader("start", "again").out
    assert "from the authors' hello, as yours has not passed yet" in none
    assert "reset again" in none and "builds on" not in none
    second.submit(app_py="mine = 1\n")
    passed(second)
    assert "from your own hello" in grader("reset", "again").out
    shutil.rmtree(second.work)
    assert "you have passed it, but work/hello is gone" in grader("reset", "again").out


def test_a_file_that_the_starter_displaces_is_named(second: Mini, grader: Callable[..., Finished]) -> None:
    """A learner's own file of the same name gives way, is said to, and stays where it was."""
    second.submit(extra_py="mine = 1\n")
    passed(second)
    assert "The starter brings its own extra.py; yours is still in work/hello." in grader("start", "again").out
    assert (second.root / "work" / "again" / "extra.py").read_text() == "# begin here\n"
    assert (second.work / "extra.py").read_text() == "mine = 1\n"


def test_checking_what_was_carried_is_no_honest_try(second: Mini, grader: Callable[..., Finished]) -> None:
    """A program that the learner has not touched since it was laid out earns nothing, even if it is theirs."""
    shutil.copytree(second.exercise / "checks", second.root / "exercises" / "01-basics" / "again" / "checks")
    second.submit(app_py="from flask import Flask\napp = Flask(__name__)\n")
    passed(second)
    grader("start", "again")
    assert grader("check", "again").code == 1
    assert "0 of 3 honest tries" in grader("solution", "again").err
    (second.root / "work" / "again" / "app.py").write_text("from flask import Flask\napp = Flask('again')\n")
    grader("check", "again")
    assert "1 of 3 honest tries" in grader("solution", "again").err


def test_a_reference_that_continues_another_holds_only_what_differs(second: Mini) -> None:
    """Its layers are the earlier reference and its own files."""
    layers = second.course.reference(second.course.exercise("again")).layers
    assert [layer.parent.name for layer in layers] == ["hello", "again"]


def test_continuing_what_is_not_needed_is_the_authors_move(second: Mini) -> None:
    """An exercise cannot continue what it does not need."""
    manifest = second.root / "exercises" / "01-basics" / "again" / "exercise.toml"
    manifest.write_text(manifest.read_text().replace('needs = ["hello"]', "needs = []"))
    with pytest.raises(AuthorError, match="needs what it continues"):
        second.course.exercise("again")


def test_a_service_that_does_not_exist_is_the_authors_move(mini: Mini) -> None:
    """Nothing is silently left out: an unknown service stops the exercise from loading."""
    manifest = mini.exercise / "exercise.toml"
    manifest.write_text(manifest.read_text() + 'services = ["oracle"]\n')
    with pytest.raises(AuthorError, match="no service 'oracle'"):
        mini.course.exercise("hello")


def test_a_start_cut_short_is_no_beginning(mini: Mini) -> None:
    """A half-made copy from an earlier crash is replaced, not taken for the learner's work."""
    half = mini.root / "work" / ".hello.new"
    half.mkdir(parents=True)
    (half / "rubbish.py").write_text("")
    folder = workspace.start(mini.course, mini.course.exercise("hello"))
    assert sorted(path.name for path in folder.iterdir()) == ["Procfile", "app.py"]


def test_two_resets_keep_two_copies(mini: Mini) -> None:
    """Nothing that was in the folder is ever overwritten."""
    exercise = mini.course.exercise("hello")
    for content in ("first = 1\n", "second = 2\n"):
        mini.submit(app_py=content)
        workspace.reset(mini.course, exercise)
    kept = sorted((mini.root / "work" / ".replaced").iterdir())
    assert [(path / "app.py").read_text() for path in kept] == ["first = 1\n", "second = 2\n"]


def test_a_link_is_not_handed_in(mini: Mini) -> None:
    """A link in place of a file is refused by name, wherever it points."""
    mini.submit()
    (mini.work / "settings.py").symlink_to("/etc/passwd")
    with pytest.raises(LearnerError, match="a link") as caught:
        workspace.submission(mini.course, mini.course.exercise("hello"))
    assert (caught.value.where or "").endswith("settings.py")


def test_too_much_is_not_handed_in(mini: Mini) -> None:
    """More than 20 MB of files is refused with the size and what to do."""
    mini.submit()
    (mini.work / "data.py").write_bytes(b"#" * 21_000_000)
    with pytest.raises(LearnerError, match="too much"):
        workspace.submission(mini.course, mini.course.exercise("hello"))


def test_a_file_where_the_folder_should_be_is_named(mini: Mini) -> None:
    """work/<id> being a file is the learner's move, and reset keeps it."""
    (mini.root / "work").mkdir()
    mini.work.write_text("a file")
    exercise = mini.course.exercise("hello")
    with pytest.raises(LearnerError, match="a file where your folder should be"):
        workspace.submission(mini.course, exercise)
    _, kept = workspace.reset(mini.course, exercise)
    assert kept and Path(kept).read_text() == "a file"


def test_nothing_started_says_how(mini: Mini) -> None:
    """Handing in what was never begun is a wrong command, not a wrong program."""
    with pytest.raises(UsageError, match="not started"):
        workspace.submission(mini.course, mini.course.exercise("hello"))
