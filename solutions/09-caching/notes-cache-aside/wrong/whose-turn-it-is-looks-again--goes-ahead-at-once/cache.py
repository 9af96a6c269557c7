"""The lists of notes in Redis: found there, or loaded by one request for all that wait.

Redis may be empty, full, slow or gone at any moment. An answer then takes longer, and is the same.
"""

import logging
import os
import secrets
import time

from redis import Redis, RedisError

LIFE = 30
# For so long a request waits for another one that loads the same list, and for so long it looks as if
# that one were alive.
PATIENCE = 2
PAUSE = 0.02

# A server that says nothing must not hold us up: without a limit we would wait for as long as it likes.
redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=1, socket_connect_timeout=1)
log = logging.getLogger(__name__)


def find(user_id, query, load):
    """The list that a query gives, as text: from Redis, or from load()."""
    text, key = _look(user_id, query)
    try:
        if text is None:
            text = load()
            if key:
                _try(redis.set, key, text, ex=LIFE)
        return text
    finally:
        if key:
            _try(redis.delete, f"{key}:loading")


def forget(user_id):
    """None of this user's lists is good any more. To be called after the commit."""
    _try(redis.delete, f"notes:{user_id}:version")


def _look(user_id, query):
    """The list if it is there, and its key if it is up to us to load it and keep it."""
    try:
        key = f"notes:{user_id}:{_version(user_id)}:{query}"
        if text := redis.get(key):
            return text, None
        if redis.set(f"{key}:loading", "yes", nx=True, ex=PATIENCE):
            return None, key
        # Somebody else loads it.
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if text := redis.get(key):
                return text, None
            time.sleep(PAUSE)
    except RedisError as error:
        log.warning("no list from Redis: %s", error)
    return None, None


def _version(user_id):
    """Part of the key of each list. It is random: a number that is counted would come back after a loss.

    Who reads it before a change keeps a list where nobody looks for it after that.
    """
    name = f"notes:{user_id}:version"
    while not (version := redis.getex(name, ex=LIFE)):
        redis.set(name, secrets.token_hex(8), nx=True, ex=LIFE)
    return version


def _try(command, *args, **options):
    try:
        command(*args, **options)
    except RedisError as error:
        log.warning("Redis did not do it: %s", error)
