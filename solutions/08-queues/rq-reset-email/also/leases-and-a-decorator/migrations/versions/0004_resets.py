"""One row for each person who has asked for a link: the digest of what was sent, and when it ends."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.create_table(
        "resets",
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(64), nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
    )


def downgrade():
    op.drop_table("resets")
