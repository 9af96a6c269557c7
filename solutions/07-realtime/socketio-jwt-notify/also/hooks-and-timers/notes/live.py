"""Live news: announced while a request works, sent when the session says that it has committed."""

import threading
import time

from flask import request, session
from flask_socketio import ConnectionRefusedError, Namespace, SocketIO, join_room
from sqlalchemy import event

from notes.errors import Unauthorized
from notes.people import holder
from notes.tables import db

socketio = SocketIO(async_mode="threading")


def init(app):
    socketio.init_app(app)
    socketio.on_namespace(Listeners("/"))
    with app.app_context():
        event.listen(db.session, "after_commit", _send)
        event.listen(db.session, "after_soft_rollback", _forget)


def announce(person, name, data):
    """Say what will have happened once this transaction is committed."""
    db.session.info.setdefault("news", []).append((name, data, str(person)))


def _send(committed):
    for name, data, person in committed.info.pop("news", ()):
        socketio.emit(name, data, to=f"user:{person}")


def _forget(undone, _):
    undone.info.pop("news", None)


class Listeners(Namespace):
    """Whoever has a token, for as long as it lasts."""

    def on_connect(self, auth=None):
        try:
            person, claims = holder(auth["token"])
        except (Unauthorized, TypeError, KeyError, AttributeError):
            raise ConnectionRefusedError("We do not know you.", {"status": 401}) from None
        join_room(f"user:{person['id']}")
        session["end"] = _End(request.sid, claims["exp"])

    def on_disconnect(self, reason=None):
        session["end"].cancel()


class _End:
    """Disconnects a connection at a time, and looks again until it is gone."""

    def __init__(self, sid, at):
        self._sid, self._over = sid, threading.Event()
        threading.Thread(target=self._wait, args=(at,), daemon=True).start()

    def cancel(self):
        self._over.set()

    def _wait(self, at):
        # A connection that is still being made cannot be ended: so not once, but until it is over.
        while not self._over.wait(max(at - time.time(), 0.1)):
            socketio.server.disconnect(self._sid)
