"""The Notes API: routes only; what is valid stands in schemas.py, how it fails in errors.py."""

import itertools

from flask import Flask, abort, url_for

import errors
import summary
from schemas import NoteSchema, PageSchema, read_body, read_query


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    errors.register(app)
    notes, ids = {}, itertools.count(1)

    def find(note_id):
        if note_id not in notes:
            abort(404, f"There is no note {note_id}.")
        return notes[note_id]

    @app.post("/notes")
    def create_note():
        note = {"id": next(ids), **read_body(NoteSchema)}
        notes[note["id"]] = note
        return note, 201, {"Location": url_for("get_note", note_id=note["id"])}

    @app.get("/notes")
    def list_notes():
        page = read_query(PageSchema)
        return list(notes.values())[page["offset"] :][: page["limit"]]

    @app.get("/notes/<int:note_id>")
    def get_note(note_id):
        return find(note_id)

    @app.get("/notes/<int:note_id>/summary")
    def summarise_note(note_id):
        return {"summary": summary.summarise(find(note_id)["content"])}

    @app.put("/notes/<int:note_id>")
    def replace_note(note_id):
        find(note_id)
        notes[note_id] = {"id": note_id, **read_body(NoteSchema)}
        return notes[note_id]

    @app.delete("/notes/<int:note_id>")
    def delete_note(note_id):
        find(note_id)
        del notes[note_id]
        return "", 204

    return app
