"""The greeter: a function that builds an app, and nothing that happens before it is called."""

from flask import Flask

import request_log
from routes import given

DEFAULTS = {"APP_NAME": "greeter", "APP_GREETING": "Hello"}


def create_app(config=None):
    app = Flask(__name__)
    # Each update wins over the one before.
    app.config.update(DEFAULTS)
    app.config.from_prefixed_env()
    app.config.update(config or {})

    request_log.install(app)
    app.register_blueprint(given)

    @app.get("/")
    def index():
        return {"name": app.config["APP_NAME"], "greeting": app.config["APP_GREETING"]}

    return app
