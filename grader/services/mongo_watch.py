"""What a program asks of MongoDB, read from the server's own log, and what the checker asks, as it asks.

Imported only together with pymongo.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import json_util
from pymongo import MongoClient, monitoring

_OPERATION = "Slow query"
_ORDINARY_MS = 100
# What a driver says of itself, and nobody asked for.
_HOUSEKEEPING = {"saslStart", "saslContinue", "hello", "isMaster", "ismaster", "endSessions"}
_SESSION = {"lsid", "txnNumber"}
_LARGEST_LOG = 64 * 1024 * 1024


@dataclass(frozen=True)
class Command:
    """One command as the server carried it out.

    ``document`` is the command itself; ``examined`` and ``keys`` count the documents and the
    index keys looked at, ``returned`` the documents given, and ``plan`` says how
    (``COLLSCAN``, ``IXSCAN { owner: 1 }``).
    """

    name: str
    collection: str
    document: dict[str, Any]
    examined: int
    keys: int
    returned: int
    plan: str


class CommandLog:
    """The commands in one database that others than ``own`` have sent since :meth:`begin`."""

    def __init__(self, client: MongoClient[dict[str, Any]], path: Path, own: str) -> None:
        self._client = client
        self._path = path
        self._own = own
        self._from = 0

    def begin(self) -> None:
        """Have the server write down everything from now on."""
        self._client.admin.command("profile", 0, slowms=-1)
        self._from = os.stat(self._path).st_size

    def end(self) -> None:
        """Have it write down what is slow, as usual."""
        self._client.admin.command("profile", 0, slowms=_ORDINARY_MS)

    def since(self, database: str) -> list[Command]:
        """Every command so far: the server writes its line before it answers."""
        with open(self._path, "rb") as file:
            file.seek(self._from)
            lines = file.read(_LARGEST_LOG).splitlines()
        found: list[Command] = []
        # A write's own line says what it did; the line of its command follows on the same connection.
        done: dict[str, list[dict[str, Any]]] = {}
        for line in lines:
            entry = _read(line)
            if entry is None or entry["attr"].get("appName") == self._own:
                continue
            told, connection = entry["attr"], str(entry.get("ctx"))
            if told.get("type") in ("update", "remove"):
                done.setdefault(connection, []).append(told)
            elif told.get("type") == "command" and told.get("command", {}).get("$db") == database:
                found += _command(told, done.pop(connection, []))
        return found


def _read(line: bytes) -> dict[str, Any] | None:
    if _OPERATION.encode() not in line:
        return None
    try:
        entry = json_util.loads(line)
    except ValueError:
        # The last line may be half written.
        return None
    wanted = isinstance(entry, dict) and entry.get("msg") == _OPERATION and isinstance(entry.get("attr"), dict)
    return entry if wanted else None


def _command(told: dict[str, Any], writes: list[dict[str, Any]]) -> list[Command]:
    document = told["command"]
    name = next(iter(document))
    if name in _HOUSEKEEPING:
        return []
    collection = document.get("collection") if name == "getMore" else document[name]
    parts = [told, *writes]
    return [
        Command(
            name,
            collection if isinstance(collection, str) else "",
            document,
            sum(int(part.get("docsExamined", 0)) for part in parts),
            sum(int(part.get("keysExamined", 0)) for part in parts),
            int(told.get("nreturned", 0)),
            ", ".join(str(part["planSummary"]) for part in parts if "planSummary" in part),
        )
    ]


class Told(monitoring.CommandListener):
    """Tells ``note`` what the checker itself asks in ``database``."""

    def __init__(self) -> None:
        self.note: Callable[[str], None] | None = None
        self.database = ""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command is being sent."""
        if self.note and event.database_name == self.database:
            kept = {k: v for k, v in event.command.items() if not k.startswith("$") and k not in _SESSION}
            self.note(json_util.dumps(kept, ensure_ascii=False))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """It was answered."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """It was answered with an error."""
