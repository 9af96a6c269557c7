"""The Notes API in memory: a list, a counter, and one place for errors."""

import json
import time

from flask import Flask, abort, request, url_for
from werkzeug.exceptions import HTTPException

app = Flask(__name__)

notes = []
next_id = 1


@app.post("/notes")
def create_note():
    global next_id
    note = {"id": next_id, **read_fields()}
    write_audit_line("created", note)
    notes.append(note)
    next_id = note["id"] + 1
    return note, 201, {"Location": url_for("get_note", note_id=note["id"])}


@app.get("/notes")
def list_notes():
    return notes


@app.get("/notes/<int:note_id>")
def get_note(note_id):
    return find(note_id)


@app.put("/notes/<int:note_id>")
def replace_note(note_id):
    note = find(note_id)
    note.update(read_fields())
    return note


@app.delete("/notes/<int:note_id>")
def delete_note(note_id):
    notes.remove(find(note_id))
    return "", 204


def find(note_id):
    for note in notes:
        if note["id"] == note_id:
            return note
    abort(404, f"There is no note {note_id}.")


def write_audit_line(what, note):
    print(what, note["id"], flush=True)
    time.sleep(0.01)  # the disk the audit file is on


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
