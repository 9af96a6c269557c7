"""What is of this moment, in Redis: living connections, turns, limits.

Presence is one sorted set for each person, ``here:<user>``, of connections by the moment at which each is given up,
and one of all people, ``people``, by the moment at which the last of theirs is. Each change is a script, so that of two
connections that begin at once exactly one is the first.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import cast

import redis
from limits import parse
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import LockError, RedisError

from chat.domain.refusals import TooMany
from chat.storage.trouble import raises_unavailable

LEASE = 30.0
_DAY = 24 * 3600
# KEYS here:<user>, people, gone:<user>; ARGV connection, now, given up at, user → 1 if it is the first.
_JOIN = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local others = redis.call('ZCARD', KEYS[1])
local known = redis.call('ZSCORE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], 86400)
redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[4])
redis.call('DEL', KEYS[3])
if others == 0 and not known then return 1 end
return 0
"""
# The same KEYS; ARGV connection, now, user → 1 if it was the last.
_LEAVE = """
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
if redis.call('ZREM', KEYS[2], ARGV[3]) == 0 then return 0 end
redis.call('SET', KEYS[3], ARGV[2], 'EX', 86400)
return 1
"""


def connect(url: str) -> redis.Redis:
    """A client that connects when it is needed, and gives up after two seconds."""
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=15)


@raises_unavailable
class RedisPresence:
    """Keeps domain.ports.Presence."""

    def __init__(self, client: redis.Redis, lease: float = LEASE) -> None:
        self._redis, self._lease = client, lease
        self._join, self._leave = client.register_script(_JOIN), client.register_script(_LEAVE)

    def joined(self, user_id: str, connection: str) -> bool:
        now = time.time()
        return bool(self._join(keys=_keys(user_id), args=[connection, now, now + self._lease, user_id]))

    def left(self, user_id: str, connection: str) -> bool:
        return bool(self._leave(keys=_keys(user_id), args=[connection, time.time(), user_id]))

    def renew(self, connections: Mapping[str, str]) -> set[str]:
        return {user_id for connection, user_id in connections.items() if self.joined(user_id, connection)}

    def gone(self) -> list[str]:
        overdue = cast(list[bytes], self._redis.zrangebyscore("people", "-inf", time.time()))
        # No connection has this name; what is left of the person decides, and one caller is told.
        return [user.decode() for user in overdue if self.left(user.decode(), "")]

    def online(self, user_ids: Collection[str]) -> set[str]:
        asked = list(user_ids)
        scores = self._redis.zmscore("people", asked) if asked else []
        return {user_id for user_id, score in zip(asked, scores, strict=True) if score is not None}

    def absent_since(self, user_id: str) -> datetime | None:
        moment = self._redis.get(f"gone:{user_id}")
        return datetime.fromtimestamp(float(moment), UTC) if moment else None


@raises_unavailable
class RedisLocks:
    """Keeps domain.ports.Locks."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._here = [threading.Lock() for _ in range(64)]

    def only(self, name: str, seconds: float) -> bool:
        return bool(self._redis.set(f"only:{name}", 1, nx=True, px=int(seconds * 1000)))

    @contextlib.contextmanager
    def _held(self, name: str) -> Iterator[None]:
        # Within one instance a lock of threads is enough, and spares Redis the waiting.
        with self._here[hash(name) % len(self._here)]:
            lock = self._redis.lock(f"hold:{name}", timeout=5, blocking_timeout=5, sleep=0.01)
            held = False
            with contextlib.suppress(RedisError):
                held = lock.acquire()
            try:
                yield
            finally:
                if held:
                    with contextlib.suppress(LockError, RedisError):
                        lock.release()

    def hold(self, name: str) -> contextlib.AbstractContextManager[None]:
        return self._held(name)


class RedisLimits:
    """Keeps domain.ports.Limits. Where Redis does not answer nothing is counted: better too much than nothing."""

    def __init__(self, url: str) -> None:
        storage = RedisStorage(url, socket_timeout=2, socket_connect_timeout=2)
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    def hit(self, what: str, who: str, *rates: str) -> None:
        """Count once against each rate, such as ``30 per 5 seconds``; raises TooMany."""
        for rate in map(parse, rates):
            try:
                if self._limiter.hit(rate, what, who):
                    continue
                reset = self._limiter.get_window_stats(rate, what, who).reset_time
            except RedisError:
                return
            raise TooMany(retry_after=max(1.0, reset - time.time()))


def _keys(user_id: str) -> list[str]:
    return [f"here:{user_id}", "people", f"gone:{user_id}"]
