"""One line in the log for every request, and an id that the client can quote."""

import sys
import time
import uuid
from urllib.parse import quote

from flask import g, request


def install(app):
    app.before_request(begin)
    app.after_request(note_answer)
    app.teardown_request(write_line)


def begin():
    # g belongs to this request alone, so requests at the same moment cannot mix it up.
    g.started = time.perf_counter()
    g.request_id = uuid.uuid4().hex


def note_answer(response):
    g.status = response.status_code
    response.headers["X-Request-ID"] = g.request_id
    return response


def write_line(error):
    # Teardown runs even when an exception leaves the app, and then there was no answer.
    status = g.get("status", 500)
    ms = (time.perf_counter() - g.started) * 1000
    line = f"request method={request.method} path={quote(request.path)} status={status} ms={ms:.1f} id={g.request_id}"
    # One write, line break included: print() makes two, and another thread may come between.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
