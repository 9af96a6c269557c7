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
    text, key, mark = _look(user_id, query)
    try:
        if text is None:
            text = load()
            if key:
                _try(_keep, user_id, key, text, mark)
        return text
    finally:
        if key:
            _try(redis.delete, f"{key}:loading")


def forget(user_id):
    """None of this user's lists is good any more. To be called after the commit."""
    _try(_forget, user_id)


def _forget(user_id):
    register = f"notes:{user_id}:register"
    keys = redis.smembers(register)
    with redis.pipeline() as all_:
        all_.delete(register, *(key for key in keys if key.startswith("notes:")))
        all_.sadd(register, secrets.token_hex(8))
        all_.expire(register, LIFE)
        all_.execute()


def _keep(user_id, key, text, mark):
    """Store a list and write it down, unless there was a change since its mark."""
    register = f"notes:{user_id}:register"
    with redis.pipeline() as all_:
        all_.watch(register)
        if all_.sismember(register, mark):
            all_.multi()
            all_.set(key, text, ex=LIFE)
            all_.sadd(register, key)
            all_.expire(register, LIFE)
            all_.execute()


def _mark(user_id):
    """What stands in the register until the next change."""
    register = f"notes:{user_id}:register"
    while True:
        for member in redis.smembers(register):
            if not member.startswith("notes:"):
                return member
        with redis.pipeline() as both:
            both.sadd(register, secrets.token_hex(8))
            both.expire(register, LIFE)
            both.execute()


def _look(user_id, query):
    """The list if it is there; its key and a mark if it is up to us to load it and keep it."""
    try:
        key = f"notes:{user_id}:list:{query}"
        mark = _mark(user_id)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if text := redis.get(key):
                return text, None, None
            if redis.set(f"{key}:loading", "yes", nx=True, ex=PATIENCE):
                # Between our look and our turn it may have come.
                return redis.get(key), key, mark
            time.sleep(PAUSE)
    except RedisError as error:
        log.warning("no list from Redis: %s", error)
    return None, None, None


def _try(command, *args, **options):
    try:
        command(*args, **options)
    except RedisError as error:
        log.warning("Redis did not do it: %s", error)
