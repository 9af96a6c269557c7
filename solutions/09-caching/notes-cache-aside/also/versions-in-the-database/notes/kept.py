"""Texts that are kept in Redis for half a minute under keys that never mean anything else."""

import logging
import os

from redis import Redis
from redis.exceptions import LockError, RedisError

SECONDS = 30
redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=0.8, socket_connect_timeout=0.8)
log = logging.getLogger("notes.kept")


def text(key, load):
    """What is kept under a key; what load() gives if there is nothing, kept if Redis takes it."""
    name = f"list:{key}"
    try:
        if (found := redis.get(name)) is not None:
            return found
        turn = redis.lock(f"turn:{key}", timeout=3, sleep=0.03, blocking_timeout=2)
        if not turn.acquire():
            return load()
    except RedisError as error:
        log.warning("Redis is of no help: %r", error)
        return load()
    try:
        found = attempt(lambda: redis.get(name))
        if found is None:
            found = load()
            attempt(lambda: redis.setex(name, SECONDS, found))
        return found
    finally:
        attempt(turn.release)


def attempt(ask):
    try:
        return ask()
    except (RedisError, LockError) as error:
        log.warning("Redis is of no help: %r", error)
        return None
