"""A forgotten password. The request only says "yes"; who it was and whether there is anybody is found out behind it."""

import hashlib
import os
import secrets
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from notes.incoming import FORGOT, RESET, body
from notes.people import hasher
from notes.tables import db, people, resets, row, write

blueprint = Blueprint("resets", __name__, url_prefix="/auth")
workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail")


def init_app(app):
    app.config["SMTP_URL"] = os.environ["SMTP_URL"]
    app.config["APP_ORIGIN"] = os.environ.get("APP_ORIGIN", "http://localhost:5000")
    app.config["RESET_TOKEN_SECONDS"] = int(os.environ.get("RESET_TOKEN_SECONDS", "1800"))
    app.register_blueprint(blueprint)


@blueprint.post("/forgot-password")
def forgot():
    workers.submit(send_link, current_app._get_current_object(), body(FORGOT)["email"])
    return {"message": "Look into your mailbox, if you have an account here."}, 202


def send_link(app, email):
    with app.app_context():
        try:
            person = row(select(people).where(people.c.mail == email))
            if person:
                deliver(app.config, person["mail"], new_token(app.config, person))
        except Exception:
            app.logger.exception("no link could be sent")


def new_token(config, person):
    token = secrets.token_urlsafe(24)
    values = {"digest": digest(token), "ends": int(time.time()) + config["RESET_TOKEN_SECONDS"]}
    new = insert(resets).values(person=person["id"], **values)
    write(new.on_conflict_do_update(index_elements=[resets.c.person], set_=values))
    return token


def deliver(config, address, token):
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "notes@example.org", address, "A new password for your notes"
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="example.org")
    letter.set_content(f"Hello,\n\n<{config['APP_ORIGIN']}/reset-password?token={token}>\n\nYour notes")
    server = urlsplit(config["SMTP_URL"])
    with smtplib.SMTP(server.hostname, server.port or 25, timeout=20) as connection:
        connection.send_message(letter)


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
