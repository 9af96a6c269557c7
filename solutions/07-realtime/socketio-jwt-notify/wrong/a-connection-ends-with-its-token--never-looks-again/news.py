"""Who is listening, and what they are told: a room for each user, and news of notes into it."""

from flask import current_app
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_socketio import ConnectionRefusedError, SocketIO, join_room
from jwt import PyJWTError

from models import User, db


def init_app(app):
    socketio = SocketIO(app, async_mode="threading")

    @socketio.on("connect")
    def arrive(auth=None):
        user = read(auth.get("token") if isinstance(auth, dict) else None)
        if user is None:
            raise ConnectionRefusedError("Log in, and send the token in auth.", {"status": 401})
        # The one place where a connection is put into a room, and the token says which.
        join_room(room_of(user.id))


def tell(user_id, event, data):
    """Tell every connection of a user what has happened. That is for after the commit: nobody can take it back."""
    current_app.extensions["socketio"].emit(event, data, to=room_of(user_id))


def room_of(user_id):
    return f"user:{user_id}"


def read(token):
    """Whose token it is; None if it is not good."""
    try:
        claims = decode_token(token)
    except (PyJWTError, JWTExtendedException, ValueError):
        return None
    return db.session.get(User, int(claims["sub"]))
