"""PostgreSQL and MongoDB as checks and programs meet them: real, confined to one database, counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import CheckResult, Service
from grader.services import Services
from tests.conftest import Mini

NOTES = """
import os
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80), nullable=False)
with app.app_context():
    db.create_all()
@app.post("/notes")
def create():
    note = Note(title=request.json["title"])
    db.session.add(note)
    db.session.commit()
    return {"id": note.id}, 201
@app.get("/notes")
def notes():
    return [note.title for note in db.session.scalars(db.select(Note).order_by(Note.id))]
@app.get("/one-by-one")
def one_by_one():
    ids = db.session.scalars(db.select(Note.id)).all()
    return [db.session.get(Note, id).title for id in ids]
"""
MONGO_NOTES = """
import os
from bson import ObjectId
from flask import Flask, request
from pymongo import MongoClient
app = Flask(__name__)
client = MongoClient(os.environ["MONGODB_URI"])
db = client.get_default_database()
@app.post("/notes")
def create():
    return {"id": str(db.notes.insert_one({"title": request.json["title"]}).inserted_id)}, 201
@app.get("/notes")
def notes():
    return [note["title"] for note in db.notes.find().sort("_id")]
@app.get("/one-by-one")
def one_by_one():
    return [db.notes.find_one({"_id": note["_id"]})["title"] for note in db.notes.find({}, {"_id": 1})]
@app.post("/transfer")
def transfer():
    with client.start_session() as session, session.start_transaction():
        db.notes.insert_one({"title": "inside"}, session=session)
    return "", 204
"""


def failures(results: dict[str, CheckResult]) -> dict[str, str]:
    """What each check that did not pass says."""
    return {check: f"{r.outcome}: {r.message}" for check, r in results.items() if r.message or r.outcome != "passed"}


def test_a_program_has_a_postgres_of_its_own_and_the_check_counts_what_it_asks(mini: Mini) -> None:
    """Rows are read and written from both sides; every statement of the program's is there, none of the check's."""
    mini.serve("postgres")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_keeps(http, sql, rng):
            """It keeps."""
            titles = [rng.text() + " 100% ?" for _ in range(3)]
            for title in titles:
                assert http.post("/notes", json={"title": title}).status_code == 201
            assert [row["title"] for row in sql.query("SELECT title FROM note ORDER BY id")] == titles
            assert sql.query("SELECT count(*) AS n FROM note WHERE title = ? AND '?' = '?'", titles[0]) == [{"n": 1}]
            sql.execute("INSERT INTO note (title) VALUES (?)", "from outside")
            assert http.get("/notes").array[-1] == "from outside"
            sql.execute("CREATE TABLE ours (n integer)")
            assert 1 <= sql.connections() <= 5
        @pytest.mark.task(1)
        @pytest.mark.after("test_keeps")
        def test_counts(http, sql):
            """It counts."""
            http.get("/notes")
            few = [text for text in sql.statements() if text.startswith("SELECT")]
            sql.mark()
            sql.query("SELECT 'mine'")
            http.get("/one-by-one")
            many = [text for text in sql.statements() if text.startswith("SELECT")]
            assert (len(few), len(many)) == (1, 5)
            assert "mine" not in str(many)
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, sql):
            """It begins anew."""
            assert http.get("/notes").array == []
            assert sql.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [{"tablename": "note"}]
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_survives_an_outage(http, sql):
            """It survives an outage."""
            http.post("/notes", json={"title": "kept"})
            sql.down()
            assert http.get("/notes").status_code == 500
            sql.up()
            assert sql.query("SELECT title FROM note") == [{"title": "kept"}]
        ''',
        app_py=NOTES,
    )
    assert failures(results) == {}


def test_both_kinds_of_sql_are_there_for_one_exercise(mini: Mini) -> None:
    """The first that is named is DATABASE_URL; the other's address is the check's to give."""
    mini.serve("sqlite", "postgres")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_runs_on_both(http, program, sql):
            """It runs on both."""
            http.post("/notes", json={"title": "light"})
            other = program.http(program.start("web", env={"DATABASE_URL": sql.postgres.url}))
            other.post("/notes", json={"title": "heavy"})
            assert sql.query("SELECT title FROM note") == [{"title": "light"}]
            assert sql.sqlite.query("SELECT title FROM note") == [{"title": "light"}]
            assert sql.postgres.query("SELECT title FROM note") == [{"title": "heavy"}]
        ''',
        app_py=NOTES,
    )
    assert failures(results) == {}


def test_a_program_has_a_mongodb_of_its_own_and_the_check_counts_what_it_asks(mini: Mini) -> None:
    """Documents are read and written from both sides, transactions work, every command of the program's is there."""
    mini.serve("mongo")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_keeps(http, mongo, rng):
            """It keeps."""
            titles = [rng.text() for _ in range(3)]
            for title in titles:
                assert http.post("/notes", json={"title": title}).status_code == 201
            assert [note["title"] for note in mongo.db.notes.find().sort("_id")] == titles
            mongo.db.notes.insert_one({"title": "from outside"})
            assert http.get("/notes").array[-1] == "from outside"
            assert 1 <= mongo.connections() <= 5
        @pytest.mark.task(1)
        @pytest.mark.after("test_keeps")
        def test_counts(http, mongo):
            """It counts."""
            mongo.mark()
            http.get("/notes")
            [few] = mongo.commands()
            assert (few.name, few.collection, few.examined, few.returned) == ("find", "notes", 4, 4)
            mongo.mark()
            mongo.db.notes.find_one()
            http.get("/one-by-one")
            assert [command.name for command in mongo.commands()] == ["find"] * 5
        @pytest.mark.task(1)
        @pytest.mark.requires("mongo.transactions")
        def test_has_transactions(http, mongo):
            """It has transactions."""
            assert http.post("/transfer").status_code == 204
            assert mongo.db.notes.count_documents({"title": "inside"}) == 1
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, mongo):
            """It begins anew."""
            assert mongo.db.list_collection_names() == []
            assert http.get("/notes").array == []
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_survives_an_outage(http, mongo, eventually):
            """It survives an outage."""
            http.post("/notes", json={"title": "kept"})
            mongo.down()
            mongo.up()
            assert [note["title"] for note in mongo.db.notes.find()] == ["kept"]
            assert http.get("/notes").array == ["kept"]
        ''',
        app_py=MONGO_NOTES,
    )
    assert failures(results) == {}


def test_a_second_database_is_missed_only_by_who_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite is named first and there is no PostgreSQL, programs run, and what requires PostgreSQL hears why."""
    monkeypatch.setattr("grader.services.tiers.candidates", lambda *_: [])
    services = Services((Service.SQLITE, Service.POSTGRES), tmp_path, confined=False)
    try:
        services.place("/app", lambda _name, _largest: None)
        assert services.lines() == {"DATABASE_URL": "sqlite:////app/database.db"}
        assert "PostgreSQL is not to be had on this machine" in services.lacks("postgres")
        assert services.lacks("sqlite") == ""
    finally:
        services.close()


def test_a_check_asks_both_databases_by_name(mini: Mini) -> None:
    """DATABASE_URL is the first one's; the other is ``sql.postgres``, and a third there is not."""
    mini.serve("sqlite", "postgres")
    results = mini.judge(
        '''
        @pytest.mark.task(1)
        def test_is_told(program, sql):
            """It is told."""
            assert sql.url.startswith("sqlite:")
            assert sql.sqlite.url == sql.url
            assert program.http(program.start("web")).get("/notes").array == []
            other = program.http(program.start("web", env={"DATABASE_URL": sql.postgres.url}))
            assert other.post("/notes", json={"title": "there"}).status_code == 201
            assert sql.postgres.query("SELECT title FROM note") == [{"title": "there"}]
            assert sql.query("SELECT title FROM note") == []
            assert not hasattr(sql, "mongo")
        ''',
        app_py=NOTES,
    )
    assert failures(results) == {}
