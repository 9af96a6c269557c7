"""Services as checks and programs meet them: there, real, emptied, and nobody's fault when they are not."""

from __future__ import annotations

from grader.model import Outcome
from tests.conftest import Mini

COUNTER = """
import os, redis
from flask import Flask
app = Flask(__name__)
store = redis.Redis.from_url(os.environ["REDIS_URL"])
@app.post("/hits")
def hit():
    return {"hits": store.incr("hits")}
"""


def test_a_program_finds_an_empty_redis_and_the_check_reads_what_it_left(mini: Mini) -> None:
    """Both speak to one server, and another check in an untouched world finds nothing."""
    mini.serve("redis")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_counts(http, redis):
            """It counts."""
            assert [http.post("/hits").object["hits"] for _ in range(3)] == [1, 2, 3]
            assert redis.get("hits") == "3"
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, redis):
            """It begins anew."""
            assert redis.keys() == []
            assert http.post("/hits").object["hits"] == 1
        ''',
        app_py=COUNTER,
    )
    assert {check: result.message for check, result in results.items()} == {"counts": "", "begins-anew": ""}
    assert all(result.outcome is Outcome.PASSED for result in results.values())


def test_rq_and_the_message_queue_of_flask_socketio_work_with_the_programs_user(mini: Mini) -> None:
    """The user of the program may do what applications do: a job is queued and worked off, an event crosses."""
    mini.serve("redis")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_works(http, program, redis, eventually):
            """It works."""
            http.post("/jobs")
            worker = program.start("worker", listens=False)
            eventually(lambda: redis.get("done") == "42", within=10)
            assert http.post("/events").status_code == 204
        ''',
        app_py="""
        import os, redis, rq
        from flask import Flask
        from flask_socketio import SocketIO
        from jobs import work
        app = Flask(__name__)
        store = redis.Redis.from_url(os.environ["REDIS_URL"])
        sockets = SocketIO(app, async_mode="threading", message_queue=os.environ["REDIS_URL"])
        queue = rq.Queue("mails", connection=store)
        @app.post("/jobs")
        def enqueue():
            queue.enqueue(work, 42)
            return "", 204
        @app.post("/events")
        def emit():
            SocketIO(message_queue=os.environ["REDIS_URL"]).emit("news", 1)
            return "", 204
        """,
        jobs_py="""
        import os, redis
        def work(number):
            redis.Redis.from_url(os.environ["REDIS_URL"]).set("done", number)
        """,
        Procfile="web: flask --app app run --port $PORT\nworker: rq worker --url $REDIS_URL mails\n",
    )
    assert results["works"].message == ""
    assert results["works"].outcome is Outcome.PASSED


MAILER = """
import os, smtplib
from email.message import EmailMessage
from flask import Flask, request
from urllib.parse import urlsplit
app = Flask(__name__)
server = urlsplit(os.environ["SMTP_URL"])
@app.post("/mails")
def send():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", request.json["to"], request.json["subject"]
    message.set_content(request.json["text"])
    try:
        with smtplib.SMTP(server.hostname, server.port, timeout=5) as smtp:
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        return {"error": type(error).__name__}, 502
    return "", 204
"""


def test_mails_arrive_and_the_server_fails_on_demand(mini: Mini) -> None:
    """What a program sends is read as text; refusing, being away and being back are told apart by it."""
    mini.serve("smtp")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_sends(http, mail, rng):
            """It sends."""
            letter = {"to": "ann@x.example", "subject": rng.text(), "text": rng.text()}
            assert http.post("/mails", json=letter).status_code == 204
            [one] = mail.to("Ann@x.example")
            assert (one.subject, one.text.strip()) == (letter["subject"], letter["text"])
            assert (one.sender, one.message["to"]) == ("a@x.example", "ann@x.example")
            mail.refuse("451 try later")
            assert http.post("/mails", json=letter).object["error"] == "SMTPRecipientsRefused"
            mail.down()
            assert http.post("/mails", json=letter).object["error"] == "ConnectionRefusedError"
            mail.normal()
            mail.delay = 0.2
            assert http.post("/mails", json=letter).status_code == 204
            assert len(mail.messages) == 2
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, mail):
            """It begins anew."""
            assert mail.mails == []
        ''',
        app_py=MAILER,
    )
    assert {check: result.message for check, result in results.items()} == {"sends": "", "begins-anew": ""}


NOTES = """
import os
from flask import Flask, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80), nullable=False)
@app.post("/notes")
def create():
    note = Note(title=request.json["title"])
    db.session.add(note)
    db.session.commit()
    return {"id": note.id}, 201
@app.get("/notes")
def notes():
    return [note.title for note in db.session.scalars(db.select(Note).order_by(Note.id))]
@app.get("/die")
def die():
    os._exit(9)
"""
SETUP = """
from app import app, db
with app.app_context():
    db.create_all()
print("tables are there")
"""
NOTES_PROCFILE = "web: flask --app app run --port $PORT\nrelease: python setup.py\n"


def test_a_sqlite_file_is_read_from_outside_and_survives_the_program(mini: Mini) -> None:
    """The release command has made the tables; rows are there for the check, and after kill -9 for the program."""
    mini.serve("sqlite")
    results = mini.judge(
        '''
        import signal
        @pytest.mark.task(1)
        def test_keeps(program, sql, rng):
            """It keeps."""
            web = program.start("web")
            titles = [rng.text() for _ in range(3)]
            for title in titles:
                assert program.http(web).post("/notes", json={"title": title}).status_code == 201
            assert [row["title"] for row in sql.query("SELECT title FROM note ORDER BY id")] == titles
            assert sql.query("SELECT count(*) AS n FROM note WHERE title = ?", titles[0]) == [{"n": titles.count(titles[0])}]
            program.stop(web, number=signal.SIGKILL)
            assert program.http(program.start("web")).get("/notes").array == titles
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, sql):
            """It begins anew."""
            assert http.get("/notes").array == []
            assert sql.query("SELECT * FROM note") == []
        @pytest.mark.task(1)
        @pytest.mark.no_release
        def test_is_seeded(program, sql):
            """It is seeded."""
            sql.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, title VARCHAR(80) NOT NULL)")
            sql.execute("INSERT INTO note (title) VALUES (?)", "older than you")
            assert program.http(program.start("web")).get("/notes").array == ["older than you"]
        @pytest.mark.task(1)
        @pytest.mark.no_release
        def test_runs_commands(program, sql):
            """It runs commands."""
            done = program.run("python setup.py", env={"X": "1"})
            assert (done.code, done.lines) == (0, ["tables are there"])
            assert sql.query("SELECT * FROM note") == []
            assert program.run("python -c 'raise SystemExit(7)'").code == 7
        ''',
        app_py=NOTES,
        setup_py=SETUP,
        Procfile=NOTES_PROCFILE,
    )
    assert {check: result.message for check, result in results.items() if result.message} == {}
    assert len(results) == 4


def test_a_release_command_that_fails_is_said_once(mini: Mini) -> None:
    """The first check says what the command printed last and where it raised; the others wait."""
    mini.submit(setup_py="import os\n\nos.environ['NOT_THERE']\n", Procfile=NOTES_PROCFILE, app_py=NOTES)
    first, second = mini.grade().results
    assert first.outcome is Outcome.CRASHED
    assert first.message == "your release command ended with exit code 1: KeyError: 'NOT_THERE'"
    assert first.where == "setup.py:3"
    assert second.outcome is Outcome.BLOCKED


def test_every_program_is_given_a_secret_of_its_own(mini: Mini) -> None:
    """SECRET_KEY is there in processes, commands and calls, long, and another one in another grading."""
    checks = '''
        @pytest.mark.task(1)
        def test_is_told(http, call, program):
            """It is told."""
            told = http.get("/secret").object["secret"]
            assert told == call("app:secret")["secret"] == program.run("python app.py").lines[0]
            assert "not this one" == told
        '''
    app = """
        import os
        from flask import Flask
        app = Flask(__name__)
        @app.get("/secret")
        def secret():
            return {"secret": os.environ["SECRET_KEY"]}
        if __name__ == "__main__":
            print(os.environ["SECRET_KEY"])
        """
    first, second = (mini.judge(checks, app_py=app)["is-told"].message for _ in range(2))
    assert len(first) > 32 + len('expected "not this one", got ""')
    assert first != second
