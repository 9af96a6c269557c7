"""A class is graded: once each, here or by workers, through kills and changes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rq
from redis import Redis
from rq.serializers import JSONSerializer

from grader.classroom import runs
from grader.classroom.gradebook import Gradebook
from grader.classroom.model import Received, Student
from grader.classroom.queue import QUEUE
from grader.errors import GraderError
from grader.model import Service
from grader.services import Services, Sources
from tests.conftest import _APP, _PROCFILE, Finished, Mini, read_until

WRONG = _APP.replace('request.args["name"]', '"you"')
HALF = _APP.replace("+= 1", "+= 2")
Grader = Callable[..., Finished]
Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def gradebook(mini: Mini) -> Iterator[Gradebook]:
    """Where the command line looks for it."""
    book = Gradebook(f"sqlite:///{mini.root}/gradebook.sqlite")
    yield book
    book.close()


def hand_in(book: Gradebook, student: str, **files: str) -> None:
    content = {"Procfile": _PROCFILE} | {name.replace("_py", ".py"): text for name, text in files.items()}
    book.receive(Received(Student(student), "hello", {k: v.encode() for k, v in content.items()}, student))


def a_class(book: Gradebook, size: int) -> None:
    """Students whose programs differ in a comment, a third of each kind."""
    for number in range(size):
        hand_in(book, f"s{number:02}", app_py=f"# {number}\n" + (_APP, WRONG, HALF)[number % 3])


def earned(book: Gradebook) -> dict[str, tuple[str, int]]:
    """What each student has, by id."""
    verdicts = book.verdicts()
    found = {}
    for (student, exercise), rows in book.attempts().items():
        _, verdict = verdicts.get((rows[-1]["digest"], exercise), ("", None))
        found[student] = (verdict.state, verdict.earned) if verdict else ("waiting", 0)
    return found


EXPECTED = [("graded", 2), ("graded", 0), ("graded", 1)]


def test_each_is_graded_once(mini: Mini, gradebook: Gradebook, grader: Grader) -> None:
    """Twins share a verdict; what is no submission is refused; another run grades nothing."""
    a_class(gradebook, 3)
    hand_in(gradebook, "twin", app_py="# 0\n" + _APP)
    gradebook.receive(Received(Student("empty"), "hello", {"essay.txt": b"I tried"}, "empty"))
    gradebook.receive(Received(Student("lost"), "goodbye", {"app.py": b""}, "lost"))
    finished = grader("class", "grade", "--jobs", "2")
    assert finished.code == 0, finished.err
    assert "4 submissions graded" in finished.out
    assert "goodbye is no exercise of this course" in finished.err
    assert earned(gradebook) == {
        "s00": EXPECTED[0],
        "s01": EXPECTED[1],
        "s02": EXPECTED[2],
        "twin": EXPECTED[0],
        "empty": ("refused", 0),
        "lost": ("waiting", 0),
    }
    kept = gradebook.verdicts()
    assert "0 submissions graded" in grader("class", "grade").out
    assert gradebook.verdicts() == kept
    listed = [json.loads(line) for line in grader("class", "list", "--json").out.splitlines()]
    assert {(one["student"], one["state"]) for one in listed} >= {("s00", "graded"), ("empty", "refused")}


def test_a_report_is_kept_whole_with_the_guess(mini: Mini, gradebook: Gradebook, grader: Grader) -> None:
    """With every check, from the sandbox, without a path of this machine."""
    hand_in(gradebook, "mika", app_py=WRONG)
    grader("class", "grade")
    ((_, verdict),) = gradebook.verdicts().values()
    assert verdict.document
    assert [check["outcome"] for check in verdict.document["checks"]] == ["failed", "blocked"]
    assert verdict.document["isolation"] == "sandbox"
    assert str(mini.root) not in json.dumps(verdict.document)


def _sweep() -> None:
    # Whoever is killed tidies nothing away; that is for the machine.
    for path in Path(tempfile.gettempdir()).iterdir():
        shutil.rmtree(path)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_whoever_stops_it_loses_nothing(
    mini: Mini, gradebook: Gradebook, grader: Grader, spawn: Spawn, how: signal.Signals
) -> None:
    """What was told is kept, and the next run goes on from there."""
    a_class(gradebook, 9)
    process = spawn("class", "grade", "--jobs", "2")
    deadline = time.monotonic() + 60
    while len(gradebook.verdicts()) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(how)
    out, _ = process.communicate(timeout=30)
    first = gradebook.verdicts()
    assert 2 <= len(first) < 9
    if how is signal.SIGKILL:
        _sweep()
    else:
        assert process.returncode == 130
        assert "they are kept" in out
    finished = grader("class", "grade", "--jobs", "2")
    assert f"{9 - len(first)} submissions graded" in finished.out
    assert first.items() <= gradebook.verdicts().items()
    assert list(earned(gradebook).values()) == EXPECTED * 3


def test_a_changed_exercise_changes_no_mark_by_itself(mini: Mini, gradebook: Gradebook, grader: Grader) -> None:
    """A regrade shows who would change and by which check, and changes it only when told to."""
    a_class(gradebook, 3)
    grader("class", "grade")
    before = earned(gradebook)
    checks = mini.exercise / "checks" / "test_hello.py"
    checks.write_text(checks.read_text().replace("first + 1", "first + 2"))
    finished = grader("class", "grade")
    assert "3 marks were made with an earlier version" in finished.out
    assert earned(gradebook) == before
    shown = grader("class", "grade", "--regrade")
    assert "s00  hello: 2 → 1 of 2" in shown.out
    assert "counts: passed → failed" in shown.out
    assert "s02  hello: 1 → 2 of 2" in shown.out
    assert "s01" not in shown.out
    assert earned(gradebook) == before
    taken = grader("class", "grade", "--regrade", "--yes")
    assert "2 marks changed" in taken.out
    assert [points for _, points in earned(gradebook).values()] == [1, 0, 2]
    assert "earlier version" not in grader("class", "grade").out
    assert "Nobody would change" in grader("class", "grade", "--regrade").out


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of our own."""
    folder = tmp_path / "redis"
    folder.mkdir()
    services = Services((Service.REDIS,), folder, confined=False)
    yield services.lines()["REDIS_URL"]
    services.close()


def test_workers_grade_and_one_that_is_killed_loses_nothing(
    mini: Mini, gradebook: Gradebook, spawn: Spawn, redis: str
) -> None:
    """Two workers; one of them is killed in the middle of a grading, and each submission has one verdict."""
    a_class(gradebook, 9)
    order = spawn("class", "grade", "--redis", redis)
    doomed, other = (spawn("class", "work", "--redis", redis) for _ in range(2))
    assert doomed.stdout
    while "hello" not in doomed.stdout.readline():
        assert doomed.poll() is None
    # It has taken the next one by now, or takes it in a moment.
    time.sleep(0.1)
    doomed.kill()
    doomed.wait()
    out, err = order.communicate(timeout=120)
    assert "9 submissions graded" in out, err
    assert list(earned(gradebook).values()) == EXPECTED * 3
    other.send_signal(signal.SIGINT)
    assert other.wait(30) in (0, 130)
    _sweep()


def test_an_address_need_not_be_an_argument(gradebook: Gradebook, spawn: Spawn, redis: str) -> None:
    """From the environment it reaches `grade`, `work` and its processes; no list of processes shows it."""
    a_class(gradebook, 3)
    environ = os.environ | {"GROUNDUP_CLASS_REDIS": redis}
    order = spawn("class", "grade", env=environ)
    told = read_until(order, "Next,")
    assert "GROUNDUP_CLASS_REDIS=… grader class work" in told and redis not in told
    work = spawn("class", "work", "--jobs", "2", env=environ)
    read_until(work, "hello")
    children = Path(f"/proc/{work.pid}/task/{work.pid}/children").read_text().split()
    shown = [Path(f"/proc/{pid}/cmdline").read_text() for pid in [order.pid, work.pid, *children]]
    assert len(children) == 2 and not any("redis" in words for words in shown)
    out, err = order.communicate(timeout=120)
    assert "3 submissions graded" in out, err
    work.send_signal(signal.SIGINT)
    assert work.wait(30) in (0, 130)


def test_a_worker_calls_nothing_that_redis_names(
    mini: Mini, gradebook: Gradebook, spawn: Spawn, redis: str, tmp_path: Path
) -> None:
    """A job that names a command of the system, or one to call when it ends, is refused, and the next task graded."""
    marker = tmp_path / "marker"
    queue = rq.Queue(QUEUE, connection=Redis.from_url(redis), serializer=JSONSerializer)
    told = rq.Callback("os.mkdir")
    queue.enqueue_call("os.system", args=[f"touch {marker}"], on_failure=told, on_success=told)
    queue.enqueue_call("os.system", kwargs={"command": f"touch {marker}"})
    a_class(gradebook, 1)
    order = spawn("class", "grade", "--redis", redis)
    worker = spawn("class", "work", "--redis", redis)
    out, err = order.communicate(timeout=120)
    assert "1 submissions graded" in out, err
    assert not marker.exists()
    worker.send_signal(signal.SIGINT)
    assert worker.wait(30) in (0, 130)


def test_a_worker_with_another_version_is_named(
    mini: Mini, gradebook: Gradebook, grader: Grader, spawn: Spawn, redis: str, tmp_path: Path
) -> None:
    """Nothing differs silently: the run ends, what was kept stays, and the machine is named."""
    a_class(gradebook, 1)
    clone = tmp_path / "clone"
    shutil.copytree(mini.root, clone)
    checks = clone / "exercises" / "01-basics" / "hello" / "checks" / "test_hello.py"
    checks.write_text(checks.read_text().replace("first + 1", "first + 2"))
    worker = spawn("--course", str(clone), "class", "work", "--redis", redis)
    order = grader("class", "grade", "--redis", redis)
    worker.send_signal(signal.SIGINT)
    assert order.code == 3
    assert "another version of hello" in order.err
    assert earned(gradebook) == {"s00": ("waiting", 0)}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "not an address"])
def test_a_redis_that_is_not_there_is_said(gradebook: Gradebook, grader: Grader, url: str) -> None:
    """With what to type next."""
    for words in (("grade", "--redis", url), ("work", "--redis", url)):
        finished = grader("class", *words)
        assert finished.code in (2, 3)
        assert "Next:" in finished.err and "Traceback" not in finished.err


def test_without_a_sandbox_no_class_is_graded(
    mini: Mini, gradebook: Gradebook, doctored: Callable[[str], None]
) -> None:
    """Nothing of theirs runs, and nothing is kept."""
    a_class(gradebook, 1)
    doctored("import grader.sandbox.bubblewrap as it\nit.find = lambda: None")
    tasks = runs.plan(mini.course, gradebook).tasks
    with pytest.raises(GraderError, match="bubblewrap is not installed"):
        list(runs.here(mini.course, gradebook, Sources(), 1)(tasks))
    assert gradebook.verdicts() == {}
