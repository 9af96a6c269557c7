"""Those who listen, by account; a clerk ends each connection when its token does."""

import heapq
import threading
import time

import socketio
from socketio.exceptions import ConnectionRefusedError

import tokens
from database import exists

live = socketio.Server(async_mode="threading")
_queue = []
_changed = threading.Condition()


def _room(account):
    # A tuple would be a list of rooms.
    return f"account {account}"


def tell(account, event, data):
    live.emit(event, data, to=_room(account))


@live.event
def connect(sid, environ, auth=None):
    account, end = tokens.read(auth.get("token")) if isinstance(auth, dict) else (None, 0)
    if account is None or not exists(account):
        raise ConnectionRefusedError("no good token", {"status": 401})
    live.enter_room(sid, _room(account))
    _soon(end, sid)


def _soon(when, sid):
    with _changed:
        heapq.heappush(_queue, (when, sid))
        _changed.notify()


def _clerk():
    while True:
        with _changed:
            while not _queue or _queue[0][0] > time.time():
                _changed.wait(_queue[0][0] - time.time() if _queue else None)
            _, sid = heapq.heappop(_queue)
        _end(sid)


def _end(sid):
    """Disconnect it; one that is still being connected, a little later."""
    try:
        live.disconnect(sid)
        if live.manager.is_pre_connected(sid, "/"):
            _soon(time.time() + 0.2, sid)
    except KeyError:
        # It left a moment ago.
        pass


threading.Thread(target=_clerk, daemon=True).start()
