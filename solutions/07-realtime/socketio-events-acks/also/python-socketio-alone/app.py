"""The same study room with neither Flask nor Flask-SocketIO: python-socketio as a WSGI application."""

import json
import os
import random

import socketio
from werkzeug.serving import run_simple

# Handlers in the order of their events, one thread for each client.
server = socketio.Server(async_mode="threading", async_handlers=False)
BLANK = {"ok": False, "error": "That needs a text with something in it."}


def text_in(payload, field):
    value = payload.get(field, "") if isinstance(payload, dict) else ""
    return value if isinstance(value, str) and value.strip() else None


def sid_called(name):
    for sid, person in list(people.items()):
        if person["name"] == name:
            return sid
    return None


people = {}


@server.event
def connect(sid, environ, auth=None):
    # A sid is random: whatever it is, nobody else is called so.
    people[sid] = {"name": f"visitor {sid}", "said": 0}
    server.emit("welcome", {"name": people[sid]["name"]}, to=sid)


@server.event
def disconnect(sid, *reason):
    people.pop(sid, None)


@server.event
def say(sid, payload=None):
    if text_in(payload, "text") is None:
        return BLANK
    people[sid]["said"] += 1
    server.emit("said", {"from": people[sid]["name"], "text": payload["text"]})
    return {"ok": True}


@server.event
def rename(sid, payload=None):
    if (name := text_in(payload, "name")) is None:
        return BLANK
    if sid_called(name) not in (None, sid):
        return {"ok": False, "error": "That name is taken."}
    old, people[sid]["name"] = people[sid]["name"], name
    server.emit("renamed", {"from": old, "to": name}, skip_sid=sid)
    return {"ok": True, "name": name}


@server.event
def whisper(sid, payload=None):
    if text_in(payload, "text") is None or text_in(payload, "to") is None:
        return BLANK
    if (friend := sid_called(payload["to"])) is None:
        return {"ok": False, "error": "There is nobody of that name."}
    server.emit("whispered", {"from": people[sid]["name"], "text": payload["text"]}, to=friend)
    return {"ok": True}


@server.event
def stats(sid, payload=None):
    return {"ok": True, **people[sid]}


@server.on("players", namespace="/quiz")
def players(sid, payload=None):
    # The server has a list of its own of everyone in a namespace.
    here = server.manager.get_participants("/quiz", None)
    return {"ok": True, "players": sum(1 for _ in here)}


@server.on("ask", namespace="/quiz")
def ask(sid, payload=None):
    numbers = random.sample(range(200), 2)
    with server.session(sid, namespace="/quiz") as session:
        session["open"] = numbers
    return {"ok": True, "question": " + ".join(map(str, numbers))}


@server.on("answer", namespace="/quiz")
def answer(sid, payload=None):
    value = payload.get("value") if isinstance(payload, dict) else None
    if not isinstance(value, int):
        return {"ok": False, "error": "value has to be a whole number."}
    with server.session(sid, namespace="/quiz") as session:
        if not session.get("open"):
            return {"ok": False, "error": "Ask first."}
        numbers = session.pop("open")
        right = sum(numbers) == value
        session["score"] = score = session.get("score", 0) + right
    if right:
        server.emit("solved", {"question": " + ".join(map(str, numbers))}, namespace="/quiz")
    return {"ok": True, "right": right, "score": score}


def health(environ, start_response):
    found = environ["PATH_INFO"] == "/health"
    body = json.dumps({"connections": len(people)} if found else {"error": "not here"}).encode()
    start_response("200 OK" if found else "404 Not Found", [("Content-Type", "application/json")])
    return [body]


if __name__ == "__main__":
    run_simple("127.0.0.1", int(os.environ["PORT"]), socketio.WSGIApp(server, health), threaded=True)
