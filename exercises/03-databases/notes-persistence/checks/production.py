"""The database of production, and the commands that migrate one; for SQLite and PostgreSQL alike."""

import re
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_VERSION = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
_NOTES = "CREATE TABLE notes (id {}, title VARCHAR(100) NOT NULL, content TEXT NOT NULL)"
_SQLITE_ID = "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
# Times are cut to whole seconds by some, and clocks are read by two processes.
_GRAIN = timedelta(seconds=2)


@dataclass(frozen=True)
class Database:
    """One of the two databases; ``env`` is what a program is told to find it.

    A check changes it with ``run`` before a program has, and with ``change`` from then on.
    """

    program: object
    sql: object
    run: object
    change: object
    env: dict
    postgres: bool

    def release(self):
        """Run the line ``release:`` of the Procfile to its end."""
        running = self.program.start("release", env=self.env, listens=False)
        ending = running.wait(20)
        assert ending, "the release command: expected it to end within 20 s, it still runs"
        _ended_well("the release command", ending.code, running.lines)

    def downgrade(self, files):
        """Take back the newest revision."""
        own = (files / "downgrade.py").is_file()
        command = "python downgrade.py" if own else "flask --app app db downgrade"
        done = self.program.run(command, env=self.env)
        _ended_well(command, done.code, done.lines)

    def web(self):
        """One instance of the program, and a client for it."""
        running = self.program.start("web", env=self.env)
        return running, self.program.http(running)

    def kill(self, running):
        """End an instance at once."""
        self.program.stop(running, number=signal.SIGKILL)

    def fill(self, rng):
        """Make it production's: revision 0001 and a few notes with gaps between their ids."""
        notes, number = [], rng.randint(2, 9)
        for _ in range(4):
            content = rng.choice(("", f"{rng.text()}\n{rng.text()}"))
            notes.append({"id": number, "title": rng.text(), "content": content})
            number += rng.randint(100, 2000)
        self.run(_VERSION)
        self.run("INSERT INTO alembic_version VALUES (?)", "0001")
        self.run(_NOTES.format("SERIAL PRIMARY KEY" if self.postgres else _SQLITE_ID))
        values = ", ".join(["(?, ?, ?)"] * len(notes))
        self.run(
            f"INSERT INTO notes (id, title, content) VALUES {values}", *(v for note in notes for v in note.values())
        )
        if self.postgres:
            self.run("SELECT setval('notes_id_seq', (SELECT max(id) FROM notes))")
        return notes

    def move_far_away(self, rng):
        """Have the clock of a PostgreSQL server show the time of another country."""
        # A zone that has a name (a driver may know no other) and no summer time.
        zone = rng.choice(("America/Bogota", "Africa/Nairobi", "Asia/Kolkata", "Asia/Tokyo"))
        [database] = self.sql.query("SELECT current_database() AS name")
        self.run(f"ALTER DATABASE {database['name']} SET timezone TO '{zone}'")

    def insert(self, title):
        """Make a note as the program of 0001 does; the id it got."""
        self.change(f"INSERT INTO notes (title, content) VALUES ('{title}', '')")
        return self.sql.query("SELECT max(id) AS id FROM notes")[0]["id"]

    def columns(self, table="notes"):
        """The columns of a table, and whether each must be filled: ``{"title": True, …}``."""
        if self.postgres:
            rows = self.sql.query(
                "SELECT column_name AS name, is_nullable = 'NO' AS filled FROM information_schema.columns"
                " WHERE table_name = ? AND table_schema = 'public'",
                table,
            )
        else:
            rows = self.sql.query('SELECT name, "notnull" OR pk AS filled FROM pragma_table_info(?)', table)
        return {row["name"]: bool(row["filled"]) for row in rows}

    def rows(self):
        """The notes as they lie in the table, without what revision 0002 added."""
        return self.sql.query("SELECT id, title, content FROM notes ORDER BY id")


def _ended_well(what, code, lines):
    # What went wrong is last; of a traceback the report says more than the last line does.
    raised = any(line.startswith("Traceback") for line in lines)
    said = "" if raised else next((line.strip() for line in reversed([*lines]) if line.strip()), "")
    assert code == 0, f"{what}: expected the exit code 0, got {code}{f': {said}' if said else ''}"


def plain(note):
    """A note without its time."""
    return {name: note[name] for name in ("id", "title", "content")}


def moment(note):
    """The time at which a note says that it was made."""
    told = note["created_at"]
    right = isinstance(told, str) and _UTC_TIME.fullmatch(told)
    assert right, f"expected created_at in UTC, like 2026-03-01T09:30:00+00:00, got {told!r}"
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        raise AssertionError(f"expected created_at to be a time that there is, got {told!r}") from None


def made_since(note, before, what):
    """The time of a note, which must lie between ``before`` and now."""
    told, now = moment(note), datetime.now(UTC)
    fits = before - _GRAIN <= told <= now + _GRAIN
    assert fits, f"{what}: expected created_at about {now:%Y-%m-%dT%H:%M:%S} in UTC, got {note['created_at']!r}"
    return told
