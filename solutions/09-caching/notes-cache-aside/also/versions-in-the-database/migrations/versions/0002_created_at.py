"""When a note was made. Notes from before count as made now: nobody wrote it down."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("notes", sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE notes SET created_at = CURRENT_TIMESTAMP"))
    with op.batch_alter_table("notes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("created_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade():
    with op.batch_alter_table("notes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("created_at")
