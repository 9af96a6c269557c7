"""A decorator for routes that answer with a user's own data: kept in Redis, all of a user's answers in one hash.

Beside the hash lies a mark, which every change removes. An answer is kept by a transaction that Redis carries out
only if the mark is still the one from before the data were read (WATCH).
"""

import functools
import os
import time
import uuid

from flask import Response, current_app
from redis import Redis, RedisError, WatchError

SECONDS = 30
TURN = 2
redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=0.7, socket_connect_timeout=0.7)


def kept(route):
    """Wraps ``route(user_id, query)``, whose result becomes JSON."""

    @functools.wraps(route)
    def answer(user_id, query):
        def make():
            return current_app.json.dumps(route(user_id, query))

        return Response(_kept(_names(user_id), repr(query), make), mimetype="application/json")

    return answer


def changed(user_id):
    """What this user is shown has changed; the change is committed."""
    try:
        redis.delete(*_names(user_id))
    except RedisError:
        current_app.logger.exception("Redis was not told of a change")


def _names(user_id):
    # Where there are several Redis servers, what is in braces decides which: these two stay together.
    return f"kept:{{{user_id}}}:answers", f"kept:{{{user_id}}}:mark"


def _kept(names, field, make):
    answers, mark_name = names
    turn = f"{answers}:turn:{field}"
    begun = False
    try:
        mark = _mark(mark_name)
        last = time.monotonic() + TURN
        while (text := redis.hget(answers, field)) is None:
            if redis.set(turn, mark, nx=True, ex=TURN):
                begun = True
                text = redis.hget(answers, field)
                break
            if time.monotonic() > last:
                break
            time.sleep(0.015)
    except RedisError:
        current_app.logger.exception("nothing from Redis")
        return make()
    try:
        if text is None:
            text = make()
            if begun:
                _keep(answers, mark_name, mark, field, text)
        return text
    finally:
        if begun:
            _ignore_errors(lambda: redis.delete(turn))


def _mark(name):
    while (mark := redis.get(name)) is None:
        redis.set(name, uuid.uuid4().hex, nx=True, ex=2 * SECONDS)
    return mark


def _keep(answers, mark_name, mark, field, text):
    def transaction():
        with redis.pipeline() as all_or_none:
            all_or_none.watch(mark_name)
            left = all_or_none.ttl(answers)
            if all_or_none.get(mark_name) != mark:
                return
            all_or_none.multi()
            all_or_none.hset(answers, field, text)
            # Only the first answer says when the hash ends, or the others would keep it alive.
            all_or_none.expire(answers, left if left > 0 else SECONDS)
            all_or_none.execute()

    _ignore_errors(transaction)


def _ignore_errors(act):
    try:
        act()
    except WatchError:
        return
    except RedisError:
        current_app.logger.exception("Redis does not want it")
