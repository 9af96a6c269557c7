# %% nbgrader={"grade_id": "life", "solution": true}
from functools import partial


def foresee(hooks, view):
    """The hooks of the way in, the view, and the hooks of the way out, which go backwards."""

    def named(kind, registered):
        return [name for of, name in registered if of == kind]

    out = list(reversed(hooks))
    return [*named("before", hooks), *filter(None, [view]), *named("after", out), *named("teardown", out)]


class Hook:
    """A hook is anything that can be called; this one knows its name."""

    def __init__(self, name):
        self.name = name

    def __call__(self, given=None):
        note(self.name)

    def register(self, app, kind):
        getattr(app, f"{kind}_request")(self)


class Passing(Hook):
    """One that hands on the answer it was given."""

    def __call__(self, given):
        super().__call__(given)
        return given


def life(hooks, paths):
    app = build()
    for kind, name in hooks:
        (Passing if kind == "after" else Hook)(name).register(app, kind)
    return [ask(app, path)["events"] for path in paths]


# %% nbgrader={"grade_id": "guarded", "solution": true}
from flask import abort


def guarded(key, visits):
    """An app whose guard raises: abort ends the way in just as an answer does."""
    app = build()

    def guard():
        note("guard")
        if request.headers.get("X-Key", None) == key:
            return
        abort(401)

    app.before_request(guard)
    app.before_request(partial(note, "basket"))
    app.after_request(Passing("stamp"))
    return [ask(app, path, {"X-Key": sent} if sent is not None else None) for path, sent in visits]


# %% nbgrader={"grade_id": "contexts", "solution": true}
def outside():
    try:
        return sign()
    except Exception as error:
        return error.__class__.__name__


def signs(texts):
    """All apps are made before the first is asked."""
    apps = [build() for _ in texts]
    for app, text in zip(apps, texts):
        app.config.update(SIGN=text)
    found = []
    for app in apps:
        with app.test_request_context("/"):
            found.append(sign())
    return [*found, outside()]


def get_connection():
    """Ask for forgiveness instead of permission."""
    try:
        return g.connection
    except AttributeError:
        g.connection = Connection()
        return g.connection


def connections(paths, testing):
    """Closed at the end of the request instead of the end of the context."""
    app = reading_app()
    app.config["TESTING"] = testing

    def close(error):
        if "connection" in g:
            g.connection.close()

    app.teardown_request(close)
    return [ask(app, path)["events"] for path in paths]


# %% nbgrader={"grade_id": "traced", "solution": true}
import uuid


def trace_id(sent):
    """No regular expression: a length and a set of characters."""
    sane = sent is not None and 8 <= len(sent) <= 32 and set(sent) <= set("0123456789abcdef")
    return sent if sane else uuid.uuid4().hex


def traced(visits):
    """The log line is written last, in teardown."""
    app = build()

    @app.before_request
    def begin():
        g.id = trace_id(request.headers.get("X-Trace-ID"))

    @app.after_request
    def put_on(answer):
        g.status = answer.status_code
        answer.headers["X-Trace-ID"] = g.id
        return answer

    @app.teardown_request
    def write(error):
        note(f"{g.id} {g.status} {request.path}")

    found = []
    for path, sent in visits:
        headers = {}
        if sent is not None:
            headers["X-Trace-ID"] = sent
        found.append(ask(app, path, headers))
    return found


# %% nbgrader={"grade_id": "complaints", "solution": true}
def complaints(stock, paths, testing):
    """One handler that looks at what it was given."""
    app = library(stock)
    app.config["TESTING"] = testing

    def as_json(error):
        if isinstance(error, Missing):
            return {"error": "no book called " + error.args[0]}, 404
        return {"error": error.name}, error.code

    app.register_error_handler(Missing, as_json)
    app.register_error_handler(HTTPException, as_json)
    app.after_request(Passing("stamp"))
    app.teardown_request(Hook("bin"))
    return [ask(app, path) for path in paths]
