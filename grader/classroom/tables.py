"""The tables of a gradebook, and how SQLite is to keep them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

META = sa.MetaData()
# A report is current, or was replaced by a later one, or was made to be compared with the current one.
CURRENT, REPLACED, PROPOSED = "current", "replaced", "proposed"

students = sa.Table(
    "students",
    META,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
)
contents = sa.Table(
    "contents",
    META,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("archive", sa.LargeBinary, nullable=False),
)
submissions = sa.Table(
    "submissions",
    META,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("student", sa.ForeignKey("students.id"), nullable=False),
    sa.Column("exercise", sa.String(100), nullable=False),
    sa.Column("digest", sa.ForeignKey("contents.digest"), nullable=False),
    sa.Column("submitted", sa.String(40), nullable=False),
    sa.Column("late_seconds", sa.Float),
    sa.Column("attempt", sa.Integer),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("refused", sa.Text, nullable=False),
    sa.UniqueConstraint("student", "exercise", "digest", "submitted"),
)
reports = sa.Table(
    "reports",
    META,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("digest", sa.ForeignKey("contents.digest"), nullable=False),
    sa.Column("exercise", sa.String(100), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("standing", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("earned", sa.Integer, nullable=False),
    sa.Column("possible", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("made", sa.String(40), nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
)
# The database itself sees to it that nothing has two current reports.
for _standing in (CURRENT, PROPOSED):
    _where = reports.c.standing == _standing
    sa.Index(
        f"one_{_standing}",
        reports.c.digest,
        reports.c.exercise,
        unique=True,
        sqlite_where=_where,
        postgresql_where=_where,
    )
decisions = sa.Table(
    "decisions",
    META,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("student", sa.ForeignKey("students.id"), nullable=False),
    sa.Column("exercise", sa.String(100), nullable=False),
    sa.Column("what", sa.String(10), nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("made", sa.String(40), nullable=False),
)
settings = sa.Table(
    "settings",
    META,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


def made_private(path: str) -> None:
    """A new file is its owner's alone, for it holds names and marks. What cannot be made, SQLite reports."""
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def kept_well(connection: Any, _: Any) -> None:
    """Settings of each connection to SQLite."""
    cursor = connection.cursor()
    # Readers (the live report) and the writer do not wait for each other, what is told is on the disk, and what
    # is deleted is written over.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def written_over(connection: sa.Connection) -> None:
    """What was deleted leaves the file that SQLite keeps beside the database, too."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
