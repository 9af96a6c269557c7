"""Connections begin with a token and end with it; meanwhile they are renewed every second."""

from __future__ import annotations

import time
from typing import Any

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError as Refusal
from flask_socketio import SocketIO, join_room
from marshmallow import ValidationError

from chat.domain.basics import room_of
from chat.domain.refusals import Refused, Unavailable
from chat.domain.views import message_view, moment
from chat.web.bodies import Missed, UserIds
from chat.web.sockets.door import Connection, Door

_log = structlog.get_logger()
_TURN = 1.0


def register(socketio: SocketIO, door: Door) -> None:
    """Connecting, leaving, presence, and what was missed."""

    @socketio.on("connect")
    def connect(auth: Any = None) -> None:
        sid = request.sid  # type: ignore[attr-defined]
        try:
            token = auth.get("token") if isinstance(auth, dict) else None
            if not isinstance(token, str):
                raise Refusal("unauthorized")
            after = Missed().load({"after": auth.get("after", {})})["after"]
            session = door.services.accounts.session(token)
        except Refused as error:
            raise Refusal(error.code) from None
        except ValidationError:
            raise Refusal("invalid") from None
        connection = door.connections[sid] = Connection(sid, session)
        door.numbers.connections.inc()
        join_room(room_of(session.user.id))
        # Before the client hears that it is connected: the end of another connection, which it may bring about
        # at once, must not look like the end of the last.
        door.services.attendance.joined(session.user.id, sid)
        socketio.start_background_task(_begin, door, connection, after)

    @socketio.on("disconnect")
    def disconnect(*_: Any) -> None:
        connection = door.connections.pop(request.sid, None)  # type: ignore[attr-defined]
        if connection:
            door.numbers.connections.dec()
            door.services.attendance.left(connection.session.user.id, connection.id)

    @door.on("message:missed", Missed)
    def missed(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
        return {"messages": _send_missed(door, connection, body["after"])}

    @door.on("user:presence", UserIds)
    def presence(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
        online, seen = door.services.attendance.who_is_there(connection.session.user.id, body["userIds"])
        return {"online": online, "lastSeen": {user_id: moment(when) for user_id, when in seen.items()}}


def keep_up(door: Door) -> None:
    """Every second, for as long as the process lives: this instance's part in what must happen unasked."""
    while True:
        began = time.monotonic()
        connections = list(door.connections.values())
        door.services.upkeep.turn({c.id: c.session.user.id for c in connections})
        try:
            over = {id(session) for session in door.services.accounts.over([c.session for c in connections])}
        except Unavailable:
            over = set()
        for connection in connections:
            if id(connection.session) in over:
                door.socketio.emit("session:end", {"reason": "The token is good no longer."}, to=connection.id)
                door.socketio.server.disconnect(connection.id)
        door.socketio.sleep(max(0.1, _TURN - (time.monotonic() - began)))


def heard_again(door: Door) -> None:
    """This instance could not hear the others for a while: its clients ask for what they missed."""
    for connection in list(door.connections.values()):
        door.socketio.emit("session:sync", {}, to=connection.id)


def _begin(door: Door, connection: Connection, after: dict[str, int]) -> None:
    # The client is told that it is connected after the handler above has ended, and hears nothing before that.
    manager = door.socketio.server.manager
    deadline = time.monotonic() + 5
    while not manager.is_connected(connection.id, "/"):
        if time.monotonic() > deadline or connection.id not in door.connections:
            return
        time.sleep(0.002)
    try:
        _send_missed(door, connection, after)
        door.services.notifying.send_missed(connection.session.user.id)
    except Unavailable:
        _log.warning("a connection begins without what it missed", socket_id=connection.id)


def _send_missed(door: Door, connection: Connection, after: dict[str, int]) -> int:
    missed = door.services.chatting.missed(connection.session.user.id, after)
    for message, chat in missed:
        door.socketio.emit("message:new", message_view(message, chat), to=connection.id)
    return len(missed)
