"""Three routes that come with the exercise. Register them; change nothing here.

Each has a name in its path so that one request can be told from another in the log.
"""

import time

from flask import Blueprint, request

given = Blueprint("given", __name__)


@given.get("/hello/<name>")
def hello(name):
    return {"hello": name}


@given.get("/slow/<name>")
def slow(name):
    """Take ``?ms=50`` milliseconds, at most 2,000, to answer."""
    ms = min(request.args.get("ms", 50, type=int), 2000)
    time.sleep(max(ms, 0) / 1000)
    return {"slow": name, "slept": ms}


@given.get("/boom/<name>")
def boom(name):
    raise RuntimeError(f"{name} went wrong, as it should")
