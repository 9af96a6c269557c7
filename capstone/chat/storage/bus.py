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
    """``write_only`` for workers, which have no connections. ``hears`` is set while Redis can be heard;
    ``heard_again`` is the app's, called after a silence.
    """

    name = "redis"

    def __init__(self, url: str, *, write_only: bool = False) -> None:
        super().__init__(channel=_CHANNEL, write_only=write_only)
        self._out = connect(url)
        # Nothing may come for hours, so reading has no time-out; a connection that died is found by TCP.
        self._in = redis.Redis.from_url(url, socket_connect_timeout=2, socket_keepalive=True)
        self.heard_again: Callable[[], None] = lambda: None
        self.hears = threading.Event()
        self._state = threading.local()

    @contextlib.contextmanager
    def watching(self) -> Iterator[Callable[[], bool]]:
        """Inside, this thread tells in the order of all; the value says whether everything went out."""
        self._state.lost, self._state.in_order = False, True
        try:
            yield lambda: not self._state.lost
        finally:
            self._state.in_order = False

    def is_there(self) -> bool:
        """Whether Redis answers."""
        with contextlib.suppress(RedisError):
            return bool(self._out.ping())
        return False

    def _handle_emit(self, message: Mapping[str, Any]) -> None:
        # Our own goes to our connections when it comes back from Redis, behind what others sent before it: so all
        # instances tell in one order. At once it would overtake what is still on its way to us.
        if getattr(self._state, "in_order", False) and self.hears.is_set():
            self._state.comes_back = True
        else:
            super()._handle_emit(message)

    def _publish(self, data: Mapping[str, Any]) -> None:
        comes_back, self._state.comes_back = getattr(self._state, "comes_back", False), False
        # Under its own name an instance passes over what it hears.
        sent = {**data, "host_id": f"{self.host_id} to all"} if comes_back else data
        try:
            self._out.publish(self.channel, json.dumps(sent))
        except RedisError as error:
            self._state.lost = True
            _log.warning("other instances cannot be told", why=str(error))
            if comes_back:
                super()._handle_emit(data)

    def _listen(self) -> Iterator[bytes]:
        silent = False
        while True:
            try:
                with self._in.pubsub() as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(self.channel)
                    for message in subscription.listen():
                        if message["type"] == "message":
                            yield message["data"]
                        elif message["type"] == "subscribe":
                            self.hears.set()
                            if silent:
                                silent = False
                                self.heard_again()
            except (RedisError, OSError) as error:
                self.hears.clear()
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
