"""The Notes API with a cache: routes here, and in cache.py how an answer is kept."""

import os

from flask import Flask, abort, url_for
from sqlalchemy import select

import accounts
import cache
import errors
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

    def find(user, note_id):
        # Whose it is belongs to the question: a stranger's note and none at all look the same.
        note = db.session.get(Note, note_id) if note_id < 2**31 else None
        return note if note and note.user_id == user.id else abort(404, f"There is no note {note_id}.")

    def commit(user_id):
        db.session.commit()
        cache.changed(user_id)

    @app.post("/notes")
    def create_note():
        user_id = current_user().id
        note = Note(user_id=user_id, **read_body(NoteSchema))
        db.session.add(note)
        commit(user_id)
        return note.as_json(), 201, {"Location": url_for("get_note", note_id=note.id)}

    @app.get("/notes")
    def list_notes():
        user_id, page = current_user().id, read_query(PageSchema)
        db.session.close()
        return notes_of(user_id, (page["limit"], page["offset"]))

    @cache.kept
    def notes_of(user_id, query):
        limit, offset = query
        mine = select(Note).where(Note.user_id == user_id).order_by(Note.id).limit(limit).offset(offset)
        return [note.as_json() for note in db.session.scalars(mine)]

    @app.get("/notes/<int:note_id>")
    def get_note(note_id):
        return find(current_user(), note_id).as_json()

    @app.get("/notes/<int:note_id>/summary")
    def summarise_note(note_id):
        return {"summary": summary.summarise(find(current_user(), note_id).content)}

    @app.put("/notes/<int:note_id>")
    def replace_note(note_id):
        user = current_user()
        note, user_id = find(user, note_id), user.id
        for field, value in read_body(NoteSchema).items():
            setattr(note, field, value)
        commit(user_id)
        return note.as_json()

    @app.delete("/notes/<int:note_id>")
    def delete_note(note_id):
        user = current_user()
        user_id = user.id
        db.session.delete(find(user, note_id))
        commit(user_id)
        return "", 204

    return app
