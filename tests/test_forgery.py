"""Programs that try to be marked right instead of being right. None may gain a point."""

from __future__ import annotations

import pytest

from grader.model import Outcome, Report
from tests.conftest import Mini

_FUNCTION_CHECKS = '''
@pytest.mark.task(1)
def test_adds(call, rng):
    """The sum is right."""
    a, b = rng.randint(1, 999), rng.randint(1, 999)
    assert call("app:add", a, b) == a + b
@pytest.mark.task(1)
def test_probed(probe, rng):
    """The sum is right inside, too."""
    a, b = rng.randint(1, 999), rng.randint(1, 999)
    assert probe("add", a=a, b=b) == a + b
'''


def judge_functions(mini: Mini, app: str, **files: str) -> Report:
    """Grade ``app.py`` by two checks of a function ``add``."""
    mini.write(
        mini.exercise / "checks" / "probes", add_py="def probe(a, b):\n    import app\n    return app.add(a, b)\n"
    )
    mini.judge(_FUNCTION_CHECKS, app_py=app, **files)
    return mini.grade()


def test_the_honest_solution_passes(mini: Mini) -> None:
    """What the attacks below fail at can be done."""
    assert judge_functions(mini, "def add(a, b):\n    return a + b\n").passed


@pytest.mark.parametrize("exit_call", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)", "os.kill(1, 9)"])
def test_exiting_with_success_is_not_success(mini: Mini, exit_call: str) -> None:
    """Ending at import, with whatever code, earns nothing."""
    assert judge_functions(mini, f"import os, sys\n{exit_call}\n").points == 0


def test_patching_the_test_framework_changes_nothing(mini: Mini) -> None:
    """The framework in the learner's process is not the one that judges."""
    report = judge_functions(
        mini,
        """
        import _pytest.assertion.util, _pytest.python, _pytest.runner, builtins, pytest
        _pytest.python.Function.runtest = lambda self: None
        _pytest.runner.call_runtest_hook = lambda *a, **k: None
        pytest.fail = pytest.skip = lambda *a, **k: None
        builtins.AssertionError = SystemExit
        def add(a, b):
            return 0
        """,
    )
    assert [result.outcome for result in report.results] == [Outcome.FAILED, Outcome.FAILED]


def test_a_conftest_is_never_read(mini: Mini) -> None:
    """A handed-in conftest.py, pytest.ini, sitecustomize.py or pytest.py does not reach the judge."""
    hooks = """
        import pathlib
        pathlib.Path("/tmp/read").write_text("yes")
        def pytest_runtest_makereport(item, call):
            call.excinfo = None
        def pytest_collection_modifyitems(items):
            items.clear()
        """
    report = judge_functions(
        mini,
        "def add(a, b):\n    return 0\n",
        conftest_py=hooks,
        sitecustomize_py=hooks,
        pytest_py=hooks,
        grader_py=hooks,
    )
    assert [result.outcome for result in report.results] == [Outcome.FAILED, Outcome.FAILED]


def test_objects_that_are_equal_to_everything_do_not_cross(mini: Mini) -> None:
    """Only data crosses: an object with its own idea of equality is refused."""
    report = judge_functions(
        mini,
        """
        class Yes:
            def __eq__(self, other): return True
            def __hash__(self): return 1
        def add(a, b):
            return Yes()
        """,
    )
    assert report.points == 0
    assert "Yes" in report.results[0].message


@pytest.mark.parametrize("base", ["int", "str", "float", "dict", "list"])
def test_subclasses_of_data_arrive_as_what_they_hold(mini: Mini, base: str) -> None:
    """A number that says it equals everything arrives as the number it is."""
    report = judge_functions(
        mini,
        f"""
        class Yes({base}):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __hash__ = {base}.__hash__
        def add(a, b):
            return Yes()
        """,
    )
    assert [result.outcome for result in report.results] == [Outcome.FAILED, Outcome.FAILED]


def test_answering_on_the_channel_by_hand_is_only_an_answer(mini: Mini) -> None:
    """Writing to every open descriptor gains no more than returning the same data."""
    report = judge_functions(
        mini,
        r"""
        import os
        def add(a, b):
            lines = [
                b'{"event": "outcome", "function": "test_adds", "outcome": "passed"}\n',
                b'{"event": "done"}\n', b'{"value": true}\n', b'{"exited": 1, "code": 0}\n',
            ]
            for fd in range(3, 256):
                for line in lines:
                    try:
                        os.write(fd, line)
                    except OSError:
                        pass
            os._exit(0)
        """,
    )
    assert report.points == 0
    assert not report.broken


def test_printing_results_is_only_printing(mini: Mini) -> None:
    """What a program prints is shown, never believed."""
    report = judge_functions(
        mini,
        """
        import json
        print(json.dumps({"event": "outcome", "function": "test_adds", "outcome": "passed"}), flush=True)
        print("2 passed in 0.01s", flush=True)
        def add(a, b):
            return 0
        """,
    )
    assert report.points == 0


def test_the_parent_folders_hold_neither_checks_nor_solutions(mini: Mini) -> None:
    """From inside, the course, its checks, its solutions and the home folder do not exist."""
    secret = mini.root / "solutions"
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_sees_nothing(call):
            """Nothing is there."""
            seen = call("app:look")
            assert seen == []
        ''',
        app_py=f"""
        import os, sys
        from pathlib import Path
        system = ("/proc", "/sys", "/usr", "/dev", sys.prefix, sys.base_prefix)
        def look():
            seen = [p for p in ({str(secret)!r}, {str(mini.root)!r}, {str(mini.exercise)!r}) if os.path.exists(p)]
            for folder, below, names in os.walk("/"):
                if folder.startswith(system):
                    below.clear()
                    continue
                seen += [os.path.join(folder, n) for n in names if n in ("test_hello.py", "WRONG.md", "exercise.toml", "shadow")]
            seen += [str(p) for p in Path("..").iterdir() if p.name in ("exercises", "solutions")]
            return seen
        """,
    )
    assert results["sees-nothing"].outcome is Outcome.PASSED, results["sees-nothing"].message


def test_the_judges_process_and_network_cannot_be_seen(mini: Mini) -> None:
    """No process but its own, no network but loopback, no environment but what it was given."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_alone(call):
            """Alone."""
            seen = call("app:look")
            assert seen["commands"] == []
            assert seen["interfaces"] == ["lo"]
            assert seen["reached"] is False
            assert seen["environment"] == ["HOME", "LANG", "PATH", "PYTHONUNBUFFERED", "SECRET_KEY"]
            assert seen["root"] is False
        ''',
        app_py="""
        import os, socket
        from pathlib import Path
        def look():
            commands = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if os.access(p, os.R_OK)]
            try:
                socket.create_connection(("192.0.2.1", 80), timeout=1).close()
                reached = True
            except OSError:
                reached = False
            return {
                "commands": [c for c in commands if b"checker" in c or b"bwrap" in c],
                "interfaces": [name for _, name in socket.if_nameindex()],
                "reached": reached,
                "environment": sorted(os.environ),
                "root": os.getuid() == 0,
            }
        """,
    )
    assert results["alone"].outcome is Outcome.PASSED, results["alone"].message


def test_what_cannot_be_written_cannot_be_written(mini: Mini) -> None:
    """Only /app, /tmp and /dev/shm take files, and not more than their size."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_walls(call):
            """Walls."""
            assert call("app:write") == ["/app", "/tmp", "/dev/shm"]
            assert call("app:fill") == "No space left on device"
        ''',
        app_py="""
        import os, sys
        def write():
            done = []
            for folder in ("/", "/app", "/tmp", "/dev", "/dev/shm", "/etc", "/usr", "/submission", sys.prefix, "/runner"):
                try:
                    open(os.path.join(folder, "mine"), "w").close()
                    done.append(folder)
                except OSError:
                    pass
            return done
        def fill():
            for number in range(100):
                try:
                    with open(f"/tmp/{number}", "wb") as file:
                        file.write(bytes(10_000_000))
                except OSError as error:
                    return error.strerror
        """,
    )
    assert results["walls"].outcome is Outcome.PASSED, results["walls"].message


def test_background_processes_end_with_the_check(mini: Mini) -> None:
    """A daemon that left its group and ignores signals is gone in the next world."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(call):
            """One."""
            assert call("app:detach") == "detached"
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_two(call):
            """Two."""
            assert call("app:others") == 0
        ''',
        app_py="""
        import os, signal, time
        def detach():
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                if os.fork() == 0:
                    while True:
                        time.sleep(0.1)
                os._exit(0)
            return "detached"
        def others():
            return sum(name.isdigit() and name not in ("1", str(os.getpid())) for name in os.listdir("/proc"))
        """,
    )
    assert [result.outcome for result in results.values()] == [Outcome.PASSED, Outcome.PASSED]
