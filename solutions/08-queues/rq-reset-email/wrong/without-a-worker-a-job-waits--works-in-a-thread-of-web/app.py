"""The Notes API with owners: routes here, accounts in accounts.py, tables in models.py."""

import os

from flask import Flask, abort, url_for
from sqlalchemy import select

import accounts
import errors
import jobs
import reset
import summary
from accounts import current_user
from models import Note, db, migrate
from schemas import NoteSchema, PageSchema, read_body, read_query


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    migrate.init_app(app, db)
    errors.register(app)
    accounts.init_app(app)
    reset.init_app(app)
    jobs.init_app(app)

    def find(user, note_id):
        # Whose it is belongs to the question: a stranger's note and none at all look the same.
        note = db.session.get(Note, note_id) if note_id < 2**31 else None
        return note if note and note.user_id == user.id else abort(404, f"There is no note {note_id}.")

    @app.post("/notes")
    def create_note():
        note = Note(user_id=current_user().id, **read_body(NoteSchema))
        db.session.add(note)
        db.session.commit()
        return note.as_json(), 201, {"Location": url_for("get_note", note_id=note.id)}

    @app.get("/notes")
    def list_notes():
        user, page = current_user(), read_query(PageSchema)
        mine = select(Note).where(Note.user_id == user.id).order_by(Note.id)
        return [note.as_json() for note in db.session.scalars(mine.limit(page["limit"]).offset(page["offset"]))]

    @app.get("/notes/<int:note_id>")
    def get_note(note_id):
        return find(current_user(), note_id).as_json()

    @app.get("/notes/<int:note_id>/summary")
    def summarise_note(note_id):
        return {"summary": summary.summarise(find(current_user(), note_id).content)}

    @app.put("/notes/<int:note_id>")
    def replace_note(note_id):
        note = find(current_user(), note_id)
        for field, value in read_body(NoteSchema).items():
            setattr(note, field, value)
        db.session.commit()
        return note.as_json()

    @app.delete("/notes/<int:note_id>")
    def delete_note(note_id):
        db.session.delete(find(current_user(), note_id))
        db.session.commit()
        return "", 204

    return app
