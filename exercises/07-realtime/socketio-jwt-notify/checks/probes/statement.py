"""Somebody else at the same database: runs one statement in the SQLite file that a URL names."""

import sqlite3


def probe(url, statement):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=4)
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()
