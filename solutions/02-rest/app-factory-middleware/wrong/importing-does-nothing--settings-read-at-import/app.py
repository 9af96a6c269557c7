"""The greeter: a function that builds an app, and nothing that happens before it is called."""

import os

from flask import Flask

import request_log
from routes import given

APP_NAME = os.environ.get("APP_NAME", "greeter")
APP_GREETING = os.environ.get("APP_GREETING", "Hello")


def create_app(config=None):
    app = Flask(__name__)
    app.config.update(APP_NAME=APP_NAME, APP_GREETING=APP_GREETING)
    app.config.update(config or {})

    request_log.install(app)
    app.register_blueprint(given)

    @app.get("/")
    def index():
        return {"name": app.config["APP_NAME"], "greeting": app.config["APP_GREETING"]}

    return app
