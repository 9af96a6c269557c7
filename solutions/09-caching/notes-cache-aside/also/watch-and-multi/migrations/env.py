"""Run by `flask db …`: one connection to the app's database, one transaction a revision."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db

with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        transaction_per_migration=True,
        # SQLite cannot alter most things. Revisions that `flask db migrate` writes then say
        # batch_alter_table, which builds the table anew and copies the rows.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
