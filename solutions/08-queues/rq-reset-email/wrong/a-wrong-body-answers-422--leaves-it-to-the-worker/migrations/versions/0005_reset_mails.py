"""The mails that somebody asked for, and when they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade():
    op.create_table(
        "reset_mails",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id")),
        sa.Column("sent_at", sa.Float),
    )


def downgrade():
    op.drop_table("reset_mails")
