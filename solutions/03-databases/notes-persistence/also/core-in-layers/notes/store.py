"""Notes in a database, by SQLAlchemy's Core: no classes for rows, one short transaction for each method."""

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData()
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)
LARGEST_ID = 2**31 - 1


class NoSuchNote(LookupError):
    """There is no note with that id."""


class Store:
    def __init__(self, url):
        self._engine = sa.create_engine(url, pool_size=4, max_overflow=4)

    def add(self, fields):
        note = {**fields, "created_at": datetime.now(UTC)}
        with self._engine.begin() as connection:
            return _told(connection.execute(sa.insert(notes).returning(notes), note).one())

    def page(self, offset, limit):
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(notes).order_by(notes.c.id).offset(offset).limit(limit))
            return [_told(row) for row in rows]

    def get(self, note_id):
        with self._engine.connect() as connection:
            return self._one(connection, note_id, sa.select(notes))

    def replace(self, note_id, fields):
        with self._engine.begin() as connection:
            return self._one(connection, note_id, sa.update(notes).values(fields).returning(notes))

    def remove(self, note_id):
        with self._engine.begin() as connection:
            self._one(connection, note_id, sa.delete(notes).returning(notes))

    def _one(self, connection, note_id, statement):
        if note_id > LARGEST_ID:
            raise NoSuchNote(note_id)
        row = connection.execute(statement.where(notes.c.id == note_id)).one_or_none()
        if row is None:
            raise NoSuchNote(note_id)
        return _told(row)


def _told(row):
    # SQLite keeps no zone; what went in was UTC.
    made = row.created_at.replace(tzinfo=UTC) if row.created_at.tzinfo is None else row.created_at.astimezone(UTC)
    return {"id": row.id, "title": row.title, "content": row.content, "created_at": f"{made:%Y-%m-%dT%H:%M:%SZ}"}
