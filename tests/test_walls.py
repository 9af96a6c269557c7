"""What holds a stranger's program in, tried on this machine, and what happens where it is missing."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.grading.isolation import try_isolation, try_walls
from grader.model import Outcome
from grader.sandbox import seccomp
from tests.conftest import REPOSITORY, Finished, Mini

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox on this system, only on Linux")
Run = Callable[..., Finished]

# A checker for which one thing is different, started in place of the ordinary one.
_DIFFERENT = "import grader.sandbox.{module} as changed; changed.{name} = {value}\nfrom grader.checker.__main__ import main; main()"


@pytest.fixture
def different(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """``different("seccomp", "program", "lambda: None")`` takes a wall away from every judge that follows."""

    def change(module: str, name: str, value: str) -> None:
        real = subprocess.Popen

        def popen(words: list[str], **options: object) -> subprocess.Popen[bytes]:
            if words[-1] == "grader.checker":
                words = [*words[:-2], "-c", _DIFFERENT.format(module=module, name=name, value=value)]
            return real(words, **options)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr("grader.checker.process.subprocess.Popen", popen)

    return change


def test_every_wall_holds_here() -> None:
    """A program that runs into each of them is stopped by each."""
    report = try_walls()
    assert {result.check.id: result.outcome for result in report.results if result.outcome is not Outcome.PASSED} == {}
    assert len(report.results) >= 9 and report.isolation == "sandbox"


@pytest.mark.parametrize(
    ("module", "name", "value", "fallen"),
    [
        ("seccomp", "program", "lambda machine='': None", "memory"),
        ("nursery", "_DISK_FILES", "10_000_000", "number-of-files"),
        (
            "bubblewrap",
            "_etc",
            "lambda: ['--ro-bind', '/etc', '/etc', *(f'--perms 0755 --dir {p}' .split()[i] for p in ('/runner', '/runner/grader') for i in range(4))]",
            "files",
        ),
    ],
)
def test_a_missing_wall_is_found(
    different: Callable[..., None], module: str, name: str, value: str, fallen: str
) -> None:
    """Without one of them, its own check says so: the others do not stand in for it."""
    different(module, name, value)
    failed = [result.check.id for result in try_walls().results if result.outcome is not Outcome.PASSED]
    assert fallen in failed and len(failed) <= 3


def test_the_way_to_python_is_no_hole(tmp_path: Path) -> None:
    """Whoever keeps the course in their home folder has a home folder in the sandbox, with nothing else in it."""
    program = runpy.run_path(str(REPOSITORY / "grader/grading/walls/program/program.py"))
    for name in ("home/me/course/.venv", "home/else"):
        (tmp_path / name).mkdir(parents=True)
    home = str(tmp_path / "home")
    program["_PYTHON"].clear()
    assert program["look_around"]([home, f"{home}less"]) == [home]
    program["_PYTHON"].add(f"{home}/me/course/.venv")
    assert program["look_around"]([home]) == [f"{home}/else"]


def test_doctor_says_which_walls_hold(grader: Run) -> None:
    """By trying them, one line each."""
    told = grader("doctor")
    assert told.code == 0
    assert told.out.count("✓   Programs") >= 8 and "this wall is missing" not in told.out


def test_other_peoples_programs_are_judged_in_the_sandbox(mini: Mini, grader: Run) -> None:
    """The folder may lie anywhere; the learner's own progress does not change."""
    mini.submit()
    theirs = mini.work.rename(mini.root / "theirs")
    report = json.loads(grader("check", "hello", "--submission", str(theirs), "--json").out)
    assert report["passed"] and report["isolation"] == "sandbox"
    assert not (mini.root / "work").exists() or not list((mini.root / "work").glob("*/*"))
    assert "hello" in grader("list").out and "✓" not in grader("list").out


def test_without_a_sandbox_other_peoples_programs_are_refused(different: Callable[..., None]) -> None:
    """Nothing of theirs is run; the learner's own is, as a plain process, and says so."""
    different("bubblewrap", "find", "lambda: None")
    kind, reason = try_isolation()
    assert (kind, reason) == ("process", "bubblewrap is not installed")
    with pytest.raises(GraderError, match="bubblewrap is not installed"):
        try_walls()


@pytest.mark.parametrize("broken", ["lambda *a, **k: ['false']", "lambda *a, **k: ['/nonexistent/bwrap']"])
def test_a_sandbox_that_does_not_start_is_no_reason_to_do_without(
    mini: Mini, different: Callable[..., None], broken: str
) -> None:
    """Strict means strict: a program that was to be judged in a sandbox is never run outside of one."""
    different("bubblewrap", "command", broken)
    from grader.grading import Options, collect, grade

    mini.submit()
    exercise = mini.course.exercise("hello")
    submission = collect(exercise, mini.work)
    with pytest.raises(GraderError):
        grade(exercise, submission, Options("0", isolation="sandbox"))


def test_trust_is_for_other_peoples_programs(mini: Mini, grader: Run) -> None:
    """One's own needs no trust, and the message says what was meant."""
    mini.submit()
    refused = grader("check", "hello", "--trust")
    assert refused.code == 2 and "--submission FOLDER" in refused.err
    assert grader("check", "hello", "--submission", str(mini.work), "--trust").code == 0


def test_the_filter_knows_two_processors() -> None:
    """Whole instructions for both, and none for a processor whose numbers it does not know."""
    for machine in ("x86_64", "aarch64"):
        rules = seccomp.program(machine)
        assert rules and len(rules) % 8 == 0 and len(rules) // 8 < 256
    assert seccomp.program("riscv64") is None
