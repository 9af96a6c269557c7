"""Accounts, and whose a note is. Notes from before have no owner, so nobody can see them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("user_id", sa.Integer, nullable=True))
        table.create_foreign_key("notes_user_id", "users", ["user_id"], ["id"])
        table.create_index("notes_by_user", ["user_id", "id"])


def downgrade():
    with op.batch_alter_table("notes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("notes_by_user")
        table.drop_constraint("notes_user_id", type_="foreignkey")
        table.drop_column("user_id")
    op.drop_table("users")
