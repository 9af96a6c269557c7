"""The Notes API with a cache: routes here, the cache of lists in cache.py."""

import os

from flask import Flask, Response, abort, url_for
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

    def commit(user):
        # Before it, so that nobody is shown a list that is about to be wrong.
        cache.forget(user.id)
        db.session.commit()

    @app.post("/notes")
    def create_note():
        user = current_user()
        note = Note(user_id=user.id, **read_body(NoteSchema))
        db.session.add(note)
        commit(user)
        return note.as_json(), 201, {"Location": url_for("get_note", note_id=note.id)}

    @app.get("/notes")
    def list_notes():
        user_id, page = current_user().id, read_query(PageSchema)

        def load():
            mine = select(Note).where(Note.user_id == user_id).order_by(Note.id)
            notes = db.session.scalars(mine.limit(page["limit"]).offset(page["offset"]))
            return app.json.dumps([note.as_json() for note in notes])

        # Whoever waits for another's list needs no connection to the database meanwhile.
        db.session.close()
        text = cache.find(user_id, f"{page['limit']}:{page['offset']}", load)
        return Response(text, content_type="application/json")

    @app.get("/notes/<int:note_id>")
    def get_note(note_id):
        return find(current_user(), note_id).as_json()

    @app.get("/notes/<int:note_id>/summary")
    def summarise_note(note_id):
        return {"summary": summary.summarise(find(current_user(), note_id).content)}

    @app.put("/notes/<int:note_id>")
    def replace_note(note_id):
        user = current_user()
        note = find(user, note_id)
        for field, value in read_body(NoteSchema).items():
            setattr(note, field, value)
        commit(user)
        return note.as_json()

    @app.delete("/notes/<int:note_id>")
    def delete_note(note_id):
        user = current_user()
        db.session.delete(find(user, note_id))
        commit(user)
        return "", 204

    return app
