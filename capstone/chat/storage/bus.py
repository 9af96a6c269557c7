"""How instances and workers tell connections anywhere: Socket.IO's messages between servers, over Redis.

The manager that comes with python-socketio hides when Redis was not there. Here a sender learns that a message did not
go out, and an instance that heard nothing for a while says so, because what was sent meanwhile is lost to it.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import redis
import structlog
from redis.exceptions import RedisError
from socketio.pubsub_manager import PubSubManager

from chat.domain.basics import room_of
from chat.storage.redis_presence import connect

_CHANNEL = "chat"
_PAUSE = 0.5
_log = structlog.get_logger()


class RedisBus(PubSubManager):  # type: ignore[misc]
    """``write_only`` for workers, which have no connections. ``heard_again`` is the app's, called after a silence."""

    name = "redis"

    def __init__(self, url: str, *, write_only: bool = False) -> None:
        super().__init__(channel=_CHANNEL, write_only=write_only)
        self._out = connect(url)
        # Nothing may come for hours, so reading has no time-out; a connection that died is found by TCP.
        self._in = redis.Redis.from_url(url, socket_connect_timeout=2, socket_keepalive=True)
        self.heard_again: Callable[[], None] = lambda: None
        self._state = threading.local()

    @contextlib.contextmanager
    def watching(self) -> Iterator[Callable[[], bool]]:
        """Inside, the value says whether everything this thread has sent went out."""
        self._state.lost = False
        yield lambda: not self._state.lost

    def is_there(self) -> bool:
        """Whether Redis answers."""
        with contextlib.suppress(RedisError):
            return bool(self._out.ping())
        return False

    def _publish(self, data: Mapping[str, Any]) -> None:
        try:
            self._out.publish(self.channel, json.dumps(data))
        except RedisError as error:
            self._state.lost = True
            _log.warning("other instances cannot be told", why=str(error))

    def _listen(self) -> Iterator[bytes]:
        silent = False
        while True:
            try:
                with self._in.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(self.channel)
                    if silent:
                        silent = False
                        self.heard_again()
                    for message in subscription.listen():
                        yield message["data"]
            except (RedisError, OSError) as error:
                if not silent:
                    _log.warning("other instances cannot be heard", why=str(error))
                silent = True
                time.sleep(_PAUSE)


class BusAnnouncer:
    """Keeps domain.ports.Announcer. Every connection of a person is in the room ``user:<id>``."""

    def __init__(self, bus: RedisBus) -> None:
        self._bus = bus

    def tell(self, user_ids: Collection[str], event: str, data: Mapping[str, Any], *, but: str | None = None) -> bool:
        """All connections of these people but one; whether every instance was reached."""
        rooms = [room_of(user_id) for user_id in user_ids]
        if not rooms:
            # No room at all would mean everybody.
            return True
        with self._bus.watching() as reached:
            self._bus.emit(event, dict(data), namespace="/", room=rooms, skip_sid=but)
            return reached()

    def reaches_all(self) -> bool:
        """Whether every instance could be told something now."""
        return self._bus.is_there()
