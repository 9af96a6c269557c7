"""The database: one PostgreSQL connection a request, and the steps that made the tables what they are."""

import contextlib
import os

import psycopg
from psycopg.rows import dict_row

STEPS = (
    ("CREATE TABLE notes (id SERIAL PRIMARY KEY, title VARCHAR(100) NOT NULL, content TEXT NOT NULL)",),
    ("ALTER TABLE notes ADD COLUMN created_at TIMESTAMPTZ NOT NULL DEFAULT now()",),
    (
        "CREATE TABLE accounts (id SERIAL PRIMARY KEY, email TEXT NOT NULL, bcrypt BYTEA NOT NULL)",
        "CREATE UNIQUE INDEX one_account_an_email ON accounts (lower(email))",
        "ALTER TABLE notes ADD COLUMN account INTEGER REFERENCES accounts (id)",
        "CREATE INDEX notes_by_account ON notes (account)",
    ),
)


@contextlib.contextmanager
def transaction():
    """A connection that commits at the end, or rolls back if there is no good end."""
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row, connect_timeout=5) as connection:
        yield connection


def migrate():
    with transaction() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS steps (done INTEGER NOT NULL)")
        done = connection.execute("SELECT coalesce(max(done), 0) AS done FROM steps").fetchone()["done"]
        for number, step in enumerate(STEPS[done:], start=done + 1):
            for statement in step:
                connection.execute(statement)
            connection.execute("INSERT INTO steps VALUES (%s)", (number,))


if __name__ == "__main__":
    migrate()
