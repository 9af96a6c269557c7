"""The command line: what each command says, and every kind of bad input with its exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from grader.cli import _COMMANDS
from tests.conftest import GRADER, REPOSITORY, Finished, Mini, read_until

Run = Callable[..., Finished]
Spawn = Callable[..., subprocess.Popen[str]]
SCHEMA = json.loads((REPOSITORY / "grader" / "render" / "report-1.schema.json").read_text())


@pytest.mark.parametrize("command", list(_COMMANDS))
def test_every_command_has_help_with_examples(grader: Run, command: str) -> None:
    """--help of each command shows at least one thing to type."""
    finished = grader(command, "--help")
    assert finished.code == 0
    assert f"grader {command}" in finished.out.partition("Examples:")[2]


def test_help_loads_nothing_heavy(mini: Mini) -> None:
    """--help imports click and little else: start-up is a feature."""
    code = "import sys; sys.argv = ['grader', '--help']; from grader.cli import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
    loaded = subprocess.run(
        [GRADER[0], "-c", code], capture_output=True, text=True, check=True, cwd=mini.root
    ).stdout.split()
    assert not {"pytest", "httpx", "rich", "tomllib", "grader.course", "grader.grading", "watchfiles"} & set(loaded)


def test_the_first_steps_lead_from_one_to_the_next(mini: Mini, grader: Run) -> None:
    """Where am I, start, check, hint, pass: each says what to type next."""
    assert "start hello" in grader().out
    started = grader("start", "hello")
    assert started.code == 0 and "check hello" in started.out
    failed = grader("check", "hello")
    assert failed.code == 1 and "hint hello 1" in failed.out
    assert "hint 1 of 3: Idea" in grader("hint", "hello").out
    assert "0 of 2" in grader("list").out
    mini.submit()
    passed = grader("check", "hello")
    assert passed.code == 0 and "2 of 2 · 100 %" in passed.out
    assert "1 of 1 exercises passed" in grader().out


def test_learn_starts_checks_and_explains(mini: Mini, grader: Run) -> None:
    """One command from nothing to a verdict and the next thing to type; again, it goes on."""
    first = grader("learn")
    assert first.code == 0
    assert "0 of 2" in first.out and "show hello" in first.out
    assert (mini.work / "app.py").exists()
    mini.submit()
    assert "2 of 2 · 100 %" in grader("learn").out


def test_check_finds_the_exercise_of_the_folder(mini: Mini, grader: Run) -> None:
    """Inside work/<id>/ the id may be left out."""
    mini.submit()
    assert grader("check", cwd=mini.work).code == 0


def test_check_of_some_checks_is_partial_and_passes_nothing(mini: Mini, grader: Run) -> None:
    """-k takes a task or a word; the exercise counts as passed only when all were asked for."""
    mini.submit()
    report = json.loads(grader("check", "hello", "-k", "2", "--json").out)
    assert report["partial"] and [check["id"] for check in report["checks"]] == ["counts"]
    assert json.loads(grader("list", "--json").out)[0]["passed"] is False
    assert grader("check", "hello", "-k", "GREET").out.count("✓") == 1
    nothing = grader("check", "hello", "-k", "zebra")
    assert nothing.code == 2 and "no check of hello" in nothing.err


@pytest.mark.parametrize("broken", [False, True])
def test_the_json_report_keeps_its_schema(mini: Mini, grader: Run, broken: bool) -> None:
    """Passing, failing, crashing or broken, --json prints what the schema promises and nothing else."""
    if broken:
        mini.judge('@pytest.mark.task(1)\ndef test_one(http):\n    """One."""\n    1 / 0\n')
    for app in (None, "1 / 0\n", "from flask import Flask\napp = Flask(__name__)\n"):
        mini.submit(**({"app_py": app} if app else {}))
        finished = grader("check", "hello", "--json", "--seed", "abcd")
        jsonschema.validate(report := json.loads(finished.out), SCHEMA)
        assert report["seed"] == "abcd"
        assert finished.code == (
            0 if report["passed"] else 3 if any(c["outcome"] == "broken" for c in report["checks"]) else 1
        )


def test_an_unknown_id_gets_the_nearest_one(mini: Mini, grader: Run) -> None:
    """A slip of the finger is answered with what was meant."""
    finished = grader("check", "helo")
    assert finished.code == 2
    assert "did you mean 'hello'?" in finished.err


def test_an_unknown_command_gets_the_nearest_one(grader: Run) -> None:
    """So is one in the command."""
    finished = grader("chekc")
    assert finished.code == 2
    assert "Did you mean 'check'?" in finished.err


def test_no_id_outside_an_exercise_asks_which(grader: Run) -> None:
    """Without an id and outside work/ the answer is how to name one."""
    finished = grader("check")
    assert finished.code == 2
    assert "grader list" in finished.err.replace("-m grader", "grader")


def test_a_command_outside_any_course_says_where_to_go(grader: Run, tmp_path: Path) -> None:
    """Outside the course its own installation is used; a folder that is none is refused."""
    finished = grader("--course", str(tmp_path), "list", cwd=tmp_path)
    assert "event-emitter" in finished.out


def test_an_exercise_not_started_says_how_to_start(grader: Run) -> None:
    """check, watch and run all point to start."""
    for command in ("check", "watch", "run"):
        finished = grader(command, "hello")
        assert finished.code == 2
        assert "start hello" in finished.err


@pytest.mark.parametrize("foreign", [{}, {"notes.txt": "my shopping list"}])
def test_an_empty_or_foreign_folder_is_named_and_kept(mini: Mini, grader: Run, foreign: dict[str, str]) -> None:
    """A folder without anything to judge is said to be that, and reset keeps what was there."""
    mini.write(mini.work, **foreign)
    finished = grader("check", "hello")
    assert finished.code == 1
    assert "none of the files" in finished.err and "reset hello" in finished.err
    reset = grader("reset", "hello")
    assert reset.code == 0
    kept = next((mini.root / "work" / ".replaced").iterdir())
    assert {path.name: path.read_text() for path in kept.iterdir()} == foreign
    assert (mini.work / "app.py").exists()


def test_starting_twice_overwrites_nothing(mini: Mini, grader: Run) -> None:
    """A second start is refused and leaves the learner's files as they are."""
    mini.submit(app_py="mine = 1\n")
    finished = grader("start", "hello")
    assert finished.code == 2 and "reset hello" in finished.err
    assert (mini.work / "app.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize(
    ("manifest", "line", "words"),
    [
        ('title = "x\n', 1, "not TOML"),
        ('title = "x"\nlevel = "easy"\n', 1, "'minutes' is missing"),
        ('title = "x"\nlevel = "trivial"\nminutes = 5\ntopics = []\nsubmit = ["*"]\n', 2, "'level' must be one of"),
        ('title = "x"\nlevel = "easy"\nminutes = "5"\ntopics = []\nsubmit = ["*"]\n', 3, "a whole number"),
        ('title = "x"\nlevel = "easy"\nminutes = 5\ntopics = [1]\nsubmit = ["*"]\n', 4, "a list of strings"),
        ('title = "x"\nlevel = "easy"\nminutes = 5\ntopics = []\nsubmit = ["*"]\npints = 2\n', 6, "not a field"),
        (
            'title = "x"\nlevel = "easy"\nminutes = 5\ntopics = []\nsubmit = ["*"]\n[limits]\nram = 2\n',
            7,
            "not a limit",
        ),
    ],
)
def test_an_unreadable_manifest_is_the_authors_move(
    mini: Mini, grader: Run, manifest: str, line: int, words: str
) -> None:
    """The message names the file, the line and the field, and says that it is not the learner's fault."""
    mini.submit()
    (mini.exercise / "exercise.toml").write_text(manifest)
    finished = grader("check", "hello")
    assert finished.code == 3
    assert f"exercise.toml:{line}:" in finished.err and words in finished.err
    assert "not yours" in finished.err


def test_two_checks_at_the_same_time_do_not_disturb_each_other(mini: Mini, spawn: Spawn) -> None:
    """Both give the right verdict, and both are remembered."""
    mini.submit()
    both = [spawn("check", "hello") for _ in range(2)]
    assert all("2 of 2" in process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    stored = json.loads((mini.root / "work" / ".progress.json").read_text())
    assert stored["exercises"]["hello"]["tries"] == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_in_the_middle_leaves_nothing_running(mini: Mini, spawn: Spawn, number: int) -> None:
    """However a check is stopped, every process of it ends; Ctrl-C says so in words."""
    mini.submit(app_py="import time\ntime.sleep(600)\n", Procfile="web: python app.py\n")
    process = spawn("check", "hello")
    scratch = Path(os.environ["TMPDIR"])
    deadline = time.monotonic() + 20
    while not list(scratch.glob("groundup-*/submission/app.py")) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    if number != signal.SIGKILL:
        assert process.returncode == 130 and "Stopped" in err
    else:
        # A signal that leaves no time to tidy: the processes end all the same (see
        # nothing_left), the copy of the submission stays for the system to remove.
        for path in scratch.iterdir():
            subprocess.run(["rm", "-rf", str(path)], check=True)


def test_hints_come_one_rung_at_a_time(mini: Mini, grader: Run) -> None:
    """Three rungs, then it stays at the last; a task that does not exist is refused."""
    shown = [grader("hint", "hello", "2").out for _ in range(4)]
    assert ["hint 1 of 3" in shown[0], "hint 2 of 3" in shown[1], "hint 3 of 3" in shown[2]] == [True] * 3
    assert "last one" in shown[3]
    assert grader("hint", "hello", "9").code == 2


def test_the_solution_opens_after_three_honest_tries_and_the_last_hint(mini: Mini, grader: Run) -> None:
    """Checking the starter or the same program again is no honest try."""
    grader("start", "hello")
    for _ in range(4):
        grader("check", "hello")
    for _ in range(3):
        grader("hint", "hello", "1")
    closed = grader("solution", "hello")
    assert closed.code == 2 and "0 of 3 honest tries" in closed.err
    for number in range(3):
        mini.submit(app_py=f"from flask import Flask\napp = Flask('{number}')\n")
        grader("check", "hello")
    assert "def greet" in grader("solution", "hello").out


def test_the_solution_opens_after_a_pass(mini: Mini, grader: Run) -> None:
    """Whoever has passed may read it at once."""
    mini.submit()
    grader("check", "hello")
    assert "def greet" in grader("solution", "hello").out


def test_a_broken_progress_file_is_set_aside(mini: Mini, grader: Run) -> None:
    """Progress that cannot be read is kept under another name, and the course goes on."""
    mini.submit()
    (mini.root / "work" / ".progress.json").write_text("{half")
    assert grader("check", "hello").code == 0
    assert [p.read_text() for p in (mini.root / "work").glob(".progress.json.unreadable-*")] == ["{half"]


def test_a_learner_never_sees_our_traceback(mini: Mini, grader: Run) -> None:
    """A fault of ours is an apology, with the traceback in a file."""
    mini.submit()
    (mini.root / "work" / ".progress.json").mkdir()
    finished = grader("check", "hello")
    assert finished.code == 3
    assert "Traceback" not in finished.out + finished.err
    path = Path(finished.err.split("with the file ")[1].strip())
    assert "Traceback" in path.read_text()


def test_run_serves_until_it_is_stopped(mini: Mini, spawn: Spawn) -> None:
    """Running prints the address, serves there, shows the log, and ends with Ctrl-C."""
    import httpx

    mini.submit()
    process = spawn("run", "hello")
    url = read_until(process, "http://").split("http")[1].split()[0]
    deadline = time.monotonic() + 20
    answer = None
    while answer is None and time.monotonic() < deadline:
        try:
            answer = httpx.get(f"http{url}/?name=you", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert answer is not None and answer.json() == {"hello": "you"}
    assert "web │" in out and "Stopped." in out


def test_run_says_when_a_process_ends(mini: Mini, grader: Run) -> None:
    """A program that dies ends the run with its exit code and what it printed."""
    mini.submit(app_py="print('goodbye')\nraise SystemExit(4)\n", Procfile="web: python app.py\n")
    finished = grader("run", "hello")
    assert finished.code == 1
    assert "exit code 4" in finished.out


def test_doctor_says_what_works(grader: Run) -> None:
    """doctor tries the sandbox and says where the course is."""
    finished = grader("doctor")
    assert finished.code == 0
    assert "sandbox: bubblewrap" in finished.out
    assert "1 exercises" in finished.out


def test_completion_knows_commands_and_ids(grader: Run) -> None:
    """The shell is offered commands, and ids where an id belongs."""
    assert "_GRADER_COMPLETE=bash_complete" in grader("completion", "bash").out
    env = {"_GRADER_COMPLETE": "bash_complete", "COMP_WORDS": "grader check h", "COMP_CWORD": "2"}
    assert "hello" in grader(env=env).out


def test_watch_judges_again_on_every_save(mini: Mini, spawn: Spawn) -> None:
    """The first verdict comes at once, the next after a save, and Ctrl-C ends it."""
    mini.submit(app_py="from flask import Flask\napp = Flask(__name__)\n")
    process = spawn("watch", "hello")
    assert "0 of 2" in read_until(process, "waiting for the next save")
    mini.submit()
    assert "2 of 2 · 100 %" in read_until(process, "waiting for the next save")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_watch_survives_a_folder_with_nothing_in_it(mini: Mini, spawn: Spawn) -> None:
    """Files that go away are complained of once, and judged again when they are back."""
    mini.submit()
    process = spawn("watch", "hello", stderr=subprocess.STDOUT)
    read_until(process, "waiting for the next save")
    for path in mini.work.iterdir():
        path.unlink()
    read_until(process, "none of the files")
    mini.submit(app_py="from flask import Flask\napp = Flask(__name__)\n")
    assert "none of the files" not in read_until(process, "waiting for the next save")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def test_colour_is_for_terminals_only(mini: Mini, grader: Run) -> None:
    """Through a pipe there is no escape code; on a terminal there is, unless NO_COLOR says no."""
    mini.submit()
    assert "\x1b" not in grader("check", "hello").out
    for no_colour, expected in (("", True), ("1", False)):
        env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | ({"NO_COLOR": "1"} if no_colour else {})
        ours, theirs = pty.openpty()
        process = subprocess.Popen([*GRADER, "list"], cwd=mini.root, stdout=theirs, env=env | {"TERM": "xterm"})
        process.wait(60)
        os.close(theirs)
        shown = os.read(ours, 65536)
        os.close(ours)
        assert (b"\x1b[" in shown) is expected
