"""Each module in here brings the events of one namespace."""

from sockets import room


def init(socketio):
    room.init(socketio)
