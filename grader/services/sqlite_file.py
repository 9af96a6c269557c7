"""A SQLite file on the program's own disk, read from outside without trusting a byte of it.

The file belongs to a stranger's program, so the sandbox hands out copies and they are what is
opened: SQLite maps a file's companions into memory, and whoever shortens one of them ends
every process that has it mapped.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader.model import Provision, Service
from grader.services.failures import ServiceLost

NAME = "database.db"
_LARGEST = 64 * 1024 * 1024
_MOST_ROWS = 10_000
_QUERY_SECONDS = 5.0
_COPIES = 50
_COMPANIONS = ("", "-wal", "-journal")
_STEPS = 10_000


class SqliteFile:
    """The database of one program. ``place`` says where it lies once the sandbox is known."""

    service = Service.SQLITE
    capabilities: tuple[str, ...] = ()
    stopped = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._url = ""
        self._copy_out: Callable[[str, int], bytes | None] = lambda _name, _largest: None
        self._seeds: Path | None = None

    def start(self) -> Provision:
        """There is nothing to start."""
        return Provision(self.service, "embedded", sqlite3.sqlite_version)

    def place(self, app: str, copy_out: Callable[[str, int], bytes | None]) -> None:
        """``app`` is the program's folder as it sees it; ``copy_out`` gives the content of a file of a largest size."""
        self._url = f"sqlite:///{app}/{NAME}"
        self._copy_out = copy_out

    @property
    def ports(self) -> set[int]:
        """None."""
        return set()

    @property
    def url(self) -> str:
        """For the program."""
        return self._url

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        return {"DATABASE_URL": self._url}

    def lacks(self, capability: str) -> str:
        """Nothing."""
        return ""

    @property
    def ended(self) -> bool:
        """A file does not end."""
        return False

    def restart(self) -> None:
        """There is nothing to start again."""

    def empty(self, *, anew: bool) -> None:
        """The sandbox empties its disk itself; here only what was seeded is forgotten."""
        if self._seeds:
            shutil.rmtree(self._seeds.parent, ignore_errors=True)
        self._seeds = None

    def close(self) -> None:
        """Remove what we kept. Safe to call twice."""
        self.empty(anew=True)

    def query(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        """The rows of a query on a copy, at most 10,000; AssertionError where it cannot be answered."""
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="copy-") as folder:
            for name, content in zip(_COMPANIONS, self._whole(), strict=True):
                if content is not None:
                    (Path(folder) / (NAME + name)).write_bytes(content)
            with contextlib.closing(sqlite3.connect(Path(folder) / NAME)) as connection, _bounded(connection):
                connection.row_factory = sqlite3.Row
                rows = connection.execute(statement, params).fetchmany(_MOST_ROWS)
                return [dict(row) for row in rows]

    def seeded(self, statement: str, *params: Any) -> bytes:
        """The file after all statements so far, for a program that finds it there when it starts."""
        if self._seeds is None:
            self._seeds = Path(tempfile.mkdtemp(dir=self._folder, prefix="seed-")) / NAME
        with contextlib.closing(sqlite3.connect(self._seeds)) as connection:
            connection.execute(statement, params)
            connection.commit()
        return self._seeds.read_bytes()

    def _whole(self) -> list[bytes | None]:
        """The file and its companions as they were at one moment: two copies in a row are the same."""
        before: list[bytes | None] = []
        for _ in range(_COPIES):
            now = [self._copy_out(NAME + companion, _LARGEST) for companion in _COMPANIONS]
            if now[0] is None:
                raise AssertionError(
                    f"expected a SQLite file at DATABASE_URL ({self._url}), "
                    f"got no file of at most {_LARGEST >> 20} MB there"
                )
            if now == before:
                return now
            before = now
        raise ServiceLost("the SQLite file is written to without a pause, so that no copy of it can be made")


@contextlib.contextmanager
def _bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """A stranger's schema may not run anything, and no query longer than a few seconds."""
    deadline = time.monotonic() + _QUERY_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    try:
        yield
    except sqlite3.OperationalError as error:
        if "syntax error" in str(error):
            raise
        if "interrupted" in str(error):
            raise AssertionError(f"expected an answer of the database within {_QUERY_SECONDS:g} s, got none") from None
        raise AssertionError(f"expected a database that can be asked, got: {error}") from None
    except sqlite3.DatabaseError as error:
        raise AssertionError(f"expected a SQLite database, got: {error}") from None
