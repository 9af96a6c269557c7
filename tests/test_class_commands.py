"""``grader class`` from a folder of submissions to pages, by the commands an instructor types."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.model import Task, Verdict
from tests.conftest import _APP, _PROCFILE, Finished, Mini, read_until

Grader = Callable[..., Finished]
Spawn = Callable[..., subprocess.Popen[str]]
HOSTILE = "=cmd|' /C calc'!A0<script>alert(1)</script>"


@pytest.fixture
def submissions(mini: Mini) -> Path:
    """A right one, a wrong one, one with nothing in it, and one that comes in a zip with a way out."""
    folder = mini.root / "submissions"
    mini.write(folder / "ann" / "hello", app_py=_APP, Procfile=_PROCFILE)
    mini.write(folder / "bob" / "hello", app_py=_APP.replace("+= 1", "+= 2"), Procfile=_PROCFILE)
    mini.write(folder / "cem" / "hello", notes_md="I was ill.")
    with zipfile.ZipFile(folder / "dee.zip", "w") as archive:
        archive.writestr("hello/app.py", _APP)
        archive.writestr("hello/Procfile", _PROCFILE)
        archive.writestr("hello/../../../outside.py", "gotcha")
    return folder


def test_from_a_folder_to_marks(mini: Mini, submissions: Path, grader: Grader) -> None:
    """Import, grade, decide, export, report and feedback; hostile names harm none of them."""
    (mini.root / "roster.csv").write_text(f'id,name\nann,Ann\nbob,"{HOSTILE}"\nzoe,Zoe\n')
    came = grader("class", "import", "submissions", "--roster", "roster.csv")
    assert came.code == 0, came.err
    assert "4 new submissions" in came.out and "5 students" in came.out
    assert "outside.py" in came.err and not (mini.root.parent / "outside.py").exists()
    assert "0 new submissions, 4 that were here already" in grader("class", "import", "submissions").out
    assert grader("class", "grade").code == 0
    set_ = grader("class", "set", "bob", "hello", "--points", "1.5", "--comment", HOSTILE)
    assert set_.code == 0, set_.err
    listed = [json.loads(line) for line in grader("class", "list", "--json").out.splitlines()]
    assert {one["student"]: (one["state"], one["points"]) for one in listed} == {
        "ann": ("graded", 2),
        "bob": ("graded", 1.5),
        "cem": ("refused", 0),
        "dee": ("graded", 2),
        "zoe": ("missing", 0),
    }
    first = grader("class", "export", "csv", "-o", "marks.csv")
    assert first.code == 0, first.err
    content = (mini.root / "marks.csv").read_bytes()
    assert b"'=cmd" in content and b",=cmd" not in content and b'"=cmd' not in content
    grader("class", "export", "csv", "-o", "again.csv")
    assert (mini.root / "again.csv").read_bytes() == content
    assert grader("class", "report").code == 0
    page = (mini.root / "report.html").read_text()
    assert "<script>alert" not in page and "Ann" in page
    assert grader("class", "feedback").code == 0
    assert sorted(path.name for path in (mini.root / "feedback").iterdir()) == [
        "ann.html", "bob.html", "cem.html", "dee.html", "zoe.html",
    ]  # fmt: skip
    assert "Ann" not in (mini.root / "feedback" / "bob.html").read_text()


def test_a_roster_is_remembered_and_what_was_not_asked_for_is_counted(mini: Mini, grader: Grader) -> None:
    """The next import knows by it who somebody is; of other exercises there is one line."""
    (mini.root / "roster.csv").write_text("id,name\nann,Ann Doe\n")
    mini.write(mini.root / "first" / "ann" / "hello", app_py=_APP)
    mini.write(mini.root / "second" / "Doe, Ann" / "hello", app_py=_APP + "# again\n")
    for other in ("cem", "dee"):
        mini.write(mini.root / "second" / other / "hullo", app_py=_APP)
    shutil.copytree(mini.exercise, mini.exercise.with_name("hullo"))
    grader("class", "import", "first", "--roster", "roster.csv")
    came = grader("class", "import", "second", "--exercise", "hello")
    assert "1 new submissions" in came.out, came.out + came.err
    assert "2 for 'hullo' left out: only 'hello' was asked for" in came.err
    listed = [json.loads(line) for line in grader("class", "list", "--json").out.splitlines()]
    assert [(one["student"], one["attempts"]) for one in listed] == [("ann", 2)]


def test_the_best_attempt_counts_if_the_class_says_so(mini: Mini, grader: Grader) -> None:
    """At once, and the rules can be read; a title stands on the pages."""
    for number, name in enumerate(("first", "second")):
        mini.write(mini.root / name / "ann" / "hello", app_py=_APP + f"# {number}\n")
        grader("class", "import", name)
    book = Gradebook(f"sqlite:///{mini.root}/gradebook.sqlite")
    for earned, (digest, exercise) in zip((2, 1), book.handed_in(), strict=True):
        book.judged(Task(digest, exercise, "key"), Verdict("graded", earned=earned, possible=2))
    book.close()
    assert json.loads(grader("class", "list", "--json").out)["points"] == 1
    told = grader("class", "rules", "--counts", "best", "--title", "The <b>second</b> year").out
    assert "the best of several attempts" in told and "costs nothing" in told and "hello  never" in told
    assert json.loads(grader("class", "list", "--json").out)["points"] == 2
    grader("class", "report")
    assert "The &lt;b&gt;second&lt;/b&gt; year" in (mini.root / "report.html").read_text()


def test_a_student_is_deleted_only_if_it_is_meant(mini: Mini, submissions: Path, grader: Grader) -> None:
    """Without a terminal nothing is deleted before --yes; then only that one is gone, and what is left to do is said."""
    grader("class", "import", "submissions")
    asked = grader("class", "forget", "bob")
    assert "Nothing was deleted" in asked.out
    assert "bob" in grader("class", "list", "--json").out
    gone = grader("class", "forget", "bob", "--yes")
    assert gone.out.startswith("bob and 1 submissions are deleted.") and "feedback/bob.html" in gone.out
    left = [json.loads(line)["student"] for line in grader("class", "list", "--json").out.splitlines()]
    assert left == ["ann", "cem", "dee"]
    unknown = grader("class", "forget", "bob")
    assert unknown.code == 2 and "no student 'bob'" in unknown.err


@pytest.mark.parametrize("kind", ["csv-long", "canvas", "moodle", "gradescope", "junit", "jsonl"])
def test_every_format_is_written(mini: Mini, submissions: Path, grader: Grader, kind: str) -> None:
    """From verdicts that are made up: what is graded is no matter here."""
    grader("class", "import", "submissions")
    book = Gradebook(f"sqlite:///{mini.root}/gradebook.sqlite")
    for digest, exercise in book.handed_in():
        book.judged(Task(digest, exercise, "key"), Verdict("graded", earned=1, possible=2))
    book.close()
    finished = grader("class", "export", kind, "-o", "out")
    assert finished.code == 0, finished.err
    out = mini.root / "out"
    files = [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out]
    assert files and all(path.stat().st_size for path in files)


def test_dates_and_rules_change_marks_at_once(mini: Mini, grader: Grader) -> None:
    """Nothing is graded again when a date, a rule or an extension changes."""
    folder = mini.root / "course" / "submitted" / "ann" / "hello"
    mini.write(folder, app_py=_APP, Procfile=_PROCFILE)
    (folder / "timestamp.txt").write_text("2026-03-02 10:00:00.000000 UTC")
    grader("class", "import", "course", "--kind", "nbgrader")
    book = Gradebook(f"sqlite:///{mini.root}/gradebook.sqlite")
    ((digest, exercise),) = book.handed_in()
    book.judged(Task(digest, exercise, "key"), Verdict("graded", earned=2, possible=2))
    book.close()
    assert grader("class", "due", "hello", "2026-03-01T12:00+00:00").code == 0
    assert grader("class", "due", "--late", "25").code == 0

    def points() -> float:
        found: float = json.loads(grader("class", "list", "--json").out)["points"]
        return found

    assert points() == 1.5
    grader("class", "set", "ann", "hello", "--extension", "22")
    assert points() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "nowhere"], "does not exist"),
        (["import", ".", "--kind", "blackboard"], "blackboard"),
        (["grade", "--exercise", "goodbye"], "goodbye"),
        (["set", "ann", "hello"], "what is to be decided?"),
        (["set", "ann", "hello", "--points", "many"], "no number of points"),
        (["set", "ann", "hello", "--points", "nan"], "no number of points"),
        (["set", "nobody", "hello", "--points", "1"], "knows no student"),
        (["due", "hello", "tomorrow"], "no moment"),
        (["due"], "what is due"),
        (["export", "parchment"], "parchment"),
        (["nonsense"], "There is no command"),
    ],
)
def test_what_is_typed_wrong_is_said(mini: Mini, grader: Grader, words: list[str], said: str) -> None:
    """In a sentence, without a traceback."""
    finished = grader("class", *words)
    assert finished.code in (1, 2, 3)
    assert said in finished.err + finished.out
    assert "Traceback" not in finished.err


def test_the_page_is_served_to_whoever_has_the_token(
    mini: Mini, submissions: Path, grader: Grader, spawn: Spawn
) -> None:
    """And to nobody else; it follows the gradebook."""
    grader("class", "import", "submissions")
    process = spawn("class", "serve", "--port", "0")
    address = re.search(r"http://\S+", read_until(process, "http://"))
    assert address
    url, _, token = address[0].partition("?token=")
    assert httpx.get(url).status_code == 403
    assert httpx.get(f"{url}?token={token[:-1]}x").status_code == 403
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(f"{url}?token={token}")
        assert (page.status_code, page.url.query) == (200, b"")
        assert "ann" in page.text and page.headers["cache-control"] == "no-store"
        book = Gradebook(f"sqlite:///{mini.root}/gradebook.sqlite")
        for digest, exercise in book.handed_in():
            book.judged(Task(digest, exercise, "key"), Verdict("graded", earned=1, possible=2))
        book.close()
        assert client.get(url).text != page.text
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
