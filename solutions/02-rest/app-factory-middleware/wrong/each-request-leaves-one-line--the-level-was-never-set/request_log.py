"""One line in the log for every request, and an id that the client can quote."""

import logging
import re
import time
import uuid
from urllib.parse import quote

from flask import g, request

log = logging.getLogger("requests")

ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def install(app):
    app.before_request(begin)
    app.after_request(note_answer)
    app.teardown_request(write_line)


def begin():
    # g belongs to this request alone, so requests at the same moment cannot mix it up.
    g.started = time.perf_counter()
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if ACCEPTABLE.fullmatch(sent) else uuid.uuid4().hex


def note_answer(response):
    g.status = response.status_code
    response.headers["X-Request-ID"] = g.request_id
    return response


def write_line(error):
    # Teardown runs even when an exception leaves the app, and then there was no answer.
    status = g.get("status", 500)
    ms = (time.perf_counter() - g.started) * 1000
    log.info(
        "request method=%s path=%s status=%s ms=%.1f id=%s",
        request.method,
        quote(request.path),
        status,
        ms,
        g.request_id,
    )
