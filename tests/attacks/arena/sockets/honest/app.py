# mypy: ignore-errors
import os

import socketio
from werkzeug.serving import run_simple

server = socketio.Server(async_mode="threading")


@server.event
def say(sid, word):
    return word


run_simple("127.0.0.1", int(os.environ["PORT"]), socketio.WSGIApp(server), threaded=True)
