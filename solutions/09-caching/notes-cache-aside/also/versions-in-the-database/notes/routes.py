"""The notes. Every statement asks for the person as well as for the note; lists are kept for a while (kept.py)."""

from datetime import UTC

from flask import Blueprint, Response, abort, current_app, g, url_for
from sqlalchemy import delete, insert, select, update

from notes import incoming, kept
from notes.tables import notes as table
from notes.tables import db, row, rows, write
from summary import summarise

notes = Blueprint("notes", __name__, url_prefix="/notes")


def mine(note_id=None):
    conditions = [table.c.person == g.person["id"]]
    return [*conditions, table.c.id == note_id] if note_id is not None else conditions


def shown(note):
    at = note["created_at"]
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return {name: note[name] for name in ("id", "title", "content")} | {"created_at": at.isoformat()}


def found(note_id):
    # Thirty digits are no number for a database.
    note = row(select(table).where(*mine(note_id))) if note_id < 2**31 else None
    return note if note else abort(404, f"You have no note {note_id}.")


@notes.post("")
def create():
    new = insert(table).values(person=g.person["id"], **incoming.body(incoming.NOTE, content="")).returning(table)
    note = write(new, g.person["id"])
    return shown(note), 201, {"Location": url_for("notes.show", note_id=note["id"])}


@notes.get("")
def show_all():
    page = incoming.page()
    limit, offset = page.get("limit"), page.get("offset", 0)

    def load():
        listed = select(table).where(*mine()).order_by(table.c.id)
        return current_app.json.dumps([shown(note) for note in rows(listed.limit(limit).offset(offset))])

    # The guard has read the revision before the list is read, never after it.
    key = f"{g.person['id']}/{g.person['revision']}/{limit}/{offset}"
    db.session.rollback()
    return Response(kept.text(key, load), mimetype="application/json")


@notes.get("/<int:note_id>")
def show(note_id):
    return shown(found(note_id))


@notes.get("/<int:note_id>/summary")
def show_summary(note_id):
    return {"summary": summarise(found(note_id)["content"])}


@notes.put("/<int:note_id>")
def replace(note_id):
    found(note_id)
    new = update(table).where(*mine(note_id)).values(incoming.body(incoming.NOTE, content="")).returning(table)
    return shown(write(new, g.person["id"]) or abort(404, f"You have no note {note_id}."))


@notes.delete("/<int:note_id>")
def remove(note_id):
    found(note_id)
    write(delete(table).where(*mine(note_id)), g.person["id"])
    return "", 204
