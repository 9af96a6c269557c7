"""The Notes API as a package: tables, incoming data, people, notes, and errors."""

import os

from flask import Flask

from notes import errors, people, routes, tables


def create_app():
    app = Flask("notes")
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        SECRET_KEY=os.environ["SECRET_KEY"],
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    )
    tables.db.init_app(app)
    tables.migrate.init_app(app, tables.db, directory="migrations")
    errors.register(app)
    app.register_blueprint(people.doors)
    # The guard stands before the whole blueprint: a route that is added later is behind it, too.
    routes.notes.before_request(people.guard)
    app.register_blueprint(routes.notes)
    return app
