"""Somebody else at the same database, who reads it until they are told to leave, or for a few seconds."""

import contextlib
import os
import sqlite3
import time

# Whoever asks a probe waits five seconds for it.
SECONDS = 3.0


def probe(url, mark, act):
    file = url.removeprefix("sqlite:///")
    reading, leaving = f"{file}.{mark}-reads", f"{file}.{mark}-leaves"
    if act == "reads":
        return os.path.exists(reading)
    if act == "leave":
        open(leaving, "w").close()
        return True
    with contextlib.closing(sqlite3.connect(file, timeout=0.5, isolation_level=None)) as connection:
        if act == "read":
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            open(reading, "w").close()
            deadline = time.monotonic() + SECONDS
            while not os.path.exists(leaving) and time.monotonic() < deadline:
                time.sleep(0.002)
            return True
        # Nobody new may read while a commit waits for those who do.
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return True
        return False
