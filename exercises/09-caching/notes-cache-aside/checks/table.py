"""The table of notes, from behind: what was asked of it, and how a check makes others wait for it."""

import contextlib
import re

_NAMED = re.compile(r"\bnotes\b", re.IGNORECASE)
# Any number that nobody else locks.
_KEY = 470_211
_WAIT = f"""
    CREATE FUNCTION wait_for_the_check() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared({_KEY}); RETURN NULL; END'
"""
# Deferred: it fires when the transaction commits, and the commit waits for it.
_AT_COMMIT = """
    CREATE CONSTRAINT TRIGGER wait_for_the_check AFTER INSERT OR UPDATE OR DELETE ON notes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_the_check()
"""
_WAITING_FOR_TABLE = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'notes'::regclass"
_WAITING_TO_COMMIT = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"


def asked(sql):
    """The statements since ``sql.mark()`` that name the table of notes."""
    return [" ".join(statement.split()) for statement in sql.statements() if _NAMED.search(statement)]


@contextlib.contextmanager
def locked(sql):
    """Nobody reads or writes the table meanwhile; gives a function that counts who waits for it."""
    sql.execute("BEGIN")
    try:
        sql.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        yield lambda: sql.query(_WAITING_FOR_TABLE)[0]["n"]
    finally:
        sql.execute("COMMIT")


@contextlib.contextmanager
def slow_commits(sql):
    """Changes of the table wait before they are committed whenever the check holds them.

    Gives ``hold()``, ``let_go()`` and ``waiting()``.
    """
    sql.execute(_WAIT)
    sql.execute(_AT_COMMIT)
    try:
        yield Commits(sql)
    finally:
        sql.execute("SELECT pg_advisory_unlock_all()")
        sql.execute("DROP FUNCTION wait_for_the_check CASCADE")


class Commits:
    """Whether the commits of others have to wait."""

    def __init__(self, sql):
        self._sql = sql

    def hold(self):
        self._sql.execute(f"SELECT pg_advisory_lock({_KEY})")

    def let_go(self):
        self._sql.execute(f"SELECT pg_advisory_unlock({_KEY})")

    def waiting(self):
        return self._sql.query(_WAITING_TO_COMMIT)[0]["n"]


@contextlib.contextmanager
def gone(sql):
    """The table is not there."""
    sql.execute("ALTER TABLE notes RENAME TO notes_of_the_check")
    try:
        yield
    finally:
        sql.execute("ALTER TABLE notes_of_the_check RENAME TO notes")
