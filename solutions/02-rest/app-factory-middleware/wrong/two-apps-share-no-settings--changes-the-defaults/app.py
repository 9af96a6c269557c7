"""The greeter: a function that builds an app, and nothing that happens before it is called."""

import os

from flask import Flask

import request_log
from routes import given

DEFAULTS = {"APP_NAME": "greeter", "APP_GREETING": "Hello"}


def create_app(config=None):
    app = Flask(__name__)
    settings = DEFAULTS
    settings.update({key: os.environ[key] for key in DEFAULTS if key in os.environ})
    settings.update(config or {})
    app.config.update(settings)

    request_log.install(app)
    app.register_blueprint(given)

    @app.get("/")
    def index():
        return {"name": app.config["APP_NAME"], "greeting": app.config["APP_GREETING"]}

    return app
