"""The events of the namespace /quiz: the corner. It knows nothing of the room."""

import random
import threading
from dataclasses import dataclass

from flask import request
from flask_socketio import emit

from mistakes import Mistake, read_number


@dataclass
class Player:
    question: str = ""
    total: int | None = None
    score: int = 0


def init(socketio):
    players = {}
    lock = threading.Lock()

    @socketio.on("connect", namespace="/quiz")
    def arrive():
        players[request.sid] = Player()

    @socketio.on("disconnect", namespace="/quiz")
    def leave():
        players.pop(request.sid, None)

    @socketio.on("players", namespace="/quiz")
    def count(payload=None):
        return {"ok": True, "players": len(players)}

    @socketio.on("ask", namespace="/quiz")
    def ask(payload=None):
        first, second = random.randint(1, 99), random.randint(1, 99)
        player = players[request.sid]
        with lock:
            player.question, player.total = f"{first} + {second}", first + second
        return {"ok": True, "question": f"{first} + {second}"}

    @socketio.on("answer", namespace="/quiz")
    def answer(payload=None):
        value = read_number(payload, "value")
        player = players[request.sid]
        # Two answers of one client may come at once, and only one of them closes the question.
        with lock:
            question, total, player.total = player.question, player.total, None
            if total is None:
                raise Mistake("No question is open: ask first.")
            right = value == total
            player.score += right
            score = player.score
        if right:
            # emit stays in the namespace of the event that is being handled.
            emit("solved", {"question": question})
        return {"ok": True, "right": right, "score": score}
