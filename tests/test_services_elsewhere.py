"""Servers of the user's own, named by their URI: used where nothing was, left as they were found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.model import Service
from grader.services import Services, Sources
from grader.services.mongo_server import Mongo
from grader.services.postgres_server import Postgres
from grader.services.redis_server import Redis
from tests.conftest import Mini
from tests.test_databases import MONGO_NOTES, NOTES, failures
from tests.test_services import COUNTER


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A server on the machine's own loopback, as a user might have it."""
    service: Service = request.param
    # Not in the test's own folder: as root its parents let nobody else in, and PostgreSQL is somebody else.
    folder = Path(request.getfixturevalue("tmp_path_factory").mktemp("house", numbered=True))
    for parent in (folder, *folder.parents):
        if parent.owner() == Path.home().owner() and str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    services = Services([service], folder, confined=False)
    try:
        yield services.of(service)
    finally:
        services.close()


@pytest.mark.parametrize("house", [Service.REDIS], indirect=True)
@pytest.mark.parametrize("isolation", ["auto", "process"])
def test_redis_gives_an_empty_database_and_keeps_the_rest(mini: Mini, house: Redis, isolation: str) -> None:
    """Keys of others are there afterwards, ours are not; a program that flushes everything flushes its own."""
    mini.serve("redis")
    user, password = house._login
    mine = house.client
    mine.set("precious", "yes")
    mini.check_by(
        '''
        @pytest.mark.task(1)
        def test_counts(http, redis):
            """It counts."""
            assert redis.keys() == []
            redis.mark()
            assert http.post("/hits").object["hits"] == 1
            assert redis.get("hits") == "1"
            assert ["INCRBY", "hits", "1"] in redis.commands()
            assert http.post("/leave").text == "refused refused refused"
            assert http.post("/hits").object["hits"] == 2
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, redis):
            """It begins anew."""
            assert http.post("/hits").object["hits"] == 1
        @pytest.mark.task(1)
        @pytest.mark.requires("redis.outage")
        def test_outage(redis):
            """It is taken down."""
            redis.down()
        ''',
        app_py=COUNTER
        + """
@app.post("/leave")
def leave():
    told = []
    for words in (("FLUSHALL",), ("SELECT", 0), ("EVAL", "return redis.call('SELECT', 0)", 0)):
        try:
            store.execute_command(*words)
            told.append("allowed")
        except redis.exceptions.ResponseError as error:
            told.append("refused")
    return " ".join(told)
""",
    )
    uri = f"redis://{user}:{password}@127.0.0.1:{house.port}"
    report = mini.grade(isolation=isolation, sources=Sources("", {"redis": uri}))
    results = {result.check.id: result for result in report.results}
    outage = results.pop("outage")
    assert outage.lacking and "not taken down" in outage.message
    assert failures(results) == {}
    assert str(report.services[0]).startswith("uri ")
    assert mine.keys() == ["precious"] and mine.info("keyspace").keys() == {"db0"}
    assert {entry.split()[1] for entry in mine.acl_list()} == {"default", "checker", "app"}


@pytest.mark.parametrize("house", [Service.POSTGRES], indirect=True)
def test_postgres_gives_a_new_database_and_drops_it(mini: Mini, house: Postgres) -> None:
    """A table of others is there afterwards; no database of ours is."""
    mini.serve("postgres")
    assert house._admin
    house._admin.execute("CREATE TABLE precious (n integer)")
    mini.check_by(
        '''
        @pytest.mark.task(1)
        def test_keeps(http, sql):
            """It keeps."""
            http.post("/notes", json={"title": "one"})
            assert sql.query("SELECT title FROM note") == [{"title": "one"}]
            assert sql.connections() >= 1
        @pytest.mark.task(1)
        @pytest.mark.fresh
        def test_begins_anew(http, sql):
            """It begins anew."""
            assert http.get("/notes").array == []
        ''',
        app_py=NOTES,
    )
    uri = f"postgresql://checker:{house._own}@127.0.0.1:{house.port}/postgres"
    report = mini.grade(sources=Sources("", {"postgres": uri}))
    assert failures({result.check.id: result for result in report.results}) == {}
    assert str(report.services[0]).startswith("uri ")
    rows = house._admin.execute("SELECT datname FROM pg_database").fetchall()
    assert {name for (name,) in rows} == {"postgres", "template0", "template1", house._tenant.name}
    assert house._admin.execute("SELECT count(*) FROM precious").fetchone() == (0,)


@pytest.mark.parametrize("house", [Service.MONGO], indirect=True)
def test_mongodb_gives_a_new_database_and_drops_it(mini: Mini, house: Mongo) -> None:
    """A document of others is there afterwards; no database of ours is. What cannot be counted is not judged."""
    mini.serve("mongo")
    house.client.shop.precious.insert_one({"n": 1})
    mini.check_by(
        '''
        @pytest.mark.task(1)
        def test_keeps(http, mongo):
            """It keeps."""
            http.post("/notes", json={"title": "one"})
            assert [note["title"] for note in mongo.db.notes.find()] == ["one"]
        @pytest.mark.task(1)
        @pytest.mark.fresh
        @pytest.mark.requires("mongo.transactions")
        def test_begins_anew(http, mongo):
            """It begins anew."""
            assert http.get("/notes").array == []
            assert http.post("/transfer").status_code == 204
        @pytest.mark.task(1)
        @pytest.mark.requires("mongo.commands")
        def test_counts(http, mongo):
            """It counts."""
            mongo.mark()
        ''',
        app_py=MONGO_NOTES,
    )
    uri = f"mongodb://checker:{house._own}@127.0.0.1:{house.port}/?authSource=admin"
    report = mini.grade(sources=Sources("", {"mongo": uri}))
    results = {result.check.id: result for result in report.results}
    counted = results.pop("counts")
    assert counted.lacking and "cannot be counted" in counted.message
    assert failures(results) == {}
    assert str(report.services[0]).startswith("uri ")
    assert set(house.client.list_database_names()) == {"admin", "config", "local", "shop"}
    assert house.client.shop.precious.count_documents({}) == 1


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("redis://127.0.0.1:1", "Connection refused"),
        ("rediss://127.0.0.1:6379", "only redis:// can be used here"),
        ("redis://a,b:1", "it must name one host"),
        ("nonsense", "only redis:// can be used here"),
    ],
)
def test_a_uri_that_cannot_be_used_is_said_and_another_server_takes_its_place(mini: Mini, uri: str, words: str) -> None:
    """The report names the variable and what is wrong with it, and is as good as without."""
    mini.serve("redis")
    mini.check_by(
        '@pytest.mark.task(1)\ndef test_counts(http):\n    """It counts."""\n    http.post("/hits").object["hits"]\n',
        app_py=COUNTER,
    )
    report = mini.grade(sources=Sources("", {"redis": uri}))
    assert report.passed
    [note] = report.notes
    assert "GROUNDUP_REDIS_URL" in note
    assert words in note or words == "Connection refused"


@pytest.mark.parametrize("house", [Service.REDIS], indirect=True)
def test_other_peoples_programs_never_meet_a_server_of_the_users(mini: Mini, house: Redis) -> None:
    """In the strict sandbox the URI is as if it were not there."""
    mini.serve("redis")
    mini.check_by(
        '@pytest.mark.task(1)\ndef test_counts(http):\n    """It counts."""\n    http.post("/hits").object["hits"]\n',
        app_py=COUNTER,
    )
    user, password = house._login
    uris = {"redis": f"redis://{user}:{password}@127.0.0.1:{house.port}"}
    report = mini.grade(isolation="sandbox", sources=Sources("", uris))
    assert report.passed
    assert report.services[0].tier in ("system", "wheel")
