"""The greeter, with its request log wrapped around the whole app as WSGI middleware."""

import logging
import os
import secrets
import string
import sys
import time

from flask import Blueprint, Flask, current_app, jsonify

import routes

ALLOWED = frozenset(string.ascii_letters + string.digits + "-_.")
# What may stand in the path of a log line as it is; everything else is percent-encoded.
PLAIN = frozenset(string.ascii_letters + string.digits + "-_.~/").union("!$&'()*+,;:@")

root = Blueprint("root", __name__)


@root.route("/", methods=["GET"])
def index():
    settings = current_app.config
    return jsonify(name=settings["APP_NAME"], greeting=settings["APP_GREETING"])


def create_app(config=None):
    app = Flask("greeter")
    app.config.from_mapping(
        APP_NAME=os.environ.get("APP_NAME", "greeter"),
        APP_GREETING=os.environ.get("APP_GREETING", "Hello"),
    )
    app.config.from_mapping(config)
    for blueprint in (root, routes.given):
        app.register_blueprint(blueprint)
    app.wsgi_app = RequestLog(app.wsgi_app)
    return app


class RequestLog:
    """Knows nothing of Flask: it would do the same around any WSGI application."""

    def __init__(self, application):
        self.application = application
        self.logger = logging.getLogger("greeter.requests")
        self.logger.setLevel(logging.INFO)
        self.logger.propagate = False
        # Loggers belong to the process, not to the app: the second app finds the handler there.
        if not self.logger.handlers:
            self.logger.addHandler(logging.StreamHandler(sys.stdout))

    def __call__(self, environ, start_response):
        begun = time.monotonic_ns()
        request_id = acceptable(environ.get("HTTP_X_REQUEST_ID", "")) or secrets.token_hex(8)
        status = "500"

        def start(line, headers, exc_info=None):
            nonlocal status
            status = line.partition(" ")[0]
            headers = [(name, value) for name, value in headers if name.lower() != "x-request-id"]
            return start_response(line, [*headers, ("X-Request-ID", request_id)], exc_info)

        try:
            return self.application(environ, start)
        except BaseException:
            status = "500"
            raise
        finally:
            self.logger.info(
                "request method=%s path=%s status=%s ms=%.3f id=%s",
                environ["REQUEST_METHOD"],
                encoded(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")),
                status,
                (time.monotonic_ns() - begun) / 1_000_000,
                request_id,
            )


def acceptable(sent):
    return sent if len(sent) <= 64 and ALLOWED.issuperset(sent) else ""


def encoded(path):
    """WSGI hands over the bytes of the path as characters from 0 to 255."""
    return "".join(character if character in PLAIN else f"%{ord(character):02X}" for character in path)
