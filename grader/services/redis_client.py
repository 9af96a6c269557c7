"""The checker's own connection to Redis: redis-py, and what the program has sent since a moment.

Imported only when a check uses it.
"""

from __future__ import annotations

import codecs
import re
import secrets
from collections.abc import Callable
from typing import Any, Protocol, Self

import redis

from grader.services.failures import NotNamed
from grader.services.redis_wire import Wire

_SECONDS = 5.0
_LINE = re.compile(r'[\d.]+ \[(\d+) (\S+)\] ("(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*)')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Outage(Protocol):
    """A server that can be taken away for a while."""

    def stop(self) -> None:
        """Take it away."""

    def restart(self) -> None:
        """Bring it back, with nothing in it."""


class Client(redis.Redis):
    """``redis.Redis`` with every right, whose answers are text.

    From :meth:`mark` on :meth:`commands` knows what the program sends. :meth:`down` takes the server away
    and :meth:`up` brings it back, empty and at the same address. ``note`` is called with each
    command, and what it gives with the answer.
    """

    server: Outage
    note: Callable[[str], Callable[[Any], None]] | None = None
    password: str
    _where: tuple[int, str, str, int]
    _watch: Watch | None = None

    @classmethod
    def of(cls, port: int, user: str, password: str, db: int) -> Self:
        """A client of one database on 127.0.0.1."""
        client = cls(
            host="127.0.0.1",
            port=port,
            db=db,
            username=user or None,
            password=password or None,
            decode_responses=True,
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
        )
        client.password = password
        client._where = (port, user, password, db)
        return client

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command; overrides redis-py's own."""
        told = self.note(" ".join(map(str, args))) if self.note else None
        answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        if told:
            told(answer)
        return answer

    def mark(self) -> None:
        """Count the program's commands from here on."""
        if self._watch:
            self._watch.close()
        self._watch = Watch(*self._where)

    def commands(self) -> list[list[str]]:
        """Every command that the program has sent since :meth:`mark`: ``[["SET", "a", "1"], …]``."""
        if self._watch is None:
            raise NotNamed("redis.commands() counts from redis.mark() on")
        return self._watch.commands()

    def down(self) -> None:
        """End the server: connections break and new ones are refused."""
        self.server.stop()

    def up(self) -> None:
        """Start it again, with no data in it."""
        self.server.restart()

    def leave(self) -> None:
        """Close every connection; the client opens new ones when it is used again."""
        if self._watch:
            self._watch.close()
        self._watch = None
        self.note = None
        self.connection_pool.disconnect()


class Watch:
    """What others than the checker have sent to Redis since this was made.

    By MONITOR, so every command is there once, in order, with its words. What a script does
    is not sent by anybody and left out, and so is what happens in other databases.
    """

    def __init__(self, port: int, user: str, password: str, db: int) -> None:
        self._user = user or "default"
        self._db = str(db)
        self._asking = Wire(port, user, password)
        self._watching = Wire(port, user, password)
        self._watching.ask("MONITOR")
        self._seen: list[list[str]] = []
        self._own: set[str] = set()

    def commands(self) -> list[list[str]]:
        """Every command so far, its name in capitals: ``[["SET", "a", "1"], …]``."""
        mark = secrets.token_hex(16)
        for line in self._asking.ask("CLIENT", "LIST").splitlines():
            fields = dict(field.split("=", 1) for field in line.split(" ") if "=" in field)
            if fields.get("user") == self._user:
                self._own.add(fields["addr"])
        # Lines come in the order of execution: whatever came before the mark is here with it.
        self._asking.ask("ECHO", mark)
        while mark not in (line := self._watching.hear()):
            told = _LINE.fullmatch(line)
            if told and told[1] == self._db and told[2] != "lua" and told[2] not in self._own:
                name, *words = (_unescaped(word) for word in _WORD.findall(told[3]))
                self._seen.append([name.upper(), *words])
        return [list(command) for command in self._seen]

    def close(self) -> None:
        """See nothing more."""
        self._watching.close()
        self._asking.close()


def _unescaped(word: str) -> str:
    raw, _ = codecs.escape_decode(word.encode())
    return bytes(raw).decode(errors="replace")
