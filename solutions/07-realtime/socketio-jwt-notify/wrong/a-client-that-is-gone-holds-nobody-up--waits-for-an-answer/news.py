"""Who is listening, and what they are told: a room for each user, and news of notes into it."""

import threading
import time
from contextlib import suppress

from flask import current_app, request
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_socketio import ConnectionRefusedError, SocketIO, join_room
from jwt import PyJWTError

from models import User, db

PAUSE = 0.5


def init_app(app):
    socketio = SocketIO(app, async_mode="threading")
    ends = {}  # when the token of each connection ends, by sid

    @socketio.on("connect")
    def arrive(auth=None):
        user, end = read(auth.get("token") if isinstance(auth, dict) else None)
        if user is None:
            raise ConnectionRefusedError("Log in, and send the token in auth.", {"status": 401})
        # The one place where a connection is put into a room, and the token says which.
        join_room(room_of(user.id))
        ends[request.sid] = end

    @socketio.on("disconnect")
    def leave():
        ends.pop(request.sid, None)

    def watch():
        while True:
            socketio.sleep(PAUSE)
            for sid, end in list(ends.items()):
                # Whoever leaves at this very moment is not there any more; the others are still watched.
                with suppress(KeyError):
                    if end <= time.time():
                        socketio.server.disconnect(sid)

    socketio.start_background_task(watch)


def tell(user_id, event, data):
    """Tell every connection of a user what has happened. That is for after the commit: nobody can take it back."""
    server = current_app.extensions["socketio"].server
    for sid, _ in list(server.manager.get_participants("/", room_of(user_id))):
        answered, start = threading.Event(), time.monotonic()
        server.emit(event, data, to=sid, callback=lambda *_, answered=answered: answered.set())
        # Whoever has hung up will not answer any more.
        while not answered.wait(0.1) and server.manager.is_connected(sid, "/") and time.monotonic() < start + 60:
            pass


def room_of(user_id):
    return f"user:{user_id}"


def read(token):
    """Whose token it is and when it ends; (None, 0) if it is not good."""
    try:
        claims = decode_token(token)
    except (PyJWTError, JWTExtendedException, ValueError):
        return None, 0
    return db.session.get(User, int(claims["sub"])), claims["exp"]
