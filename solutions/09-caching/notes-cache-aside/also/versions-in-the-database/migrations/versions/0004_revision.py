"""A number for each person that counts the changes of their notes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.add_column("people", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))


def downgrade():
    with op.batch_alter_table("people", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("revision")
