"""HTTP in front of a Store: class-based views, marshmallow for the body."""

from flask import Flask, jsonify, request
from flask.views import MethodView
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.exceptions import BadRequest, HTTPException

from notes.store import NoSuchNote, Store


class NoteBody(Schema):
    class Meta:
        unknown = EXCLUDE

    title = fields.String(required=True, validate=validate.Regexp(r"(?s).*\S"))
    content = fields.String(load_default="")


def body():
    try:
        return NoteBody().load(request.get_json())
    except ValidationError as error:
        raise BadRequest(f"Not a note: {error.normalized_messages()}") from error


class NoteList(MethodView):
    def __init__(self, store):
        self.store = store

    def get(self):
        return self.store.all()

    def post(self):
        note = self.store.add(**body())
        return note, 201, {"Location": f"/notes/{note['id']}"}


class NoteItem(MethodView):
    def __init__(self, store):
        self.store = store

    def get(self, note_id):
        return self.store.get(note_id)

    def put(self, note_id):
        self.store.get(note_id)
        return self.store.replace(note_id, **body())

    def delete(self, note_id):
        self.store.remove(note_id)
        return "", 204


def create_app():
    app = Flask(__name__)
    store = Store()
    app.add_url_rule("/notes", view_func=NoteList.as_view("notes", store))
    app.add_url_rule("/notes/<int:note_id>", view_func=NoteItem.as_view("note", store))

    @app.errorhandler(HTTPException)
    def http_error(error):
        headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
        return jsonify(error=error.description), error.code, headers

    @app.errorhandler(NoSuchNote)
    def no_such_note(error):
        return jsonify(error=f"no note {error}"), 404

    return app
