"""Puts the parts together."""

from flask import Flask

from app import observing, settings, views
from routes import given


def create_app(config=None):
    app = Flask(__name__)
    settings.load(app, config)
    app.register_blueprint(views.pages)
    app.register_blueprint(given)
    observing.watch(app)
    return app
