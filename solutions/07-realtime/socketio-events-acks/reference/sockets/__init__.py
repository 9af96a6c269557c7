"""Each module in here brings the events of one namespace."""

import mistakes
from sockets import quiz, room


def init(socketio, people):
    mistakes.init(socketio)
    room.init(socketio, people)
    quiz.init(socketio)
