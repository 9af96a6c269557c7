"""HTTP in front of a Store: class-based views, and a table from exceptions to problems."""

import logging
import os

from flask import Flask, jsonify, request
from flask.views import MethodView
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

import summary
from notes import incoming
from notes.store import NoSuchNote, Store

TYPES = "https://notes.example/problems/"


def body():
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send application/json.")
    return incoming.parse_note(incoming.read_json(request.get_data()))


class View(MethodView):
    def __init__(self, store):
        self.store = store


class NoteList(View):
    def get(self):
        return self.store.page(**incoming.parse_page(request.args))

    def post(self):
        note = self.store.add(body())
        return note, 201, {"Location": f"/notes/{note['id']}"}


class NoteItem(View):
    def get(self, note_id):
        return self.store.get(note_id)

    def put(self, note_id):
        self.store.get(note_id)
        return self.store.replace(note_id, body())

    def delete(self, note_id):
        self.store.remove(note_id)
        return "", 204


class NoteSummary(View):
    def get(self, note_id):
        return {"summary": summary.summarise(self.store.get(note_id)["content"])}


def problem(status, name, detail, **more):
    answer = jsonify(type=TYPES + name, title=name.replace("-", " "), status=status, detail=detail, **more)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer


def of_http(error):
    answer = problem(error.code, error.name.lower().replace(" ", "-"), error.description)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return answer


def of_fields(error):
    errors = [{"field": field, "message": message, "where": request.path} for field, message in error.wrong.items()]
    return problem(422, "invalid-fields", "Some fields have to be different.", errors=errors)


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 65_536
    logging.basicConfig(level=logging.WARNING)
    store = Store(os.environ["DATABASE_URL"])
    for path, name, view in (
        ("/notes", "notes", NoteList),
        ("/notes/<int:note_id>", "note", NoteItem),
        ("/notes/<int:note_id>/summary", "summary", NoteSummary),
    ):
        app.add_url_rule(path, view_func=view.as_view(name, store))
    # An exception that is not in this table becomes Flask's InternalServerError, after Flask has
    # logged it; so the line for HTTPException is the one for what nobody expected, too.
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(incoming.Invalid, of_fields)
    app.register_error_handler(incoming.Unreadable, lambda error: problem(400, "unreadable", str(error)))
    app.register_error_handler(NoSuchNote, lambda error: problem(404, "no-such-note", f"There is no note {error}."))
    return app
