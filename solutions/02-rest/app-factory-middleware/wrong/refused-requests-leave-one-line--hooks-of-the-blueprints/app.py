"""The greeter: a function that builds an app, and nothing that happens before it is called."""

import os

from flask import Blueprint, Flask

import request_log
from routes import given

DEFAULTS = {"APP_NAME": "greeter", "APP_GREETING": "Hello"}


def create_app(config=None):
    app = Flask(__name__)
    # Each update wins over the one before.
    app.config.update(DEFAULTS)
    app.config.update({key: os.environ[key] for key in DEFAULTS if key in os.environ})
    app.config.update(config or {})

    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def index():
        return {"name": app.config["APP_NAME"], "greeting": app.config["APP_GREETING"]}

    # The hooks go where the views are. They are put on a blueprint of their own around
    # the given one, which is not ours to change.
    logged = Blueprint("logged", __name__)
    request_log.install(logged)
    logged.register_blueprint(pages)
    logged.register_blueprint(given)
    app.register_blueprint(logged)
    return app
