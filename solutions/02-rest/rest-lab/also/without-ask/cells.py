# %% nbgrader={"grade_id": "life", "solution": true}
def foresee(hooks, view):
    """A plan that grows at its front or at its end."""
    way_in, way_out, end = [], [], []
    for kind, name in hooks:
        if kind == "before":
            way_in.append(name)
        elif kind == "after":
            way_out.insert(0, name)
        else:
            end.insert(0, name)
    if view:
        way_in.append(view)
    return way_in + way_out + end


def life(hooks, paths):
    """An app of its own for each path."""
    found = []
    for path in paths:
        app = build()
        register = {"before": app.before_request, "after": app.after_request, "teardown": app.teardown_request}
        for kind, name in hooks:
            register[kind](naming(name, passes_on=kind == "after"))
        app.test_client().get(path)
        found.append(app.config["EVENTS"])
    return found


def naming(name, passes_on):
    def hook(*given):
        note(name)
        return given[0] if passes_on else None

    return hook


# %% nbgrader={"grade_id": "guarded", "solution": true}
def guarded(key, visits):
    """The guard gives an answer object; the keys are compared in constant time."""
    import hmac

    app = build()

    @app.before_request
    def guard():
        note("guard")
        sent = request.headers.get("X-Key", "")
        return None if hmac.compare_digest(sent, key) else app.response_class("no", 401)

    app.before_request(naming("basket", passes_on=False))
    app.after_request(naming("stamp", passes_on=True))

    found = []
    for path, sent in visits:
        app.config["EVENTS"].clear()
        answer = app.test_client().get(path, headers=[("X-Key", sent)] if sent is not None else [])
        found.append({"status": answer.status_code, "events": list(app.config["EVENTS"])})
    return found


# %% nbgrader={"grade_id": "contexts", "solution": true}
import contextlib


def signs(texts):
    """Each context is opened and closed by hand."""
    found = []
    for text in texts:
        app = build()
        app.config["SIGN"] = text
        context = app.app_context()
        context.push()
        try:
            found.append(sign())
        finally:
            context.pop()
    with contextlib.suppress(RuntimeError):
        found.append(sign())
    if len(found) == len(texts):
        found.append(RuntimeError.__name__)
    return found


def get_connection():
    """A stack in g knows how everything that was opened is closed."""
    if not hasattr(g, "opened"):
        g.opened = contextlib.ExitStack()
        g.connection = g.opened.enter_context(contextlib.closing(Connection()))
    return g.connection


def connections(paths, testing):
    """Whatever stands in g.opened is closed, whoever put it there."""
    app = reading_app()
    app.testing = testing
    app.teardown_appcontext(lambda error: g.opened.close() if "opened" in g else None)
    found = []
    for path in paths:
        app.config["EVENTS"].clear()
        with contextlib.suppress(Boom):
            app.test_client().get(path)
        found.append(list(app.config["EVENTS"]))
    return found


# %% nbgrader={"grade_id": "traced", "solution": true}
import re
import secrets

SANE = re.compile(r"\A[0-9a-f]{8,32}\Z")


def trace_id(sent):
    """A pattern with both its ends nailed down."""
    return sent if SANE.match(sent or "") else secrets.token_hex(16)


def traced(visits):
    """A hook for this one request, made at its beginning, remembers the id in a closure."""
    from flask import after_this_request

    app = build()

    @app.before_request
    def begin():
        found = trace_id(request.headers.get("X-Trace-Id"))

        @after_this_request
        def tell(response):
            response.headers["X-Trace-Id"] = found
            note(" ".join([found, str(response.status_code), request.path]))
            return response

    found = []
    for path, sent in visits:
        app.config["EVENTS"].clear()
        answer = app.test_client().get(path, headers={} if sent is None else {"X-Trace-Id": sent})
        found.append({"headers": dict(answer.headers), "events": list(app.config["EVENTS"])})
    return found


# %% nbgrader={"grade_id": "complaints", "solution": true}
import json


def complaints(stock, paths, testing):
    """The answer of the HTTPException is kept, with its headers; only the body is another."""
    app = library(stock)
    app.testing = testing

    @app.errorhandler(HTTPException)
    def with_a_body(error):
        response = error.get_response()
        response.data = json.dumps({"error": error.name})
        response.content_type = "application/json"
        return response

    @app.errorhandler(Missing)
    def missing(error):
        response = app.json.response(error="no book called %s" % error)
        response.status_code = 404
        return response

    app.after_request(naming("stamp", passes_on=True))
    app.teardown_request(naming("bin", passes_on=False))
    return [one(app, path) for path in paths]


def one(app, path):
    app.config["EVENTS"].clear()
    try:
        answer = app.test_client().get(path)
    except Boom:
        return {"status": None, "json": None, "events": list(app.config["EVENTS"])}
    return {"status": answer.status_code, "json": answer.json, "events": list(app.config["EVENTS"])}
