"""Socket events, one module for each part of the contract, all through the same door."""

from __future__ import annotations

from flask_socketio import SocketIO

from chat.web.sockets import calls, chats, connections, statuses
from chat.web.sockets.door import Door


def init(socketio: SocketIO, door: Door) -> None:
    """Register every event."""
    connections.register(socketio, door)
    for module in (chats, calls, statuses):
        module.register(door)
    door.close()
