"""The fixtures that speak to services: the trusted side's own connections, and what it says of them.

A client library is imported when a check uses its fixture, and not before (``clients``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from grader.checker.plugin import CheckPlugin
from grader.checker.transcript import as_json, printable
from grader.model import Service
from grader.services import NotNamed
from grader.services.mailbox import Mailbox
from grader.services.redis_server import Redis
from grader.services.sqlite_file import NAME, SqliteFile

_TEXT = 200


class Sql:
    """The program's relational database: ``DATABASE_URL``'s, or one of the others by name.

    ``?`` stands for a parameter, whatever the database.
    """

    def __init__(self, store: SqliteFile, others: dict[str, Sql], plugin: CheckPlugin) -> None:
        self._store = store
        self._others = others
        self._plugin = plugin

    def __getattr__(self, name: str) -> Sql:
        try:
            return self._others[name]
        except KeyError:
            raise AttributeError(f"the exercise names no database '{name}'") from None

    @property
    def url(self) -> str:
        """The address for the program, as in ``DATABASE_URL``."""
        return self._store.url

    def query(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        """The rows that a statement gives; AssertionError where the program's tables do not allow it."""
        number = self._plugin.transcript.sent(_shown(statement, params))
        rows = self._store.query(statement, *params)
        self._plugin.transcript.received(number, as_json(rows, _TEXT))
        return rows

    def execute(self, statement: str, *params: Any) -> None:
        """Change something; in SQLite only before anything of the program runs."""
        self._plugin.transcript.sent(_shown(statement, params))
        self._plugin.world.lay_down(NAME, self._store.seeded(statement, *params))


def _shown(statement: str, params: tuple[Any, ...]) -> str:
    words = printable(" ".join(statement.split()), _TEXT)
    return f"{words} {as_json(list(params))}" if params else words


@pytest.fixture
def redis(_plugin: CheckPlugin) -> Iterator[Any]:
    """A ``redis.Redis`` with every right in the program's Redis."""
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
    """The program's relational database, read and changed from outside."""
    services = _plugin.world.services
    named = [name for name in services.names if name in (Service.SQLITE, Service.POSTGRES)]
    if not named:
        raise NotNamed('the check uses sql, and the exercise names no database: services = ["sqlite"]')
    others: dict[str, Sql] = {}
    for name in named:
        store = services.of(name)
        assert isinstance(store, SqliteFile)
        others[name.value] = Sql(store, others, _plugin)
    return others[named[0].value]


@pytest.fixture
def mail(_plugin: CheckPlugin) -> Iterator[Mailbox]:
    """The mailbox that the program's mails arrive in."""
    mailbox = _plugin.world.services.of(Service.SMTP)
    assert isinstance(mailbox, Mailbox)
    yield mailbox
    mailbox.normal()
