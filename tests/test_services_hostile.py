"""Programs that use a service against the judge, its machine or the next program: refused, bounded, forgotten."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.grading import Options, Preparation, collect
from grader.model import Outcome
from tests.conftest import Mini
from tests.test_databases import failures

ASKS = """
import json, os
from flask import Flask, request
app = Flask(__name__)
kept = []
@app.post("/ask")
def ask():
    told = {}
    for words in request.json:
        try:
            told[json.dumps(words)] = "did " + str(do(words))[:200]
        except Exception as error:
            told[json.dumps(words)] = f"{type(error).__name__}: {error}"
    return told
"""
TRIES = '''
    WORDS = [
        {}
    ]
    @pytest.mark.task(1)
    def test_is_refused(http):
        """It is refused."""
        told = http.post("/ask", json=WORDS).object
        assert [f"{{words}}: {{what}}" for words, what in told.items() if not any(sign in what for sign in SIGNS)] == []
        assert len(told) == len(WORDS)
    '''


def refused(mini: Mini, service: str, words: str, signs: tuple[str, ...], does: str) -> None:
    """Grade a program that tries ``words``, each of which must raise with one of ``signs``."""
    mini.serve(service)
    results = mini.judge(f"    SIGNS = {signs!r}\n" + TRIES.format(words), app_py=ASKS + does)
    assert failures(results) == {}


def test_redis_refuses_what_reaches_out_of_the_data(mini: Mini) -> None:
    """Files, modules, other users, other clients, copies of the server: none of it is the program's."""
    refused(
        mini,
        "redis",
        """["CONFIG", "SET", "dir", "/tmp"], ["CONFIG", "GET", "*"], ["MODULE", "LOAD", "/tmp/x.so"], ["DEBUG", "JMAP"],
        ["SHUTDOWN", "NOSAVE"], ["ACL", "SETUSER", "app", "+@all"], ["ACL", "LIST"], ["REPLICAOF", "127.0.0.1", "1"],
        ["SAVE"], ["BGSAVE"], ["BGREWRITEAOF"], ["MIGRATE", "127.0.0.1", "1", "k", "0", "1"], ["CLUSTER", "INFO"],
        ["FAILOVER"], ["MONITOR"], ["SYNC"], ["CLIENT", "KILL", "USER", "checker"], ["CLIENT", "PAUSE", "10000"],
        ["CLIENT", "NO-EVICT", "on"], ["SWAPDB", "0", "1"], ["RESTORE", "k", "0", "x"], ["SLOWLOG", "GET"],
        ["AUTH", "checker", "checker"], ["EVAL", "return redis.call('CONFIG', 'GET', '*')", "0"],
        ["EVAL", "return os.execute('id')", "0"], ["EVAL", "return io.open('/etc/passwd')", "0"]""",
        ("NOPERM", "no permissions", "NoPermission", "can't run this", "WRONGPASS", "invalid username", "global variable",
         "MONITOR", "not allowed from script", "nonexistent global", "nil value", "DEBUG command not allowed", "LatencyError", "unknown command"),
        "import redis\nstore = redis.Redis.from_url(os.environ['REDIS_URL'])\n"
        "def do(words):\n    return store.execute_command(*words)\n",
    )  # fmt: skip


def test_postgres_refuses_what_reaches_out_of_the_database(mini: Mini) -> None:
    """Programs, files, rights, other databases, settings of the server: none of it is the program's."""
    refused(
        mini,
        "postgres",
        """"COPY (SELECT 1) TO PROGRAM 'id'", "COPY (SELECT 1) TO '/tmp/x'", "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/passwd')", "CREATE ROLE other", "CREATE DATABASE other",
        "ALTER ROLE CURRENT_USER SUPERUSER", "ALTER SYSTEM SET log_statement = 'none'", "SET log_statement = 'none'",
        "SET ROLE checker", "SET SESSION AUTHORIZATION checker", "CREATE EXTENSION dblink", "CREATE EXTENSION file_fdw",
        "SELECT pg_reload_conf()", "SELECT rolpassword FROM pg_authid",
        "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION f()", "LOAD '/tmp/x.so'",
        "CREATE FUNCTION f() RETURNS int AS '/tmp/x.so' LANGUAGE c", "CONNECT postgres", "CONNECT template1" """,
        ("permission denied", "must be superuser", "Must be superuser", "not available", "Only roles", "must be owner",
         "is not a PostgreSQL", "must have", "does not exist", "User does not have CONNECT", "is not allowed"),
        """
import psycopg
def do(words):
    url = os.environ["DATABASE_URL"]
    if words.startswith("CONNECT"):
        return psycopg.connect(url.rpartition("/")[0] + "/" + words.split()[1])
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(words).fetchall()
""",
    )  # fmt: skip


def test_mongodb_refuses_what_reaches_out_of_the_database(mini: Mini) -> None:
    """Scripts, other databases, users, the server itself: none of it is the program's."""
    refused(
        mini,
        "mongo",
        """["admin", {"shutdown": 1}], ["admin", {"getLog": "global"}], ["admin", {"setParameter": 1, "quiet": True}],
        ["admin", {"fsync": 1}], ["admin", {"killAllSessions": []}], ["admin", {"createUser": "x", "pwd": "y", "roles": []}],
        ["admin", {"replSetStepDown": 60}], ["local", {"find": "oplog.rs"}], ["config", {"find": "settings"}],
        ["other", {"insert": "x", "documents": [{"a": 1}]}], ["", {"createUser": "x", "pwd": "y", "roles": ["root"]}],
        ["", {"updateUser": "app", "roles": ["root"]}], ["", {"find": "x", "filter": {"$where": "sleep(100000)"}}],
        ["", {"aggregate": "x", "cursor": {}, "pipeline": [{"$match": {"$expr": {"$function": {"body": "function() {}", "args": [], "lang": "js"}}}}]}],
        ["", {"mapReduce": "x", "map": "function() {}", "reduce": "function() {}", "out": {"inline": 1}}],
        ["", {"aggregate": "x", "cursor": {}, "pipeline": [{"$out": {"db": "other", "coll": "y"}}]}],
        ["admin", {"getCmdLineOpts": 1}], ["admin", {"profile": 0, "slowms": 100000}]""",
        (
            "not authorized",
            "not allowed",
            "globalScriptEngine",
            "JavaScript",
            "javascript",
            "disabled",
            "may only be run",
        ),
        """
import pymongo
client = pymongo.MongoClient(os.environ["MONGODB_URI"])
client.get_default_database().x.insert_one({"a": 1})
def do(words):
    name, command = words
    db = client[name] if name else client.get_default_database()
    return db.command(command)
""",
    )


EXHAUSTS = '''
    @pytest.mark.task(1)
    def test_exhausts(http):
        """It exhausts."""
        http.post("/ask", json=["everything"])
    @pytest.mark.task(1)
    def test_comes_next(http, STORE):
        """It comes next."""
        EMPTY
        assert "did" in http.post("/ask", json=["something"]).text
    '''


def exhausting(mini: Mini, service: str, store: str, empty: str, does: str) -> None:
    """Grade a program that takes all it can get: the next check, and the next submission, find a service."""
    mini.serve(service)
    mini.check_by(EXHAUSTS.replace("STORE", store).replace("EMPTY", empty), app_py=ASKS + does)
    exercise = mini.course.exercise("hello")
    submission = collect(exercise, mini.work)
    with Preparation.of(exercise, submission) as preparation:
        for seed in ("1", "2"):
            options = Options(seed, always_fresh=True)
            results = {r.check.id: r for r in preparation.judge(exercise, submission, options, last=True).results}
            assert results["comes-next"].outcome is Outcome.PASSED, results["comes-next"].message


def test_redis_survives_a_thousand_connections_subscribers_and_a_script_without_end(mini: Mini) -> None:
    """Everything is let go of with the program that took it."""
    exhausting(
        mini,
        "redis",
        "redis",
        'assert redis.keys() == [] and redis.set("ours", "1")',
        """
import redis, socket, threading
url = os.environ["REDIS_URL"]
def do(words):
    store = redis.Redis.from_url(url)
    if words == "something":
        return store.incr("n")
    from urllib.parse import urlsplit
    port = urlsplit(url).port
    for _ in range(900):
        try:
            kept.append(socket.create_connection(("127.0.0.1", port)))
        except OSError:
            break
    subscriber = store.pubsub()
    subscriber.subscribe("for ever")
    kept.append(subscriber)
    store.set("big", "x" * 10_000_000)
    threading.Thread(target=lambda: redis.Redis.from_url(url).eval("while true do end", 0), daemon=True).start()
""",
    )


def test_postgres_survives_connections_and_open_transactions(mini: Mini) -> None:
    """A table that is locked for ever is gone with its database."""
    exhausting(
        mini,
        "postgres",
        "sql",
        "assert sql.query(\"SELECT tablename FROM pg_tables WHERE schemaname = 'public'\") == []",
        """
import psycopg
def do(words):
    url = os.environ["DATABASE_URL"]
    if words == "something":
        return psycopg.connect(url).execute("SELECT 1").fetchone()
    first = psycopg.connect(url)
    first.execute("CREATE TABLE t (n int)")
    first.commit()
    first.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
    kept.append(first)
    try:
        for _ in range(1000):
            kept.append(psycopg.connect(url))
    except psycopg.OperationalError:
        pass
""",
    )


def test_mongodb_survives_connections_and_open_transactions(mini: Mini) -> None:
    """A document that a transaction holds for ever is gone with its database."""
    exhausting(
        mini,
        "mongo",
        "mongo",
        "assert mongo.db.list_collection_names() == []",
        """
import pymongo, socket
from urllib.parse import urlsplit
client = pymongo.MongoClient(os.environ["MONGODB_URI"])
db = client.get_default_database()
def do(words):
    if words == "something":
        return db.x.insert_one({"a": 1})
    db.x.insert_one({"_id": 1})
    session = client.start_session()
    session.start_transaction()
    db.x.update_one({"_id": 1}, {"$set": {"a": 1}}, session=session)
    kept.append(session)
    port = urlsplit(os.environ["MONGODB_URI"]).port
    for _ in range(900):
        try:
            kept.append(socket.create_connection(("127.0.0.1", port)))
        except OSError:
            break
""",
    )


def test_a_program_that_makes_redis_busy_for_ever_has_taken_too_long(mini: Mini) -> None:
    """A script without end is the program's doing, and said so; the next check has a server again."""
    mini.serve("redis")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_reads(http, redis, eventually):
            """It reads."""
            http.post("/ask", json=["x"])
            eventually(lambda: redis.get("a") or True, within=3)
            import time
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                redis.get("a")
        @pytest.mark.task(1)
        def test_comes_next(http, redis):
            """It comes next."""
            assert redis.ping()
        ''',
        app_py=ASKS
        + """
import redis, threading
def do(words):
    store = redis.Redis.from_url(os.environ["REDIS_URL"])
    threading.Thread(target=lambda: store.eval("while true do end", 0), daemon=True).start()
""",
    )
    assert results["reads"].outcome is Outcome.TIMED_OUT
    assert "keeps Redis busy" in results["reads"].message
    assert results["comes-next"].outcome is Outcome.PASSED


def test_what_strangers_leave_in_tables_runs_with_no_more_than_their_rights(mini: Mini) -> None:
    """A view that calls a function runs as somebody who is no superuser, and not for ever."""
    mini.serve("postgres")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_looks(http, sql):
            """It looks."""
            http.post("/ask", json=["x"])
            assert sql.query("SELECT * FROM trap") == [{"who": "no", "may": False}]
            with pytest.raises(AssertionError, match="within 5 s"):
                sql.query("SELECT * FROM slow")
            assert len(sql.query("SELECT * FROM endless")) == 10_000
            with pytest.raises(AssertionError, match="nowhere"):
                sql.query("SELECT * FROM nowhere")
        ''',
        app_py=ASKS
        + """
import psycopg
def do(words):
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute('''CREATE FUNCTION f() RETURNS TABLE (who text, may boolean) LANGUAGE plpgsql AS $$
            BEGIN
                RESET ROLE;
                RETURN QUERY SELECT CASE WHEN r.rolsuper THEN 'super' ELSE 'no' END, r.rolcreaterole
                    FROM pg_roles r WHERE r.rolname = session_user;
            END $$''')
        connection.execute("CREATE VIEW trap AS SELECT * FROM f()")
        connection.execute("CREATE VIEW slow AS SELECT 1 AS n FROM pg_sleep(100)")
        connection.execute("CREATE VIEW endless AS SELECT generate_series(1, 1000000000) AS n")
""",
    )
    assert failures(results) == {}


def test_a_sqlite_file_that_is_none_is_the_programs_failure(mini: Mini) -> None:
    """Links, pipes, garbage, views without end and files without measure: said in words, and nothing is read."""
    mini.serve("sqlite")
    results = mini.judge(
        '''
        @pytest.mark.parametrize("what", ["link", "pipe", "garbage", "large", "nothing", "endless", "folder"])
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_is_read(http, sql, what):
            """It is read."""
            http.post("/ask", json=[what])
            with pytest.raises(AssertionError, match="expected a") as caught:
                sql.query("SELECT * FROM t")
            assert "root" not in str(caught.value)
        ''',
        app_py=ASKS
        + """
import sqlite3
path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
def do(words):
    match words:
        case "link":
            os.symlink("/etc/passwd", path)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            os.mkdir(path)
        case "garbage":
            open(path, "wb").write(os.urandom(100_000))
        case "large":
            os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 65 << 20)
        case "endless":
            with sqlite3.connect(path) as connection:
                connection.execute("CREATE VIEW t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
""",
    )
    assert failures(results) == {}


def test_a_mailbox_takes_a_thousand_mails_and_nothing_without_measure(mini: Mini) -> None:
    """Too large, too many, a line without an end and five hundred connections: refused, and the box still works."""
    mini.serve("smtp")
    with open(mini.exercise / "exercise.toml", "a") as manifest:
        manifest.write("[limits]\nseconds = 120\n")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_takes(program, mail):
            """It takes."""
            told = program.run("python app.py large many", within=60).lines
            assert "SMTPSenderRefused" in told[0] or "SMTPDataError" in told[0]
            assert "mailbox is full" in told[1]
            assert len(mail.mails) == 1000
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_is_flooded(program, mail):
            """It is flooded."""
            program.run("python app.py line connections", within=60)
            mail.empty(anew=False)
            assert program.run("python app.py one", within=60).lines == ["did {}"]
            assert [one.subject for one in mail.mails] == ["one"]
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_is_read(program, mail):
            """It is read."""
            program.run("python app.py strange", within=60)
            [one] = mail.mails
            assert isinstance(one.subject, str)
            with pytest.raises(AssertionError, match="expected a mail that can be read"):
                one.text
        ''',
        app_py="""
import os, smtplib, socket, sys
from urllib.parse import urlsplit
port = urlsplit(os.environ["SMTP_URL"]).port
kept = []
def do(words):
    if words == "connections":
        return kept.extend(socket.create_connection(("127.0.0.1", port)) for _ in range(500))
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        match words:
            case "large":
                return smtp.sendmail("a@x.example", ["b@x.example"], b"Subject: x\\r\\n\\r\\n" + b"x" * 70 + (b"\\r\\n" + b"y" * 900) * 1500)
            case "many":
                for _ in range(1001):
                    smtp.sendmail("a@x.example", ["b@x.example"], b"Subject: x\\r\\n\\r\\nx")
            case "line":
                smtp.ehlo(), smtp.mail("a@x.example"), smtp.rcpt("b@x.example"), smtp.putcmd("data"), smtp.getreply()
                for _ in range(120):
                    smtp.sock.sendall(b"x" * (1 << 20))
            case "one":
                return smtp.sendmail("a@x.example", ["b@x.example"], b"Subject: one\\r\\n\\r\\nx")
            case "strange":
                return smtp.sendmail("a@x.example", ["b@x.example"], b'Subject: =?nope?q?x?=\\r\\nContent-Type: text/plain; charset="nope"\\r\\n\\r\\n\\xff')
for words in sys.argv[1:]:
    try:
        print("did", do(words))
    except Exception as error:
        print(type(error).__name__, error)
""",
    )
    assert failures(results) == {}


def test_eight_gradings_at_once_see_their_own_data_only(mini: Mini, tmp_path: Path) -> None:
    """Each finds every key and every row that it put there, and no other."""
    mini.serve("redis", "postgres")
    mini.check_by(
        '''
        @pytest.mark.task(1)
        def test_is_alone(http, redis, sql, rng):
            """It is alone."""
            words = rng.words(5)
            for word in words:
                assert http.post("/ask", json=[word]).object[f'"{word}"'] == "did None"
            assert sorted(redis.keys()) == sorted(words)
            assert [row["word"] for row in sql.query("SELECT word FROM t ORDER BY n")] == words
        ''',
        app_py=ASKS
        + """
import psycopg, redis
store = redis.Redis.from_url(os.environ["REDIS_URL"])
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS t (n serial, word text)")
def do(word):
    store.set(word, 1)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO t (word) VALUES (%s)", (word,))
""",
    )
    seeds = itertools.count()
    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(lambda _: mini.grade(str(next(seeds))), range(8)))
    assert [failures({r.check.id: r for r in report.results}) for report in reports] == [{}] * 8
