"""Somebody else who reads the database, and lets nobody commit to it meanwhile.

SQLite lets a writer write beside a reader, and has the commit wait until the reader is done. (In its WAL mode
it does not wait.) The reader says in Redis that it has begun, and is done when it is told so there.
"""

import os
import sqlite3

import redis


def probe(begun, done, seconds):
    told = redis.Redis.from_url(os.environ["REDIS_URL"])
    connection = sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT name FROM sqlite_master").fetchall()
    told.set(begun, "1")
    told.blpop([done], timeout=seconds)
    connection.close()
