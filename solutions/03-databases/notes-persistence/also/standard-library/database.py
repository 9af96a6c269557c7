"""One connection for each unit of work, to SQLite or PostgreSQL: opened, committed or rolled back, closed."""

import contextlib
import os
import sqlite3

URL = os.environ["DATABASE_URL"]
SQLITE = URL.startswith("sqlite:")


class Connection:
    """The two drivers under one face; ``?`` is a parameter in both."""

    def __init__(self):
        if SQLITE:
            self._raw = sqlite3.connect(URL.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
        else:
            import psycopg

            self._raw = psycopg.connect(URL.replace("+psycopg", ""), autocommit=True)

    def execute(self, statement, *values):
        cursor = self._raw.execute(statement if SQLITE else statement.replace("?", "%s"), values)
        if not cursor.description:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def close(self):
        self._raw.close()


@contextlib.contextmanager
def transaction():
    connection = Connection()
    try:
        # SQLite: ask for the right to write at once, and so never have to ask in the middle.
        connection.execute("BEGIN IMMEDIATE" if SQLITE else "BEGIN")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.close()
