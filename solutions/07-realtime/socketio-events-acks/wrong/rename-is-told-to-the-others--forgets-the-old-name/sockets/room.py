"""The events of the namespace / : the room."""

from flask import request
from flask_socketio import emit

from mistakes import read_text


def init(socketio, people):
    @socketio.on("connect")
    def arrive():
        emit("welcome", {"name": people.enter(request.sid).name})

    @socketio.on("disconnect")
    def leave():
        people.leave(request.sid)

    @socketio.on("say")
    def say(payload=None):
        text = read_text(payload, "text")
        people.count_said(request.sid)
        emit("said", {"from": people[request.sid].name, "text": text}, broadcast=True)
        return {"ok": True}

    @socketio.on("rename")
    def rename(payload=None):
        name = read_text(payload, "name")
        people.rename(request.sid, name)
        old = people[request.sid].name
        emit("renamed", {"from": old, "to": name}, broadcast=True, include_self=False)
        return {"ok": True, "name": name}

    @socketio.on("whisper")
    def whisper(payload=None):
        to, text = read_text(payload, "to"), read_text(payload, "text")
        # Every connection is in a room of its own, named by its sid.
        emit("whispered", {"from": people[request.sid].name, "text": text}, to=people.sid_of(to))
        return {"ok": True}

    @socketio.on("stats")
    def stats(payload=None):
        person = people[request.sid]
        return {"ok": True, "name": person.name, "said": person.said}
