"""The tables, without classes for their rows."""

from datetime import UTC, datetime

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, DateTime, Integer, String, Table, Text, Unicode, update

db = SQLAlchemy()
migrate = Migrate()

people = Table(
    "people",
    db.metadata,
    Column("id", Integer, primary_key=True),
    Column("mail", Unicode(254), nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    # Counts the changes of this person's notes. It is part of the key of each list that is kept.
    Column("revision", Integer, nullable=False, default=0),
)
notes = Table(
    "notes",
    db.metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, index=True),
    Column("title", String(100), nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, default=lambda: datetime.now(UTC)),
)


def rows(statement):
    return [dict(row) for row in db.session.execute(statement).mappings()]


def row(statement):
    return next(iter(rows(statement)), None)


def write(statement, person=None):
    """Run a statement that changes something and keep the change; what it returns, if it does.

    If it changes notes, ``person`` is whose: their revision changes in the same transaction, so that there is
    no moment in which one has happened and the other has not.
    """
    if person:
        counted = update(people).where(people.c.id == person).values(revision=people.c.revision + 1)
        db.session.execute(counted)
    result = db.session.execute(statement)
    found = [dict(row) for row in result.mappings()] if result.returns_rows else []
    db.session.commit()
    return found[0] if found else None
