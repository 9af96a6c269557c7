"""The least that carries a message to a room on the libraries of the chat: nothing is checked, nothing is kept."""

from __future__ import annotations

import os

from flask import Flask
from flask_socketio import SocketIO, emit, join_room

app = Flask(__name__)
sockets = SocketIO(app, async_mode="threading", message_queue=os.environ["REDIS_URL"], cors_allowed_origins="*")


@app.get("/healthz")
def healthz():
    return "ok"


@sockets.on("connect")
def connect(auth):
    join_room(auth["room"])


@sockets.on("message:send")
def send(message):
    emit("message:new", message, to=message["chatId"], include_self=False)
    return {"success": True, "data": {"id": message["clientId"]}}
