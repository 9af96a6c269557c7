"""created_at, in a table of the new shape that takes the place of the old one: no ALTER at all."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    exchange(sa.Column("created_at", sa.DateTime(timezone=True), nullable=False))


def downgrade():
    exchange()


def exchange(*more):
    """Put a table with three columns and ``more`` in the place of notes, with the rows and the counter of ids."""
    metadata = sa.MetaData()
    old = sa.Table("notes", metadata, autoload_with=op.get_bind())
    new = op.create_table(
        "notes_new",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        *more,
        sqlite_autoincrement=True,
    )
    values = {"id": old.c.id, "title": old.c.title, "content": old.c.content}
    if more:
        values["created_at"] = sa.literal(datetime.now(UTC), sa.DateTime(timezone=True))
    op.execute(new.insert().from_select(list(values), sa.select(*values.values())))
    op.drop_table("notes")
    op.rename_table("notes_new", "notes")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE notes_new_id_seq RENAME TO notes_id_seq")
        op.execute("ALTER INDEX notes_new_pkey RENAME TO notes_pkey")
        op.execute("SELECT setval('notes_id_seq', coalesce(max(id), 1), max(id) IS NOT NULL) FROM notes")
