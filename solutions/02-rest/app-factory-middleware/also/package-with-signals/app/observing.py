"""The request log, driven by Flask's signals: nothing in the app has to know of it."""

import re
import time
from urllib.parse import quote
from uuid import uuid4

from flask import g, got_request_exception, request, request_finished, request_started, request_tearing_down


def watch(app):
    """Listen to this app alone: signals are shared by every app of the process."""
    request_started.connect(begin, app)
    got_request_exception.connect(fail, app)
    request_finished.connect(finish, app)
    request_tearing_down.connect(report, app)


def begin(sender, **_):
    g.clock = time.time()
    sent = request.headers.get("X-Request-ID", "")
    g.id = sent if re.search(r"\A[a-zA-Z\d_.-]{1,64}\Z", sent, re.ASCII) else str(uuid4())


def fail(sender, exception, **_):
    g.answered = 500


def finish(sender, response, **_):
    g.answered = response.status_code
    response.headers["X-Request-ID"] = g.id


def report(sender, exc=None, **_):
    took = int((time.time() - g.clock) * 1000 + 0.5)
    where = quote(request.path, safe="/:@!$&'()*+,;=~")
    print(f"request method={request.method} path={where} status={g.answered} ms={took} id={g.id}\n", end="", flush=True)
