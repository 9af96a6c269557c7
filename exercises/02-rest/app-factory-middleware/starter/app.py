"""The greeter. The contract and the tasks are in README.md (grader show app-factory-middleware)."""

from flask import Flask


def create_app(config=None):
    app = Flask(__name__)

    # Task 1 starts here: the two settings, and the routes of routes.py.

    @app.get("/")
    def index():
        return {"name": "nobody yet", "greeting": "..."}

    return app
