"""The fixtures that speak to services: the trusted side's own connections, and what it says of them.

A client library is imported when a check uses its fixture, and not before (``clients``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from grader.checker.plugin import CheckPlugin
from grader.checker.transcript import as_json, printable
from grader.model import Service
from grader.services import NotNamed
from grader.services.mailbox import Mailbox
from grader.services.mongo_server import Mongo
from grader.services.postgres_server import Postgres
from grader.services.redis_server import Redis
from grader.services.s3_server import S3
from grader.services.sqlite_file import NAME, SqliteFile

if TYPE_CHECKING:
    from grader.services.mongo_watch import Command

_TEXT = 200


class Sql:
    """The program's relational database: ``DATABASE_URL``'s, or one of the others by name (``sql.postgres``).

    ``?`` stands for a parameter, whatever the database.
    """

    def __init__(self, store: SqliteFile | Postgres, plugin: CheckPlugin) -> None:
        self._store = store
        self._others: dict[str, Sql] = {}
        self._plugin = plugin
        self._since = store.look.mark() if isinstance(store, Postgres) else 0

    def __getattr__(self, name: str) -> Sql:
        if name not in _relational(self._plugin):
            raise AttributeError(f"the exercise names no database '{name}'")
        if name not in self._others:
            self._others[name] = _open(name, self._plugin)
        return self._others[name]

    @property
    def url(self) -> str:
        """The address for the program, as in ``DATABASE_URL``."""
        return self._store.url

    def query(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        """The rows that a statement gives; AssertionError where the program's tables do not allow it."""
        number = self._plugin.transcript.sent(_shown(statement, params))
        store = self._store.look if isinstance(self._store, Postgres) else self._store
        rows = store.query(statement, *params)
        self._plugin.transcript.received(number, as_json(rows, _TEXT))
        return rows

    def execute(self, statement: str, *params: Any) -> None:
        """Change something; in SQLite only before anything of the program runs."""
        self._plugin.transcript.sent(_shown(statement, params))
        if isinstance(self._store, Postgres):
            self._store.look.execute(statement, *params)
        else:
            self._plugin.world.lay_down(NAME, self._store.seeded(statement, *params))

    def mark(self) -> None:
        """Count the program's statements from here on, and not from the beginning of the check."""
        self._since = self._server().look.mark()

    def statements(self) -> list[str]:
        """Every statement that the program has sent, ``BEGIN`` and ``COMMIT`` included; PostgreSQL only."""
        return self._server().look.statements(self._since)

    def connections(self) -> int:
        """How many connections the program has open; PostgreSQL only."""
        return self._server().connections()

    def down(self) -> None:
        """End the server: connections break and new ones are refused; PostgreSQL only."""
        self._server().stop()

    def up(self) -> None:
        """Start it again, with the data that was there; PostgreSQL only."""
        self._server().restart()

    def _server(self) -> Postgres:
        if not isinstance(self._store, Postgres):
            raise NotNamed("a file has no statements, no connections and no outages: that takes a server, postgres")
        return self._store


class MongoStore:
    """The program's MongoDB: ``db`` is its database, with every right."""

    def __init__(self, server: Mongo, plugin: CheckPlugin) -> None:
        from grader.services.mongo_watch import CommandLog

        self._server = server
        self._plugin = plugin
        self._log = CommandLog(server.client, server.log, server.app_name)
        self._counting = False
        assert server.told
        server.told.database = server.database
        server.told.note = self._note

    def _note(self, words: str) -> None:
        self._plugin.transcript.sent(f"mongo: {printable(words)}")

    @property
    def db(self) -> Any:
        """The program's database, a ``pymongo`` one."""
        return self._server.client[self._server.database]

    @property
    def url(self) -> str:
        """The address for the program, as in ``MONGODB_URI``."""
        return self._server.url

    def mark(self) -> None:
        """Count the program's commands from here on."""
        self._log.begin()
        self._counting = True

    def commands(self) -> list[Command]:
        """Every command that the program has sent to its database since :meth:`mark`."""
        if not self._counting:
            raise NotNamed("mongo.commands() counts from mongo.mark() on")
        return self._log.since(self._server.database)

    def connections(self) -> int:
        """How many connections the program has open on which it asks things."""
        idle = {"$currentOp": {"allUsers": True, "idleConnections": True, "localOps": True}}
        users = (
            op.get("effectiveUsers") or [] for op in self._server.client.admin.aggregate([idle]) if op.get("client")
        )
        return sum(any(user["db"] == self._server.database for user in some) for some in users)

    def down(self) -> None:
        """End the server: connections break and new ones are refused."""
        self._server.stop()

    def up(self) -> None:
        """Start it again, with the data that was there."""
        self._server.restart()

    def leave(self) -> None:
        """Stop counting and writing down."""
        if self._server.told:
            self._server.told.note = None
        if self._counting and not self._server.stopped:
            self._log.end()


def _relational(plugin: CheckPlugin) -> list[str]:
    names = plugin.world.services.names
    return [name.value for name in names if name in (Service.SQLITE, Service.POSTGRES)]


def _open(name: str, plugin: CheckPlugin) -> Sql:
    store = plugin.world.services.of(Service(name))
    assert isinstance(store, (SqliteFile, Postgres))
    return Sql(store, plugin)


def _shown(statement: str, params: tuple[Any, ...]) -> str:
    words = printable(" ".join(statement.split()), _TEXT)
    return f"{words} {as_json(list(params))}" if params else words


@pytest.fixture
def redis(_plugin: CheckPlugin) -> Iterator[Any]:
    """What the program keeps in Redis, read and changed from outside."""
    server = _plugin.world.services.of(Service.REDIS)
    assert isinstance(server, Redis)
    client = server.client

    def note(words: str) -> Callable[[Any], None]:
        number = _plugin.transcript.sent(f"redis: {printable(words)}")
        return lambda answer: _plugin.transcript.received(number, as_json(answer))

    client.note = note
    yield client
    client.leave()


@pytest.fixture
def sql(_plugin: CheckPlugin) -> Sql:
    """What the program keeps in its tables, read and changed from outside."""
    named = _relational(_plugin)
    if not named:
        raise NotNamed('the check uses sql, and the exercise names no database: services = ["sqlite"]')
    return _open(named[0], _plugin)


@pytest.fixture
def mongo(_plugin: CheckPlugin) -> Iterator[MongoStore]:
    """What the program keeps in MongoDB, read and changed from outside."""
    server = _plugin.world.services.of(Service.MONGO)
    assert isinstance(server, Mongo)
    store = MongoStore(server, _plugin)
    yield store
    store.leave()


@dataclass(frozen=True)
class Objects:
    """The program's S3: a boto3 ``client``, and the name of its ``bucket``."""

    client: Any
    bucket: str
    url: str


@pytest.fixture
def s3(_plugin: CheckPlugin) -> Objects:
    """What the program keeps in S3, read and changed from outside."""
    server = _plugin.world.services.of(Service.S3)
    assert isinstance(server, S3)
    return Objects(server.client(), server.bucket, server.url)


@pytest.fixture
def mail(_plugin: CheckPlugin) -> Iterator[Mailbox]:
    """What the program has sent by mail; normal again after the check, whatever the check did to it."""
    mailbox = _plugin.world.services.of(Service.SMTP)
    assert isinstance(mailbox, Mailbox)
    yield mailbox
    mailbox.normal()
