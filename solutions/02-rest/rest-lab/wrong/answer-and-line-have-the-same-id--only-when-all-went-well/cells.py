# %% nbgrader={"grade_id": "traced", "solution": true}
import re
import secrets


def trace_id(sent):
    """sent itself if it is a sane id, else a new one; sent is a text or None."""
    ### BEGIN SOLUTION
    if sent is not None and re.fullmatch("[0-9a-f]{8,32}", sent):
        return sent
    return secrets.token_hex(8)
    ### END SOLUTION


def traced(visits):
    """Ask an app that traces for some paths; visits is a list of [path, X-Trace-Id or None].

    Returns for each visit what ask gives: the id is in "headers", the log line in "events".
    """
    ### BEGIN SOLUTION
    app = build()

    @app.before_request
    def begin():
        g.trace = trace_id(request.headers.get("X-Trace-Id"))

    @app.after_request
    def tell(response):
        if response.status_code == 200:
            response.headers["X-Trace-Id"] = g.trace
        note(f"{g.trace} {response.status_code} {request.path}")
        return response

    return [ask(app, path, {} if sent is None else {"X-Trace-Id": sent}) for path, sent in visits]
    ### END SOLUTION
