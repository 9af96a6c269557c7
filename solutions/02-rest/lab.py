# %% [markdown]
# # The life of a request
#
# A web application is called many times a second, and must not mix up one call with another. One shop kept the
# visitor of the moment in a global variable. It worked on the author's machine for months, and in the first
# busy hour Ada was shown Bob's cart. The first cell to play with makes this happen. To see why, and what to do
# instead, we follow one request through Flask from its arrival to the last bit of tidying up.
#
# You will be able to
#
# - say in which order hooks and view run, also when something fails;
# - keep things for one request in `g`, and give them back exactly once;
# - follow a request through the log by an id, and answer all errors in one place.
#
# Level: easy. About 55 minutes. Run the cells from the top. Those that begin with `# play` are for you:
# change them, break them, nobody looks. Those with `YOUR CODE HERE` are yours to write.

# %% nbgrader={"grade_id": "setup", "locked": true}
from grader.notebooks import Lab

lab = Lab("rest-lab")

# %%
# play: two visitors at the same moment, and one global variable
from threading import Barrier, Thread

from flask import Flask, g

leaky = Flask(__name__)
current = {"visitor": None}
both_are_here = Barrier(2, timeout=5)  # whoever comes first waits here for the other


@leaky.get("/hello/<name>")
def hello(name):
    current["visitor"] = name
    both_are_here.wait()  # in the shop: the cart is read from the database
    return f"Hello, {current['visitor']}"


answers = {}


def visit(name):
    answers[name] = leaky.test_client().get(f"/hello/{name}").text


visitors = [Thread(target=visit, args=[name], daemon=True) for name in ("Ada", "Bob")]
for visitor in visitors:
    visitor.start()
for visitor in visitors:
    visitor.join()
print(answers)

# %% [markdown]
# Both were greeted by the name of whoever came second. Write `g.visitor` for `current["visitor"]` in both
# places (`{g.visitor}` inside the text), run the cell again, and each reads their own. Part 3 says what `g` is.
#
# ## The tools of this lab
#
# We want to see what happens inside an app. So there is a **journal**: a list in the app's settings, into
# which every part of the app writes its name. `app.test_client()` hands a request to the app without opening
# a port. Read this cell; all tasks use it.

# %% nbgrader={"grade_id": "tools", "locked": true}
from flask import Flask, current_app, g, request


class Boom(Exception):
    """What the views under /boom raise."""


def build():
    """A new app with two views that write their names into the journal."""
    app = Flask(__name__)
    app.logger.disabled = True  # the tracebacks of /boom would fill the page
    app.config["EVENTS"] = []

    @app.get("/fine/<name>")
    def fine(name):
        note(name)
        return "fine"

    @app.get("/boom/<name>")
    def boom(name):
        note(name)
        raise Boom(f"{name} went wrong")

    return app


def note(event):
    """Write one line into the journal of the app that is at work."""
    current_app.config["EVENTS"].append(event)


def ask(app, path, headers=None):
    """Send GET path to the app; return what came back, and what was noted meanwhile."""
    app.config["EVENTS"] = events = []
    try:
        answer = app.test_client().get(path, headers=headers)
    except Boom:  # it came out of the app, so there is no answer
        return {"status": None, "headers": {}, "json": None, "events": events}
    return {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "json": answer.get_json(silent=True),
        "events": events,
    }


# %%
# play: what the app knows: which path leads to which function
for rule in build().url_map.iter_rules():
    print(f"{rule.rule:28}", sorted(rule.methods), "→", rule.endpoint)

for path in ("/fine/lamp", "/boom/lamp", "/nowhere"):
    print(path, ask(build(), path))

# %% [markdown]
# This table is the **URL map**. Flask has added a route for static files, and `HEAD` and `OPTIONS` to each
# of ours. `/nowhere` is not in the map: that gives 404, and no view runs.
#
# ## 1 · Around the view
#
# Some work belongs to every request: start a clock, check a key, write a log line, give back a connection.
# Nobody wants to write it in every view. A **hook** is a function that Flask calls for you. There are three
# kinds that matter here:
#
# | Hook | Runs | Gets | Gives back |
# |---|---|---|---|
# | `before_request` | before the view | nothing | nothing (or an answer: part 2) |
# | `after_request` | when there is an answer | the answer | the answer, always |
# | `teardown_request` | at the very end | the exception that nobody handled, or `None` | nothing |
#
# > **If you know Node.js:** there is no `next()`. An Express middleware wraps what comes after it; Flask
# > calls all hooks of one kind, one by one, and then goes on by itself. Real wrapping is done by WSGI
# > middleware, which stands around the whole app.

# %%
# play: six hooks and a view, each a short nap; run it, then change the order of the hooks
import time

import matplotlib.pyplot as plt


class Slow(list):
    """A journal that also notes the time, and makes everybody in it take a moment."""

    def append(self, event):
        super().append((event, time.perf_counter()))
        time.sleep(0.01)


def timeline(app, path, title):
    """Draw one request: each event lasts until the next one."""
    start = time.perf_counter()
    app.config["EVENTS"] = journal = Slow()
    app.test_client().get(path)
    names = [*(name for name, _ in journal), "the whole request"]
    times = [
        1000 * (moment - start)
        for moment in [*(moment for _, moment in journal), time.perf_counter()]
    ]
    widths = [*(later - earlier for earlier, later in zip(times, times[1:])), times[-1]]
    colours = ["tab:orange" if name == "view" else "tab:blue" for name in names[:-1]] + ["tab:gray"]
    plt.figure(figsize=(7, 2.5))
    plt.barh(names[::-1], widths[::-1], left=[0, *times[-2::-1]], color=colours[::-1])
    plt.xlabel("milliseconds since the request was sent")
    plt.title(title)
    plt.show()


app = build()
app.before_request(lambda: note("before 1"))
app.before_request(lambda: note("before 2"))


app.after_request(lambda response: note("after 1") or response)  # note gives None, so: response
app.after_request(lambda response: note("after 2") or response)
app.teardown_request(lambda error: note("teardown 1"))
app.teardown_request(lambda error: note("teardown 2"))

timeline(app, "/fine/view", "On the way in 1, 2; on the way out 2, 1")

# %% [markdown]
# On the way in, hooks run in the order in which they were registered. On the way out they run backwards, so
# that what was set up last is put away first. Send `/boom/view` and `/nowhere` as well: with the first the
# view fails, with the second there is none, and yet no hook is left out.
#
# **Task 1.** First say it without Flask: `foresee`. Then let Flask say it: `life` registers hooks of any
# names and asks for some paths. `@app.before_request` above a function and `app.before_request(function)`
# are the same thing; with names that come in a list, you need the second.
#
# One trap: a function that is made in a loop and uses the loop's variable sees the *last* value of it, since
# it looks only when it runs. Make the hook in a function of its own, to which you give the name.


# %% nbgrader={"grade_id": "life", "solution": true}
def foresee(hooks, view):
    """The names of all hooks and of the view, in the order in which they will run.

    hooks is a list of [kind, name] in the order of registration; a kind is "before", "after" or
    "teardown".
    view is the name of the view, or None where the path has none.
    """
    ### BEGIN SOLUTION
    names = {"before": [], "after": [], "teardown": []}
    for kind, name in hooks:
        names[kind].append(name)
    views = [] if view is None else [view]
    return names["before"] + views + names["after"][::-1] + names["teardown"][::-1]
    ### END SOLUTION


def life(hooks, paths):
    """Build an app, register hooks that note their names, and ask for each path.

    hooks is a list as for foresee. Returns a list with the events of each path.
    """
    ### BEGIN SOLUTION
    app = build()
    for kind, name in hooks:
        hang(app, kind, name)
    return [ask(app, path)["events"] for path in paths]


def hang(app, kind, name):
    def after(response):
        note(name)
        return response

    if kind == "before":
        app.before_request(lambda: note(name))
    elif kind == "after":
        app.after_request(after)
    else:
        app.teardown_request(lambda error: note(name))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-1", "grade": true}
lab.check(1)

# %% [markdown]
# ## 2 · Cutting it short
#
# A `before_request` that returns something has answered. Flask then calls no further `before_request` and no
# view; it takes what was returned for the answer and goes to the way out: `after_request` and
# `teardown_request` run as always. Returning nothing (`None`) means "go on".
#
# This is the place for a guard. Behind the view it would be too late: the letter is sent, the money is gone,
# and only then somebody looks at the key.


# %%
# play: the same request before and after closing time
def shop(closed):
    app = build()

    @app.before_request
    def closing_time():
        note("closing time")
        if closed:
            return {"error": "come back tomorrow"}, 503

    app.before_request(lambda: note("basket"))
    app.teardown_request(lambda error: note("teardown"))
    return app


timeline(shop(closed=False), "/fine/view", "Open: in, view, out")
timeline(
    shop(closed=True), "/fine/view", "Closed: the first hook has answered, and no view was reached"
)

# %% [markdown]
# **Task 2.** Write an app with a guard. Register, in this order: `guard` and `basket` (before), then `stamp`
# (after). Each notes its name. The guard answers 401 itself unless the request has a header
# `X-Key` that is the right key. `request.headers.get("X-Key")` is its value, or `None`.
#
# `before_request` also runs for paths that no view belongs to: the 404 would come only after it. So a
# stranger without a key cannot even find out which paths there are.


# %% nbgrader={"grade_id": "guarded", "solution": true}
def guarded(key, visits):
    """Ask an app with a guard for some paths; visits is a list of [path, X-Key or None].

    Returns for each visit what ask gives.
    """
    ### BEGIN SOLUTION
    app = build()

    @app.before_request
    def guard():
        note("guard")
        if request.headers.get("X-Key") != key:
            return {"error": "the key is missing or wrong"}, 401

    app.before_request(lambda: note("basket"))

    @app.after_request
    def stamp(response):
        note("stamp")
        return response

    return [ask(app, path, {} if sent is None else {"X-Key": sent}) for path, sent in visits]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-2", "grade": true}
lab.check(2)

# %% [markdown]
# ## 3 · Two drawers: `current_app` and `g`
#
# `note` above writes into the journal of *the app that is at work*. How does it know which? While Flask works
# on a request, it opens an **application context**. `current_app` is a name for the app of the context that
# is open now, and `g` is an empty object that belongs to this context. When the request is over the context
# is closed, and `g` is gone with everything in it. Each thread has a context of its own: that is why
# `g.visitor` kept Ada and Bob apart. (`request` comes from a second context, that of the request.)
#
# Outside of a request no context is open. Then you say which app you mean: `with app.app_context():`. (There is
# also `push()`, after which a context stays open until somebody calls `pop()`. If you tried that here, restart
# the kernel.)

# %%
# play: who is current_app when nobody asks?
try:
    note("hello")
except RuntimeError as error:
    print(type(error).__name__, "→", str(error).splitlines()[0])

app = build()
with app.app_context():
    note("hello")
    g.visitor = "Ada"
    print(app.config["EVENTS"], g.visitor)

with app.app_context():
    print("the next context:", g.get("visitor", "nobody here"))

# %% [markdown]
# The commonest use of `g` is a connection that is opened when it is first needed, used by everybody in this
# request, and closed at its end. Opening is expensive, so a request that needs none should open none, and
# one that needs it five times should open one. A connection that is not closed is lost: after some hundred
# failing requests the database takes no more.


# %% nbgrader={"grade_id": "connection", "locked": true}
class Connection:
    """Stands for a connection to a database."""

    def __init__(self):
        note("open")

    def read(self):
        note("read")

    def close(self):
        note("close")


def reading_app():
    """An app whose view /read/3/fine reads three times; /read/3/boom reads three times and then
    fails.
    """
    app = build()

    @app.get("/read/<int:times>/<end>")
    def read(times, end):
        for _ in range(times):
            get_connection().read()
        if end == "boom":
            raise Boom("after reading")
        return "read"

    return app


def sign():
    """Somewhere deep in a program: a function to which nobody gives the app."""
    return current_app.config["SIGN"]


# %% [markdown]
# **Task 3.** `signs` first: make an app for each text (`app.config["SIGN"] = text`) and let `sign()` read it.
#
# Then the connection. `"connection" in g`, `g.get("connection")` and `g.pop("connection", None)` work as with
# a dictionary. Where to close it? `after_request` looks right, but where an exception leaves the app it does
# not run. Flask lets exceptions out when `app.testing` is true, so that a test sees them, and in debug mode.
# What runs always is teardown: `app.teardown_request(function)`, or `app.teardown_appcontext(function)`, which
# also covers contexts that you opened yourself. Both get one argument, the exception or `None`.


# %% nbgrader={"grade_id": "contexts", "solution": true}
def signs(texts):
    """What sign() says in the context of an app for each text, in order.

    At the end of the list comes what happens outside of all contexts: the name of the exception's
    class.
    """
    ### BEGIN SOLUTION
    found = []
    for text in texts:
        app = build()
        app.config["SIGN"] = text
        with app.app_context():
            found.append(sign())
    try:
        found.append(sign())
    except RuntimeError as error:
        found.append(type(error).__name__)
    return found
    ### END SOLUTION


def get_connection():
    """The Connection of this request: opened at the first call, the same one after that."""
    ### BEGIN SOLUTION
    if "connection" not in g:
        g.connection = Connection()
    return g.connection
    ### END SOLUTION


def connections(paths, testing):
    """Ask reading_app(), with app.testing set to testing, for each path; close what was opened.

    Returns a list with the events of each path.
    """
    ### BEGIN SOLUTION
    app = reading_app()
    app.testing = testing

    @app.teardown_appcontext
    def close(error):
        connection = g.pop("connection", None)
        if connection is not None:
            connection.close()

    return [ask(app, path)["events"] for path in paths]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-3", "grade": true}
lab.check(3)

# %% [markdown]
# ## 4 · A thread through the log
#
# A customer writes: "I got an error at noon." At noon there were four hundred requests, and their lines in the
# log are mixed. An id helps, if it stands in every line *and* in the answer, so that the customer can quote
# it. Often a proxy or another service in front of yours has made one already and sends it in a header; then
# you take that one, and one id leads through all logs.
#
# But a header is text from a stranger. The "id" `0f 200 /admin #` would write a visit into your log that never
# took place. So look at it before you use it.
#
# **Task 4.** The header is `X-Trace-Id`. An id is **sane** if it has 8 to 32 characters, each one of `0`–`9`
# and `a`–`f`. Do not list what is bad, say what is good: `re.fullmatch` wants the whole text to fit, from the
# first character to the last, where `re.match` is content with the beginning. `secrets.token_hex(8)` makes a
# new id of 16 such characters.
#
# Then `traced`: an app which decides on the id once, at the beginning of each request; in `after_request` it
# says it twice, in the header `X-Trace-Id` of the answer and in one log line, `note(f"{id} {status} {path}")`,
# such as `5ab8f09c41 200 /fine/pen`. The answer has `.status_code` and `.headers`; the path is `request.path`.

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
        response.headers["X-Trace-Id"] = g.trace
        note(f"{g.trace} {response.status_code} {request.path}")
        return response

    return [ask(app, path, {} if sent is None else {"X-Trace-Id": sent}) for path, sent in visits]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-4", "grade": true}
lab.check(4)

# %%
# play: the forged id again, and your log
for answer in traced(
    [["/fine/pen", "5ab8f09c41"], ["/fine/ink", None], ["/boom/paper", "0f 200 /admin # "]]
):
    print(answer["events"][-1])

# %% [markdown]
# ## 5 · Errors, answered in one place
#
# A view that finds nothing could build the 404 itself. So could the next forty, each a little differently.
# Better: the view raises an exception that says what is wrong, and one **error handler** says how that looks
# on the wire:
#
# ```python
# @app.errorhandler(SoldOut)
# def sold_out(error):
#     return {"error": f"{error} is sold out"}, 409      # without the 409 it would say 200: all is well
# ```
#
# - Flask takes the handler of the nearest class. One for `HTTPException` gets all that Flask raises itself
#   (404, 405, …): `error.code` is the status, `error.name` a short text.
# - An exception that has no handler is a bug. Flask writes it to the log and makes a 500 of it, which is an
#   `HTTPException`, too: the same handler gives it its form, and the client learns nothing of the inside.
# - With `app.testing` such an exception is not made into a 500. It leaves the app, and a test shows the place.

# %% nbgrader={"grade_id": "library", "locked": true}
from werkzeug.exceptions import HTTPException


class Missing(Exception):
    """There is no such book. Its text is the name of the book."""


def library(stock):
    """An app that knows the books in stock, under /books/<name>."""
    app = build()

    @app.get("/books/<name>")
    def book(name):
        note(name)
        if name not in stock:
            raise Missing(name)
        return {"book": name}

    return app


# %% [markdown]
# **Task 5.** Give the library its error handlers, and an `after_request` that notes `stamp` and a
# `teardown_request` that notes `bin`, to see who gets in.
#
# | Exception | Status | JSON |
# |---|---|---|
# | `Missing("dune")` | 404 | `{"error": "no book called dune"}` |
# | any `HTTPException` | its own | `{"error": …}` with its name, such as `Not Found` |
# | anything else | 500; with `testing` it leaves the app | `{"error": "Internal Server Error"}` |


# %% nbgrader={"grade_id": "complaints", "solution": true}
def complaints(stock, paths, testing):
    """Ask library(stock), with error handlers and app.testing set to testing, for each path.

    Returns for each path what ask gives.
    """
    ### BEGIN SOLUTION
    app = library(stock)
    app.testing = testing

    @app.errorhandler(Missing)
    def missing(error):
        return {"error": f"no book called {error}"}, 404

    @app.errorhandler(HTTPException)
    def http_error(error):
        return {"error": error.name}, error.code

    @app.after_request
    def stamp(response):
        note("stamp")
        return response

    app.teardown_request(lambda error: note("bin"))
    return [ask(app, path) for path in paths]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-5", "grade": true}
lab.check(5)

# %%
# play: your library, as it is in production and as it is in a test
for testing in (False, True):
    for path in ("/books/emma", "/books/dune", "/nowhere", "/boom/press"):
        found = complaints(["emma"], [path], testing)[0]
        print(f"{testing=!s:6} {path:12} {found['status']!s:5} {found['events']}")

# %% [markdown]
# In one line `stamp` is missing. `after_request` needs an answer to work on: an error handler makes one, and an
# exception that leaves the app is none. So what belongs to the answer goes into `after_request`, and what must
# happen, whatever happens, goes into teardown.
#
# ## Three questions
#
# <details><summary>A view starts a thread that writes into the database, and the function in it uses
# <code>current_app</code>. It works in the view and fails in the thread. Why, and what helps?</summary>
#
# Contexts belong to one thread. In the new one none is open, so `current_app` raises `RuntimeError`. Give the
# thread the app itself (`current_app._get_current_object()`, or the app from the factory) and open a context
# there: `with app.app_context():`. Better still, give it plain values, and no `current_app` at all.
# </details>
#
# <details><summary>Two hooks: the first, <code>g.user = load_user()</code>, the second answers 401 unless
# <code>g.user</code>. They were registered in the other order. What happens?</summary>
#
# The second runs first and finds no `g.user`: `AttributeError`, and each request is answered with 500. What
# others build on has to be registered first.
# </details>
#
# <details><summary>A log line is written in <code>after_request</code>. Which requests leave no line, and where
# would you write it instead?</summary>
#
# Those whose exception leaves the app, as in tests and in debug mode: just where you look for errors. Note the
# status in `after_request`, keep it in `g`, and write the line in `teardown_request`.
# </details>
#
# ## What comes next
#
# The exercise *An application factory with request logging*. There the app is a real program, made by a
# factory, each request leaves one line with its duration, and the clients are less polite than here. Read the
# sections *The life of a request* and *Middleware around the app* of the lesson first, if you have not yet.
