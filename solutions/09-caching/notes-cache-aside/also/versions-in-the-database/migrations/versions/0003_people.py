"""People, and a key from each note to the person who wrote it. The old notes have none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mail", sa.Unicode(254), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("one_account_a_mail", "people", ["mail"], unique=True)
    op.add_column("notes", sa.Column("person", sa.Integer, nullable=True))
    op.create_index("notes_of_a_person", "notes", ["person"])


def downgrade():
    op.drop_index("notes_of_a_person", "notes")
    with op.batch_alter_table("notes", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_column("person")
    op.drop_table("people")
