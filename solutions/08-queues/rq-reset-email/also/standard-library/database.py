"""The database: one SQLite connection a request, and the steps that made the tables what they are."""

import contextlib
import os
import sqlite3

FILE = os.environ["DATABASE_URL"].removeprefix("sqlite:///")

STEPS = (
    """
    CREATE TABLE notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(100) NOT NULL, content TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE notes ADD COLUMN created_at TEXT NOT NULL DEFAULT '';
    UPDATE notes SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now');
    """,
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE NOCASE, bcrypt BLOB NOT NULL
    );
    ALTER TABLE notes ADD COLUMN account INTEGER REFERENCES accounts (id);
    CREATE INDEX notes_by_account ON notes (account);
    """,
    """
    ALTER TABLE accounts ADD COLUMN epoch INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE accounts ADD COLUMN reset_digest TEXT;
    ALTER TABLE accounts ADD COLUMN reset_until REAL;
    """,
    # state: 0 asked for, 1 in the queue, 2 sent; taken: when somebody began to put it into the queue.
    """
    CREATE TABLE letters (
        id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts (id),
        state INTEGER NOT NULL DEFAULT 0, taken REAL NOT NULL DEFAULT 0
    );
    CREATE INDEX letters_to_queue ON letters (taken) WHERE state = 0;
    """,
)


@contextlib.contextmanager
def transaction():
    """A connection that commits at the end, or rolls back if there is no good end."""
    connection = sqlite3.connect(FILE, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def migrate():
    with transaction() as connection:
        done = connection.execute("PRAGMA user_version").fetchone()[0]
        for number, step in enumerate(STEPS[done:], start=done + 1):
            connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")


if __name__ == "__main__":
    migrate()
