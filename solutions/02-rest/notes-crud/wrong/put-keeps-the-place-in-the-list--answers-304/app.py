"""The Notes API in memory: a dictionary, a counter, and one place for errors."""

import itertools
import json

from flask import Flask, abort, request, url_for
from werkzeug.exceptions import HTTPException

app = Flask(__name__)

# A dictionary keeps the order of creation, and next() on a counter is one step that no
# other thread can divide, so neither needs a lock.
notes = {}
ids = itertools.count(1)


@app.post("/notes")
def create_note():
    fields = read_fields()
    note = {"id": next(ids), **fields}
    notes[note["id"]] = note
    return note, 201, {"Location": url_for("get_note", note_id=note["id"])}


@app.get("/notes")
def list_notes():
    return list(notes.values())


@app.get("/notes/<int:note_id>")
def get_note(note_id):
    return find(note_id)


@app.put("/notes/<int:note_id>")
def replace_note(note_id):
    note = {"id": note_id, **read_fields()}
    if find(note_id) == note:
        return "", 304
    notes[note_id] = note
    return note


@app.delete("/notes/<int:note_id>")
def delete_note(note_id):
    find(note_id)
    del notes[note_id]
    return "", 204


def find(note_id):
    if note_id not in notes:
        abort(404, f"There is no note {note_id}.")
    return notes[note_id]


def read_fields():
    """The fields of a note from the body; whatever the client did not send has its default."""
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    title, content = body.get("title"), body.get("content", "")
    if not isinstance(title, str) or not title.strip():
        abort(400, "title must be a string that is not blank.")
    if not isinstance(content, str):
        abort(400, "content must be a string.")
    return {"title": title, "content": content}


@app.errorhandler(HTTPException)
def error_as_json(error):
    # The error's own response carries the headers that belong to it, such as Allow.
    response = error.get_response()
    response.data = json.dumps({"error": error.description})
    response.content_type = "application/json"
    return response
