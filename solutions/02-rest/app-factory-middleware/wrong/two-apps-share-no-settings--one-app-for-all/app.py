"""The greeter: an app, and a function that configures it."""

import os

from flask import Flask

import request_log
from routes import given

DEFAULTS = {"APP_NAME": "greeter", "APP_GREETING": "Hello"}

app = Flask(__name__)
request_log.install(app)
app.register_blueprint(given)


@app.get("/")
def index():
    return {"name": app.config["APP_NAME"], "greeting": app.config["APP_GREETING"]}


def create_app(config=None):
    app.config.update(DEFAULTS)
    app.config.update({key: os.environ[key] for key in DEFAULTS if key in os.environ})
    app.config.update(config or {})
    return app
