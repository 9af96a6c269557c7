"""The same study room with a class for each namespace, a room for each name, and the session for state."""

import random
import secrets
from functools import wraps
from threading import RLock

from flask import Flask, jsonify, request, session
from flask_socketio import Namespace, SocketIO, emit, join_room, leave_room

app = Flask(__name__)
app.secret_key = secrets.token_hex()
socketio = SocketIO(app, async_mode="threading")


def answered(handler):
    """Acknowledge what the handler returns, or the reason why it would not."""

    @wraps(handler)
    def answer(self, payload=None):
        try:
            return {"ok": True} | (handler(self, payload) or {})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return {"ok": False, "error": f"Sorry: {error or 'no'}"}

    return answer


def text(payload, field):
    if not payload[field].strip():
        raise ValueError(f"{field} is blank")
    return payload[field]


class Room(Namespace):
    """Everybody is in a room called like them, so a whisper is addressed by the name itself."""

    lock = RLock()
    names = {}

    def on_connect(self, auth=None):
        with self.lock:
            name = next(name for name in iter(lambda: f"owl {random.randrange(10**6)}", None) if name not in self.names)
            self.names[name] = request.sid
        session["name"], session["said"] = name, 0
        join_room(f"name {name}")
        emit("welcome", {"name": name}, to=request.sid)

    def on_disconnect(self, reason=None):
        with self.lock:
            self.names.pop(session["name"], None)

    @answered
    def on_say(self, payload):
        said = {"from": session["name"], "text": text(payload, "text")}
        session["said"] += 1
        self.emit("said", said)

    @answered
    def on_rename(self, payload):
        new, old = text(payload, "name"), session["name"]
        with self.lock:
            if self.names.get(new, request.sid) != request.sid:
                raise ValueError(f"{new} is taken")
            self.names[new] = self.names.pop(old)
        leave_room(f"name {old}")
        join_room(f"name {new}")
        session["name"] = new
        self.emit("renamed", {"from": old, "to": new}, include_self=False)
        return {"name": new}

    @answered
    def on_whisper(self, payload):
        whisper = {"from": session["name"], "text": text(payload, "text")}
        to = text(payload, "to")
        if to not in self.names:
            raise KeyError(to)
        emit("whispered", whisper, to=f"name {to}")

    @answered
    def on_stats(self, payload):
        return {"name": session["name"], "said": session["said"]}


class Quiz(Namespace):
    here = set()

    def on_connect(self, auth=None):
        self.here.add(request.sid)

    def on_disconnect(self, reason=None):
        self.here.discard(request.sid)

    @answered
    def on_players(self, payload):
        return {"players": len(self.here)}

    @answered
    def on_ask(self, payload):
        session["open"] = random.randrange(1000), random.randrange(1000)
        return {"question": "{} + {}".format(*session["open"])}

    @answered
    def on_answer(self, payload):
        value = payload["value"]
        if not isinstance(value, int):
            raise TypeError("value is no whole number")
        first, second = session.pop("open")
        right = value == first + second
        session["score"] = session.get("score", 0) + right
        if right:
            emit("solved", {"question": f"{first} + {second}"}, broadcast=True)
        return {"right": right, "score": session["score"]}


@app.get("/health")
def health():
    return jsonify(connections=len(Room.names))


socketio.on_namespace(Room("/"))
socketio.on_namespace(Quiz("/quiz"))
