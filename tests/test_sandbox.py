"""The sandbox by itself: calls, logs, signals, clearing, and what happens where there is none."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checker.world import World
from grader.model import Limits, Process
from grader.sandbox import NotData, Nursery, ProgramDied, ProgramSilent, Raised, Sandbox, SandboxUnavailable, bubblewrap
from grader.sandbox.process import last_trace

APP = """
import asyncio, sys, time
async def later(n):
    await asyncio.sleep(0)
    return n + 1
def fail():
    raise LookupError("no such thing")
def leave():
    import os
    os._exit(5)
def hang():
    time.sleep(600)
def odd():
    return {1, 2}
class Box:
    @staticmethod
    def open():
        return b"inside"
import os
seen = []
def remember(word):
    seen.append(word)
    return seen
def answer_ahead():
    # The channel is the one socket that is open besides the standard streams.
    for number in range(3, 20):
        try:
            os.write(number, b'{"number":7,"value": 1}\\n')
        except OSError:
            pass
    return 2
"""


@pytest.fixture(params=[True, False], ids=["sandbox", "process"])
def sandbox(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A ready sandbox over one small program, contained or not."""
    folder = tmp_path / "submission"
    folder.mkdir(mode=0o755)
    (folder / "app.py").write_text(APP)
    nursery = Nursery(folder, contained=request.param)
    with contextlib.closing(nursery), Sandbox(nursery, folder, Limits()) as sandbox:
        sandbox.wait_until_ready()
        yield sandbox


def test_a_call_gives_the_value_or_the_failure_in_words(sandbox: Sandbox) -> None:
    """Coroutines are awaited, attributes followed; every way to give nothing is told apart."""
    assert sandbox.call("app:later", [1], {}) == 2
    assert sandbox.call("app:Box.open", [], {}) == b"inside"
    with pytest.raises(Raised, match="LookupError: no such thing") as raised:
        sandbox.call("app:fail", [], {})
    assert raised.value.where == "app.py:7"
    with pytest.raises(ProgramDied, match="exit code 5"):
        sandbox.call("app:leave", [], {})
    with pytest.raises(ProgramSilent, match=r"no answer within 0\.3 s"):
        sandbox.call("app:hang", [], {}, seconds=0.3)
    with pytest.raises(NotData, match="type set"):
        sandbox.call("app:odd", [], {})
    with pytest.raises(NotData, match=r"app\.py has no missing"):
        sandbox.call("app:missing", [], {})
    with pytest.raises(NotData, match=r"no module nowhere \(a file nowhere\.py\)"):
        sandbox.call("nowhere:x", [], {})


def test_a_probe_that_raises_is_told_like_a_call(sandbox: Sandbox) -> None:
    """What happens in a probe arrives as data or as the exception's name."""
    assert sandbox.probe("p", "def probe(n):\n    import app\n    return [n, app.Box.open()]\n", {"n": 3}) == [
        3,
        b"inside",
    ]
    with pytest.raises(Raised, match="ZeroDivisionError"):
        sandbox.probe("p", "def probe():\n    1 / 0\n", {})


def test_a_process_is_seen_from_start_to_end(sandbox: Sandbox) -> None:
    """Its lines arrive while it runs, a signal reaches it, and its ending is known."""
    command = "sh -c 'trap \"echo bye; exit 3\" TERM; echo begun; while :; do sleep 0.05; done'"
    running = sandbox.start(Process("web", command, 1), {})
    deadline = time.monotonic() + 10
    while "begun" not in list(running.lines) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert running.ended is None
    assert running.signal(signal.SIGTERM)
    ending = running.wait(10)
    assert ending is not None and (ending.code, ending.signal) == (3, None)
    running.log.finish(2)
    assert [line for line in running.lines if line != "Terminated"] == ["begun", "bye"]
    assert not running.signal(signal.SIGTERM)


def test_clearing_ends_everything_and_restores_the_files(sandbox: Sandbox) -> None:
    """After clear() there is no process of the program's, and its folder is as handed in."""
    running = sandbox.start(Process("web", "sh -c 'echo mine > app.py; echo done; sleep 600'", 1), {})
    deadline = time.monotonic() + 10
    while "done" not in list(running.lines) and time.monotonic() < deadline:
        time.sleep(0.005)
    with pytest.raises(Raised, match="NameError"):
        sandbox.call("app:later", [1], {})
    sandbox.clear()
    assert running.ended is not None
    assert sandbox.call("app:later", [1], {}) == 2


def test_a_log_keeps_the_end_and_counts_the_rest(sandbox: Sandbox) -> None:
    """A hundred thousand lines are counted, the last five thousand kept, long ones cut."""
    code = "for n in range(100_000): print(n)\nprint('x' * 100_000)"
    running = sandbox.start(Process("web", f'python -c "{code}"', 1), {})
    assert running.wait(30)
    running.log.finish(10)
    lines = list(running.lines)
    assert len(running.log) == 100_001
    assert len(lines) == 5_000
    assert lines[-2] == "99999" and len(lines[-1]) == 4_000
    assert running.log.since(len(running.log) - 2) == lines[-2:]


def test_where_bubblewrap_does_not_work_a_process_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bwrap that fails is noticed by trying it, and the reason is kept."""
    monkeypatch.setattr(bubblewrap, "find", lambda: "/bin/false")
    folder = tmp_path / "submission"
    folder.mkdir(mode=0o755)
    (folder / "app.py").write_text(APP)
    world = World(folder, Limits(), contained=True)
    try:
        isolation, reason = world.wait_until_ready()
        assert (isolation, reason) == ("process", "it did not start")
        assert world.sandbox.call("app:later", [1], {}) == 2
    finally:
        world.close()


@pytest.mark.parametrize(
    ("lines", "error", "where"),
    [
        (
            ["Traceback (most recent call last):", '  File "/app/a.py", line 3, in f', "ValueError: x"],
            "ValueError: x",
            "a.py:3",
        ),
        (
            ['  File "/app/a.py", line 9', "    x = (", "SyntaxError: '(' was never closed"],
            "SyntaxError: '(' was never closed",
            "a.py:9",
        ),
        (
            [
                "Traceback (most recent call last):",
                '  File "/usr/lib/x.py", line 3, in f',
                "json.decoder.JSONDecodeError",
            ],
            "JSONDecodeError",
            None,
        ),
        (["all is well"], None, None),
    ],
)
def test_the_last_traceback_of_a_log_is_found(lines: list[str], error: str | None, where: str | None) -> None:
    """The error and the learner's own line, whatever the library lines around it."""
    trace = last_trace(lines, "/app")
    assert (trace and trace.error) == error
    assert (trace and trace.where) == where


def test_calls_share_a_process_until_the_world_is_cleared(sandbox: Sandbox) -> None:
    """What one call leaves in memory the next one finds, unless it died or all was cleared."""
    assert sandbox.call("app:remember", ["a"], {}) == ["a"]
    assert sandbox.call("app:remember", ["b"], {}) == ["a", "b"]
    with pytest.raises(ProgramDied):
        sandbox.call("app:leave", [], {})
    assert sandbox.call("app:remember", ["c"], {}) == ["c"]
    sandbox.clear()
    assert sandbox.call("app:remember", ["d"], {}) == ["d"]


def test_an_answer_made_ahead_answers_nothing(sandbox: Sandbox) -> None:
    """Each call gets its own answer, whatever else the program has written to the channel."""
    for _ in range(3):
        assert sandbox.call("app:answer_ahead", [], {}) == 2
        assert sandbox.call("app:remember", ["x"], {})[-1] == "x"


_FALLS_SILENT = """
import json, socket, sys
socket.socket(fileno=json.loads(sys.argv[-1])["control"]).sendall({said!r})
"""


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (b"", SandboxUnavailable),
        (b'{"alive": true}\n', ProgramDied),
        (b'{"alive": true}\n{"error": "x"}\n', SandboxUnavailable),
    ],
    ids=["never-lived", "fell-silent", "says-that-it-cannot"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox on this system, only on Linux")
def test_a_sandbox_lost_over_a_submission_is_not_a_machine_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, failure: type[Exception]
) -> None:
    """Only where none can be made may a plain process take its place; what files do to it is their program's death."""
    monkeypatch.setattr("grader.sandbox.nursery._BOOT", _FALLS_SILENT.format(said=said))
    (tmp_path / "submission").mkdir()
    nursery = Nursery(tmp_path / "submission", contained=True)
    with contextlib.closing(nursery), Sandbox(nursery, tmp_path / "submission", Limits()) as sandbox:
        with pytest.raises(failure):
            sandbox.wait_until_ready()


def test_emptying_a_folder_stays_out_of_what_is_mounted_in_it(tmp_path: Path) -> None:
    """A course under /tmp has its environment mounted in the sandbox's /tmp: it is neither walked through nor touched."""
    environment, folder = tmp_path / "environment", tmp_path / "folder"
    for number in range(20):
        (environment / f"package{number}").mkdir(parents=True)
    folder.mkdir()
    script = f"""
import os, sys
os.chdir({str(folder)!r})
os.mkdir("way/beside")
open("way/beside/note.txt", "w").close()
open("way/note.txt", "w").close()
os.chmod("way/beside", 0)
from grader.runner.zygote import _empty
sys.addaudithook(lambda event, at: print("walked", at[0]) if event in ("os.scandir", "os.chmod") else None)
_empty(".")
print("left")
print(*sorted(os.path.join(parent, name) for parent, folders, files in os.walk(".") for name in folders + files))
"""
    bwrap = bubblewrap.find()
    assert bwrap
    mounts = ["--dev-bind", "/", "/", "--tmpfs", str(folder), "--ro-bind", str(environment), f"{folder}/way/to/it"]
    done = subprocess.run([bwrap, *mounts, sys.executable, "-c", script], capture_output=True, text=True, check=True)
    walked, _, left = done.stdout.partition("left")
    assert "./way/beside" in walked
    assert "./way/to/it" not in walked
    packages = sorted(f"./way/to/it/package{number}" for number in range(20))
    assert left.splitlines()[-1].split() == ["./way", "./way/to", "./way/to/it", *packages]
