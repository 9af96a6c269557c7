"""A forgotten password. The request leaves a note with the id of whoever it was; the rest is the worker's (post.py)."""

import hashlib
import os
import secrets
import time

from flask import Blueprint, abort
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from notes.incoming import FORGOT, RESET, body
from notes.people import hasher
from notes.post import mail_link
from notes.tables import db, people, resets, row, write

blueprint = Blueprint("resets", __name__, url_prefix="/auth")


def init_app(app):
    app.config["SMTP_URL"] = os.environ["SMTP_URL"]
    app.config["APP_ORIGIN"] = os.environ.get("APP_ORIGIN", "http://localhost:5000")
    app.config["RESET_TOKEN_SECONDS"] = int(os.environ.get("RESET_TOKEN_SECONDS", "1800"))
    app.register_blueprint(blueprint)


@blueprint.post("/forgot-password")
def forgot():
    person = row(select(people).where(people.c.mail == body(FORGOT)["email"]))
    if person:
        mail_link.enqueue(person["id"])
    return {"message": "Look into your mailbox, if you have an account here."}, 202


def new_token(config, person):
    token = secrets.token_urlsafe(24)
    values = {"digest": digest(token), "ends": int(time.time()) + config["RESET_TOKEN_SECONDS"]}
    new = insert(resets).values(person=person["id"], **values)
    write(new.on_conflict_do_update(index_elements=[resets.c.person], set_=values))
    return token


@blueprint.post("/reset-password")
def set_password():
    sent = body(RESET)
    secret = hasher.hash(sent["password"])
    spent = delete(resets).where(resets.c.digest == digest(sent["token"]), resets.c.ends > time.time())
    found = db.session.execute(spent.returning(resets.c.person)).first()
    if found is None:
        db.session.rollback()
        abort(400, "This link is good for nothing any more.")
    write(update(people).where(people.c.id == found.person).values(secret=secret))
    return "", 204


def digest(token):
    return hashlib.sha512(token.encode()).digest()
