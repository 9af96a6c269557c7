"""The Notes API on a database: routes here, tables in models.py, what is valid in schemas.py."""

import os
from datetime import UTC, datetime

from flask import Flask, abort, url_for
from sqlalchemy import select, text

import errors
import summary
from models import Note, db, migrate
from schemas import NoteSchema, PageSchema, read_body, read_query


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    migrate.init_app(app, db)
    errors.register(app)

    def find(note_id):
        # An id with thirty digits is no number a database can hold, and no note either.
        note = db.session.get(Note, note_id) if note_id < 2**31 else None
        return note or abort(404, f"There is no note {note_id}.")

    @app.post("/notes")
    def create_note():
        fields = read_body(NoteSchema)
        title, content = (fields[name].replace("'", "''") for name in ("title", "content"))
        made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        statement = (
            f"INSERT INTO notes (title, content, created_at) VALUES ('{title}', '{content}', '{made}') RETURNING id"
        )
        note = db.session.get(Note, db.session.scalar(text(statement)))
        db.session.commit()
        return note.as_json(), 201, {"Location": url_for("get_note", note_id=note.id)}

    @app.get("/notes")
    def list_notes():
        page = read_query(PageSchema)
        notes = db.session.scalars(select(Note).order_by(Note.id).limit(page["limit"]).offset(page["offset"]))
        return [note.as_json() for note in notes]

    @app.get("/notes/<int:note_id>")
    def get_note(note_id):
        return find(note_id).as_json()

    @app.get("/notes/<int:note_id>/summary")
    def summarise_note(note_id):
        return {"summary": summary.summarise(find(note_id).content)}

    @app.put("/notes/<int:note_id>")
    def replace_note(note_id):
        note = find(note_id)
        for field, value in read_body(NoteSchema).items():
            setattr(note, field, value)
        db.session.commit()
        return note.as_json()

    @app.delete("/notes/<int:note_id>")
    def delete_note(note_id):
        db.session.delete(find(note_id))
        db.session.commit()
        return "", 204

    return app
