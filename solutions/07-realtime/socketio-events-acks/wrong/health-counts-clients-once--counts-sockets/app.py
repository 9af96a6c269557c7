"""The study room: one app, one Socket.IO server, and modules that bring the events."""

from flask import Flask
from flask_socketio import SocketIO

import sockets
from people import People


def create_app():
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="threading")
    people = People()
    sockets.init(socketio, people)

    @app.get("/health")
    def health():
        return {"connections": len(socketio.server.environ)}

    return app
