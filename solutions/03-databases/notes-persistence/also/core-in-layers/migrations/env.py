"""Run by `alembic …`; knows nothing of the program but DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import NullPool, create_engine

engine = create_engine(os.environ["DATABASE_URL"], poolclass=NullPool)

with engine.begin() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
