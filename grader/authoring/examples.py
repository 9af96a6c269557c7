"""The two examples a new exercise begins with, a program and a module of functions, as templates.

Knows nothing of the files around them. In each, the reference and the other style pass the
check, the starter and the wrong solution fail it; ``$name`` is filled in by ``templates``.
"""

from __future__ import annotations

from dataclasses import dataclass

_WEB_CONTRACT = """\
| Route | Answer |
|---|---|
| `GET /hello?name=Ada` | `200` and the object `{"hello": "Ada"}` |

Your program is started by the line `web:` of your `Procfile` and listens on the port in
the environment variable `PORT`."""
_WEB_CHECKS = '''\
"""What the program must do, seen by a client."""

import pytest

# [[FILL: the real checks; this one is an example]]


@pytest.mark.task(1)
def test_greets_whoever_is_named(http, rng):
    """$sentence."""
    name = rng.word()
    answer = http.get("/hello", params={"name": name})
    assert answer.status_code == 200
    assert answer.object == {"hello": name}
'''
_WEB_STARTER = '''\
"""$title. The contract and the tasks are in README.md (grader show $id)."""

from flask import Flask

app = Flask(__name__)

# [[FILL: as much as a beginner needs to begin; it runs, and it fails]]
# Task 1 starts here.
'''
_WEB_REFERENCE = '''\
"""$title: the authors' solution."""

from flask import Flask, request

app = Flask(__name__)


# [[FILL: the solution; this one solves the example]]
@app.get("/hello")
def hello():
    return {"hello": request.args["name"]}
'''
_WEB_ALSO = '''\
"""The same contract in another style: an application factory."""

from flask import Flask, jsonify, request


# [[FILL: a right answer that is written differently; this one solves the example]]
def create_app():
    app = Flask(__name__)
    app.add_url_rule("/hello", view_func=lambda: jsonify(hello=request.args.get("name")))
    return app
'''
_WEB_WRONG = '''\
"""Wrong on purpose: see WRONG.md."""

from flask import Flask

app = Flask(__name__)


@app.get("/hello")
def hello():
    return {"hello": "Ada"}
'''

_CALL_CONTRACT = """\
The module `functions.py` holds

- `greeting(name)`: for `"Ada"` it returns `"Hello, Ada!"`."""
_CALL_CHECKS = '''\
"""What the functions must return, whatever they are given."""

import pytest

# [[FILL: the real checks; this one is an example]]


@pytest.mark.task(1)
def test_greets_whoever_is_named(call, rng):
    """$sentence."""
    name = rng.word()
    assert call("functions:greeting", name) == f"Hello, {name}!"
'''
_CALL_STARTER = '''\
"""$title. The contract and the tasks are in README.md (grader show $id)."""

# [[FILL: as much as a beginner needs to begin; it runs, and it fails]]


def greeting(name):
    """A greeting for whoever is named. Task 1 starts here."""
'''
_CALL_REFERENCE = '''\
"""$title: the authors' solution."""


# [[FILL: the solution; this one solves the example]]
def greeting(name):
    return f"Hello, {name}!"
'''
_CALL_ALSO = '''\
"""The same contract in another style."""

# [[FILL: a right answer that is written differently; this one solves the example]]
greeting = "Hello, {}!".format
'''
_CALL_WRONG = '''\
"""Wrong on purpose: see WRONG.md."""


def greeting(name):
    return "Hello, Ada!"
'''


@dataclass(frozen=True)
class Example:
    """A task of one check. ``module`` names the file that solves it; ``words`` fill the page.

    With ``procfile``, a line of the Procfile starts it.
    """

    module: str
    procfile: str
    checks: str
    starter: str
    reference: str
    also: str
    wrong: str
    words: dict[str, str]


PROGRAM = Example(
    "app.py",
    "web: flask --app app run --port $$PORT\n",
    _WEB_CHECKS,
    _WEB_STARTER,
    _WEB_REFERENCE,
    _WEB_ALSO,
    _WEB_WRONG,
    {
        "submit": '["**/*.py", "Procfile", "*.js", "package.json"]',
        "contract": _WEB_CONTRACT,
        "task": "`GET /hello` greets whoever is named in the query.",
        "judged": "Your program is started and spoken to over HTTP, as any client would. One bullet is one check:",
        "sentence": "GET /hello greets whoever is named",
    },
)
FUNCTIONS = Example(
    "functions.py",
    "",
    _CALL_CHECKS,
    _CALL_STARTER,
    _CALL_REFERENCE,
    _CALL_ALSO,
    _CALL_WRONG,
    {
        "submit": '["*.py"]',
        "contract": _CALL_CONTRACT,
        "task": "`greeting` greets whoever is named.",
        "judged": "Your functions are called with arguments that are random in every run. One bullet is one check:",
        "sentence": "greeting(name) greets whoever is named",
    },
)
