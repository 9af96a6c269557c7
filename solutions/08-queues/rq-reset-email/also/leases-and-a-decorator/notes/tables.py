"""The tables, without classes for their rows."""

from datetime import UTC, datetime

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, DateTime, Integer, LargeBinary, String, Table, Text, Unicode

db = SQLAlchemy()
migrate = Migrate()

people = Table(
    "people",
    db.metadata,
    Column("id", Integer, primary_key=True),
    Column("mail", Unicode(254), nullable=False, unique=True),
    Column("secret", Text, nullable=False),
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

resets = Table(
    "resets",
    db.metadata,
    Column("person", Integer, primary_key=True),
    Column("digest", LargeBinary(64), nullable=False),
    Column("ends", Integer, nullable=False),
)


def rows(statement):
    return [dict(row) for row in db.session.execute(statement).mappings()]


def row(statement):
    return next(iter(rows(statement)), None)


def write(statement):
    """Run a statement that changes something and keep the change; what it returns, if it does."""
    result = db.session.execute(statement)
    found = [dict(row) for row in result.mappings()] if result.returns_rows else []
    db.session.commit()
    return found[0] if found else None
