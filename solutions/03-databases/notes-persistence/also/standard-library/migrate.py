"""Migrations without a library: a list of pairs, and the table that says how far it has come."""

from datetime import UTC, datetime

from database import SQLITE, transaction

ID = "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" if SQLITE else "SERIAL PRIMARY KEY"
NOTES = f"id {ID}, title VARCHAR(100) NOT NULL, content TEXT NOT NULL"


def make_notes(connection):
    connection.execute(f"CREATE TABLE notes ({NOTES})")


def drop_notes(connection):
    connection.execute("DROP TABLE notes")


def add_created_at(connection):
    # A constant may be given to a NOT NULL column, in SQLite too; it stays as the default, and nobody uses it.
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(f"ALTER TABLE notes ADD COLUMN created_at VARCHAR(30) NOT NULL DEFAULT '{now}'")


def drop_created_at(connection):
    connection.execute("ALTER TABLE notes DROP COLUMN created_at")


REVISIONS = [("0001", make_notes, drop_notes), ("0002", add_created_at, drop_created_at)]


def position(connection):
    """How many revisions the database has."""
    connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    rows = connection.execute("SELECT version_num FROM alembic_version")
    return [name for name, _, _ in REVISIONS].index(rows[0]["version_num"]) + 1 if rows else 0


def move_to(connection, count):
    connection.execute("DELETE FROM alembic_version")
    if count:
        connection.execute("INSERT INTO alembic_version VALUES (?)", REVISIONS[count - 1][0])


def upgrade():
    with transaction() as connection:
        for count, (_, up, _) in enumerate(REVISIONS, start=1):
            if count > position(connection):
                up(connection)
                move_to(connection, count)


def downgrade():
    with transaction() as connection:
        count = position(connection)
        if count:
            REVISIONS[count - 1][2](connection)
            move_to(connection, count - 1)


if __name__ == "__main__":
    upgrade()
