"""One submission in, one report out: every way a program can go wrong, told apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.grading import Options, Preparation, collect
from grader.model import Outcome, Report
from tests.conftest import _APP, _PROCFILE, Mini


def outcomes(report: Report) -> list[Outcome]:
    return [result.outcome for result in report.results]


def test_a_right_program_passes_every_check(mini: Mini) -> None:
    """The reference earns every point, inside the sandbox."""
    mini.submit()
    report = mini.grade()
    assert report.passed
    assert (report.points, report.possible) == (2, 2)
    assert report.isolation == "sandbox"


def test_a_plain_process_gives_the_same_verdicts(mini: Mini) -> None:
    """Where there is no sandbox, the same protocol runs over an ordinary process."""
    mini.submit()
    report = mini.grade(isolation="process")
    assert report.passed
    assert report.isolation == "process"


def test_the_seed_decides_the_data(mini: Mini) -> None:
    """The same seed sends the same data, another seed other data."""
    mini.submit(app_py="from flask import Flask\napp = Flask(__name__)\n")
    first, again, other = (mini.grade(seed).results[0].transcript for seed in ("1", "1", "2"))
    assert first == again != other


def test_a_syntax_error_is_shown_once_with_its_line(mini: Mini) -> None:
    """The first check says where the file does not parse; the others wait for it."""
    mini.submit(app_py="from flask import Flask\n\napp = Flask(__name__\n")
    first, second = mini.grade().results
    assert first.outcome is Outcome.CRASHED
    assert "SyntaxError" in first.message
    assert first.where == "app.py:3"
    assert second.outcome is Outcome.BLOCKED


def test_a_program_that_dies_at_once_says_what_it_said(mini: Mini) -> None:
    """The exit code and the last line printed are in the message."""
    mini.submit(app_py="import sys\nprint('no database here')\nsys.exit(7)\n", Procfile="web: python app.py\n")
    first = mini.grade().results[0]
    assert first.outcome is Outcome.CRASHED
    assert "exit code 7" in first.message
    assert "no database here" in first.message


def test_a_command_that_is_not_there_is_named(mini: Mini) -> None:
    """A Procfile that starts what is not installed gets the shell's words for it."""
    mini.submit(Procfile="web: nodejs-of-the-future server.js\n")
    assert "nodejs-of-the-future: command not found" in mini.grade().results[0].message


def test_a_program_on_another_port_is_told_which(mini: Mini) -> None:
    """Listening elsewhere is noticed, and both ports are named."""
    mini.submit(Procfile="web: flask --app app run --port 4999\n")
    first = mini.grade().results[0]
    assert first.outcome is Outcome.TIMED_OUT
    assert "listens on port 4999" in first.message
    assert "PORT=" in first.message


def test_a_program_that_never_listens_is_given_up(mini: Mini) -> None:
    """Running without listening ends the wait, once for all checks."""
    mini.submit(Procfile="web: python app.py\n", app_py="import time\nprint('thinking')\ntime.sleep(600)\n")
    report = mini.grade()
    assert outcomes(report) == [Outcome.TIMED_OUT, Outcome.BLOCKED]
    assert "listens on no port" in report.results[0].message
    assert report.results[0].log == ("thinking",)


@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_a_hundred_megabytes_of_output_disturb_nobody(mini: Mini, isolation: str) -> None:
    """Output is drained and forgotten; the answer still counts."""
    mini.submit(
        app_py="""
        from flask import Flask, request
        import sys
        app = Flask(__name__)
        @app.get("/")
        def greet():
            for _ in range(100):
                sys.stdout.write("x" * 1023 + "\\n" * 1 + "y" * 1_048_000 + "\\n")
            return {"hello": request.args["name"]}
        """
    )
    first, second = mini.grade(isolation=isolation).results
    assert first.outcome is Outcome.PASSED
    assert second.outcome is Outcome.FAILED


@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_a_program_that_ignores_sigterm_is_ended_all_the_same(mini: Mini, isolation: str) -> None:
    """It passes or fails as any other, and nothing of it stays."""
    from tests.conftest import _APP

    ignoring = "import signal\nfor n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n    signal.signal(n, signal.SIG_IGN)\n"
    mini.submit(app_py=ignoring + _APP)
    assert mini.grade(isolation=isolation).passed


def test_a_crash_costs_one_check(mini: Mini) -> None:
    """A program that dies in one answer is started anew for the next check."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(http):
            """One."""
            http.get("/die")
        @pytest.mark.task(1)
        def test_two(http):
            """Two."""
            assert http.get("/").status_code == 200
        ''',
        app_py="""
        import os
        from flask import Flask
        app = Flask(__name__)
        @app.get("/die")
        def die():
            os._exit(9)
        @app.get("/")
        def live():
            return "alive"
        """,
    )
    assert results["one"].outcome is Outcome.CRASHED
    assert "exit code 9" in results["one"].message
    assert results["two"].outcome is Outcome.PASSED


def test_dying_after_the_answer_does_not_pass(mini: Mini) -> None:
    """A server that answers and dies has crashed, even if the answer was right."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(http, eventually):
            """One."""
            assert http.get("/").status_code == 200
            eventually(lambda: not alive(http))
        def alive(http):
            try:
                http.get("/")
            except Exception:
                return False
            return True
        ''',
        app_py="""
        import os, threading
        from flask import Flask
        app = Flask(__name__)
        @app.get("/")
        def live():
            threading.Timer(0.1, os._exit, [0]).start()
            return "alive"
        """,
    )
    assert results["one"].outcome is Outcome.CRASHED


def test_an_exception_in_a_view_is_traced_to_its_line(mini: Mini) -> None:
    """A 500 names the exception and the learner's line from the program's own log."""
    from tests.conftest import _APP

    mini.submit(app_py=_APP.replace('request.args["name"]', "1 / 0"))
    first = mini.grade().results[0]
    assert first.outcome is Outcome.FAILED
    assert "ZeroDivisionError" in first.message
    assert first.where == "app.py:6"


def test_what_a_function_prints_is_shown_when_it_fails(mini: Mini) -> None:
    """Print debugging works: the output of a failing call stands in the report."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(call):
            """One."""
            assert call("app:double", 4) == 8
        @pytest.mark.task(1)
        def test_two(call):
            """Two."""
            call("app:leave")
        ''',
        app_py="""
        import sys
        def double(n):
            print("doubling", n, "\\x1b[31m")
            return n
        def leave():
            sys.exit("bye")
        """,
    )
    assert results["one"].message == "expected 8, got 4"
    assert results["one"].transcript == ("double(4) → 4",)
    assert results["one"].log == ("doubling 4 ",)
    assert results["two"].message == "expected an answer, but your code ended the program (exit)"


def test_an_answer_that_never_comes_times_out(mini: Mini) -> None:
    """A view that hangs is given up after five seconds, with what was sent."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(http):
            """One."""
            http.get("/hang")
        ''',
        app_py="""
        import time
        from flask import Flask
        app = Flask(__name__)
        @app.get("/hang")
        def hang():
            time.sleep(600)
        """,
    )
    assert results["one"].outcome is Outcome.TIMED_OUT
    assert results["one"].transcript == ("GET /hang → no answer within 5 s",)


def test_too_much_memory_is_called_that(mini: Mini) -> None:
    """A function that allocates without end runs out of memory, not of time."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(call):
            """One."""
            call("app:grow")
        ''',
        app_py="def grow():\n    return len([bytearray(10_000_000) for _ in range(10_000)])\n",
    )
    assert results["one"].outcome is Outcome.OUT_OF_MEMORY


def test_burning_the_processor_is_a_time_out(mini: Mini) -> None:
    """A process stopped by its limit of processor time has timed out, not crashed."""
    manifest = mini.exercise / "exercise.toml"
    manifest.write_text(manifest.read_text() + "\n[limits]\nseconds = 2\n")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(call):
            """One."""
            call("app:burn")
        ''',
        app_py="""
        import resource
        def burn():
            soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (1, hard))
            while True:
                pass
        """,
    )
    assert results["one"].outcome is Outcome.TIMED_OUT


def test_a_check_that_fails_by_itself_is_the_authors_fault(mini: Mini) -> None:
    """An exception in the check is BROKEN, and the report says whose fault it is."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(http):
            """One."""
            {}["missing"]
        '''
    )
    assert results["one"].outcome is Outcome.BROKEN
    assert "KeyError" in results["one"].message


def test_checks_that_cannot_be_imported_are_the_authors_fault(mini: Mini) -> None:
    """Nothing counts as judged, and the report is incomplete."""
    mini.submit()
    mini.write(
        mini.exercise / "checks",
        test_hello_py="import nowhere\n" + (mini.exercise / "checks" / "test_hello.py").read_text(),
    )
    report = mini.grade()
    assert report.incomplete
    assert outcomes(report) == [Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert any("nowhere" in note for note in report.notes)


def test_a_failure_on_a_used_program_is_judged_again_on_a_fresh_one(mini: Mini) -> None:
    """Sharing a process never costs a point: only the fresh verdict counts."""
    from tests.conftest import _APP

    once = _APP.replace(
        '{"hello": request.args["name"]}', '{"hello": request.args["name"]} if not seen[0] else ("", 500)'
    )
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_counts(http):
            """Count."""
            http.get("/count")
        @pytest.mark.task(1)
        def test_greets(http):
            """Greet."""
            assert http.get("/?name=a").status_code == 200
        ''',
        app_py=once,
    )
    assert [result.outcome for result in results.values()] == [Outcome.PASSED, Outcome.PASSED]


def test_a_blocked_end_of_one_module_does_not_disturb_the_next(mini: Mini) -> None:
    """Checks may stand in several modules, whatever the last of one came to."""
    mini.write(
        mini.exercise / "checks",
        test_more_py='''
        import pytest
        @pytest.mark.task(2)
        def test_more(call):
            """More."""
            assert call("app:one") == 1
        ''',
    )
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(call):
            """One."""
            assert call("app:one") == 2
        @pytest.mark.task(1)
        @pytest.mark.after("test_one")
        def test_two(call):
            """Two."""
        ''',
        app_py="def one():\n    return 1\n",
    )
    assert [r.outcome for r in results.values()] == [Outcome.FAILED, Outcome.BLOCKED, Outcome.PASSED]


def test_a_thread_that_raises_is_traced_to_its_line(mini: Mini) -> None:
    """A connection that closes for an exception names it, from the program's own log."""
    mini.submit(
        app_py="""
        import os, socket, threading
        def serve(peer):
            peer.recv(4096)
            raise LookupError("which page?")
        server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
        while True:
            threading.Thread(target=serve, args=server.accept()[:1]).start()
        """,
        Procfile="web: python app.py\n",
    )
    first = mini.grade().results[0]
    assert "LookupError: which page?" in first.message
    assert first.where == "app.py:4"


def test_files_written_by_the_program_are_gone_in_a_fresh_world(mini: Mini) -> None:
    """A fresh check finds the folder as it was handed in."""
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_one(http):
            """One."""
            assert http.get("/").text == "new"
            assert http.get("/").text == "old"
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_two(http):
            """Two."""
            assert http.get("/").text == "new"
        ''',
        app_py="""
        from pathlib import Path
        from flask import Flask
        app = Flask(__name__)
        @app.get("/")
        def look():
            file = Path("state.txt")
            if file.exists():
                return "old"
            file.write_text("here")
            return "new"
        """,
    )
    assert [result.outcome for result in results.values()] == [Outcome.PASSED, Outcome.PASSED]


def test_the_time_for_all_checks_is_limited(mini: Mini) -> None:
    """When the exercise's seconds are used up, the check at work times out and the rest are not run."""
    manifest = mini.exercise / "exercise.toml"
    manifest.write_text(manifest.read_text() + "\n[limits]\nseconds = 2\n")
    results = mini.judge(
        '''
        import time
        @pytest.mark.task(1)
        def test_one(http):
            """One."""
            while True:
                http.get("/?name=a")
        @pytest.mark.task(1)
        def test_two(http):
            """Two."""
        '''
    )
    assert results["one"].outcome is Outcome.TIMED_OUT
    assert results["two"].outcome is Outcome.NOT_RUN


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nno'", "expected a JSON body, got no"),
        ("b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[]'", "expected a JSON object, got []"),
        ("b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}'", "expected a field 'hello' in {}"),
        ("b'hello\\r\\n\\r\\n'", "not HTTP"),
        ("b''", "a connection closed without an answer"),
    ],
)
def test_a_strange_answer_is_the_learners_failure_not_the_checks(mini: Mini, answer: str, words: str) -> None:
    """Whatever comes back, the check fails in words and never breaks."""
    mini.submit(
        app_py=f"""
        import os, socket
        server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
        while True:
            peer, _ = server.accept()
            if peer.recv(4096):
                peer.sendall({answer})
            peer.close()
        """,
        Procfile="web: python app.py\n",
    )
    first = mini.grade().results[0]
    assert first.outcome is Outcome.FAILED
    assert words in first.message


def test_a_missing_procfile_says_what_to_write(mini: Mini) -> None:
    """The first check that needs the program names the file and a line for it."""
    mini.submit()
    (mini.work / "Procfile").unlink()
    first = mini.grade().results[0]
    assert first.outcome is Outcome.FAILED
    assert "no Procfile" in first.message
    assert "web: python app.py" in first.message


def test_a_broken_procfile_is_quoted_with_its_line(mini: Mini) -> None:
    """A line that is not 'name: command' is shown with its number."""
    mini.submit(Procfile="# how to start\nflask run\n")
    first = mini.grade().results[0]
    assert first.outcome is Outcome.FAILED
    assert "flask run" in first.message
    assert first.where == "Procfile:2"


def test_results_are_told_while_the_checks_run(mini: Mini) -> None:
    """Whoever waits hears of each check as it is judged, in order."""
    from grader.grading import Options, collect, grade

    mini.submit()
    exercise = mini.course.exercise("hello")
    heard: list[str] = []
    listen: Callable[..., None] = lambda result: heard.append(result.check.id)  # noqa: E731
    grade(exercise, collect(exercise, mini.work), Options("0"), listen)
    assert heard == ["greets", "counts"]


def test_one_judge_serves_a_class_with_a_sandbox_for_each(mini: Mini) -> None:
    """Judged anew, nothing that one program did to its sandbox reaches the next."""
    exercise = mini.course.exercise("hello")
    mini.submit(
        app_py="""
        import os, pathlib
        pathlib.Path("/tmp/left").write_text("x")
        if os.fork() == 0:
            os.setsid()
            import time
            time.sleep(600)
        """
    )
    hostile = collect(exercise, mini.work)
    right = collect(exercise, *mini.course.reference(exercise).layers)
    looking = mini.write(
        mini.root / "looking", app_py=_APP + "import os\nassert not os.path.exists('/tmp/left')\n", Procfile=_PROCFILE
    )
    with Preparation.of(exercise, hostile) as preparation:
        for submission, passes in (
            (hostile, False),
            (right, True),
            (hostile, False),
            (collect(exercise, looking), True),
        ):
            report = preparation.judge(exercise, submission, Options("0"), last=True)
            assert report.passed is passes and not report.incomplete, report.results
