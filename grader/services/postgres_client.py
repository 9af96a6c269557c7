"""The checker's look at a program's PostgreSQL database, bounded in time and size.

Imported only when a check uses it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors
from psycopg.rows import dict_row

_MOST_ROWS = 10_000
_SECONDS = 5
_LARGEST_LOG = 64 * 1024 * 1024
# What stands in quotes, as a value or a name, is no placeholder.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\?")
_SENT = re.compile(r"(?:statement|execute [^:]*): (.*)", re.DOTALL)
# The program's tables are not what the check was promised; anything else is the check's fault.
_UNEXPECTED = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName)


class Look:
    """One connection that begins when it is needed. ``?`` stands for a parameter."""

    def __init__(self, port: int, database: str, user: str, password: str, log: Path) -> None:
        self._where: dict[str, Any] = {"port": port, "dbname": database, "user": user, "password": password}
        self._owner = database
        self._log = log
        self._connection: psycopg.Connection[dict[str, Any]] | None = None

    def query(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        """The rows of a query, at most 10,000; AssertionError where the program's tables do not allow it."""
        rows: list[dict[str, Any]] = []
        try:
            with psycopg.RawCursor(self._connected(), row_factory=dict_row) as cursor:
                # Row by row: a view may give as many as it likes.
                for row in cursor.stream(_numbered(statement), params):
                    rows.append(row)
                    if len(rows) == _MOST_ROWS:
                        self.close()
                        break
        except psycopg.Error as error:
            _reword(error)
        return rows

    def execute(self, statement: str, *params: Any) -> None:
        """Change something, at once; AssertionError where the program's tables do not allow it."""
        try:
            with psycopg.RawCursor(self._connected(), row_factory=dict_row) as cursor:
                cursor.execute(_numbered(statement), params)
        except psycopg.Error as error:
            _reword(error)

    @property
    def pid(self) -> int:
        """Of the server's process that serves us."""
        return self._connected().info.backend_pid

    def mark(self) -> int:
        """Where the log stands now."""
        return self._log.stat().st_size if self._log.exists() else 0

    def statements(self, since: int) -> list[str]:
        """What the program has sent since a mark: the server writes it down before it does it."""
        with open(self._log, "rb") as file:
            file.seek(since)
            text = file.read(_LARGEST_LOG).decode(errors="replace")
        found: list[str] = []
        own = f"{self._owner}|"
        # A line of ours begins without a tab, whatever a statement has in it.
        for entry in re.split(r"\n(?!\t)", text):
            _, bar, said = entry.partition("|LOG:  ")
            sent = _SENT.fullmatch(said.strip()) if bar and entry.startswith(own) else None
            if sent:
                found.append(sent[1].replace("\n\t", "\n"))
        return found

    def close(self) -> None:
        """Leave; what is asked next connects again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connected(self) -> psycopg.Connection[dict[str, Any]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.Connection[dict[str, Any]].connect(
                host="127.0.0.1",
                autocommit=True,
                row_factory=dict_row,
                connect_timeout=_SECONDS,
                options=f"-c statement_timeout={_SECONDS}s -c lock_timeout={_SECONDS}s",
                **self._where,
            )
        return self._connection


def _numbered(statement: str) -> bytes:
    number = 0

    def place(match: re.Match[str]) -> str:
        nonlocal number
        if match[0] != "?":
            return match[0]
        number += 1
        return f"${number}"

    return _TOKEN.sub(place, statement).encode()


def _reword(error: psycopg.Error) -> None:
    said = str(error).partition("\n")[0]
    if isinstance(error, (errors.QueryCanceled, errors.LockNotAvailable)):
        raise AssertionError(f"expected an answer of the database within {_SECONDS} s, got none") from None
    if isinstance(error, _UNEXPECTED):
        raise AssertionError(f"expected a database that can be asked, got: {said}") from None
    raise error
