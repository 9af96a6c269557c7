"""A forgotten password: a link by mail, good once, for half an hour."""

import hashlib
import os
import secrets
import threading
import time

from flask import Blueprint, abort, current_app
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import delete, select

import mailer
from accounts import fold, hash_password
from models import ResetToken, User, db
from schemas import plain_text, read_body

reset = Blueprint("reset", __name__, url_prefix="/auth")


class ForgotSchema(Schema):
    class Meta:
        unknown = RAISE

    email = fields.Email(required=True, validate=[plain_text, validate.Length(max=254)])


class ResetSchema(Schema):
    class Meta:
        unknown = RAISE

    # Of any length: what is no token of ours is not found, and gets the 400 of one that was used.
    token = fields.String(required=True, validate=plain_text)
    password = fields.String(required=True, validate=[plain_text, validate.Length(min=10, max=200)])


def init_app(app):
    app.config["SMTP_URL"] = os.environ["SMTP_URL"]
    # The links' origin is ours to say: the Host header of a request is whatever its sender likes.
    app.config["APP_ORIGIN"] = os.environ.get("APP_ORIGIN", "http://localhost:5000")
    app.config["RESET_TOKEN_SECONDS"] = float(os.environ.get("RESET_TOKEN_SECONDS", 1800))
    app.register_blueprint(reset)


@reset.post("/forgot-password")
def forgot_password():
    email = read_body(ForgotSchema)["email"]
    user = db.session.scalar(select(User).where(User.email == fold(email)))
    if user:
        token = secrets.token_urlsafe(32)
        # One row a user: a newer link puts the older one out of use.
        db.session.execute(delete(ResetToken).where(ResetToken.user_id == user.id))
        expires_at = time.time() + current_app.config["RESET_TOKEN_SECONDS"]
        db.session.add(ResetToken(token_hash=digest(token), user_id=user.id, expires_at=expires_at))
        db.session.commit()
        link = f"{current_app.config['APP_ORIGIN']}/reset-password?token={token}"
        # Not in this request: how long a mail takes would tell who has an account.
        app = current_app._get_current_object()
        threading.Thread(target=deliver, args=(app, user.email, link)).start()
    return {"detail": "If there is an account with this email, a mail is on its way."}, 202


def deliver(app, email, link):
    try:
        mailer.send_reset_link(app.config["SMTP_URL"], email, link)
    except OSError:
        # SMTPException is one, too. The link stays out of the log: it is as good as a password.
        app.logger.exception("a mail with a reset link could not be sent")


@reset.post("/reset-password")
def reset_password():
    fields = read_body(ResetSchema)
    # Found and used up in one statement: of two requests with the same token, one gets the row.
    spent = delete(ResetToken).where(ResetToken.token_hash == digest(fields["token"]))
    row = db.session.execute(spent.returning(ResetToken.user_id, ResetToken.expires_at)).first()
    user_id = row.user_id if row and row.expires_at >= time.time() else logged_in(fields["token"])
    if not user_id:
        db.session.commit()
        abort(400, "This link has been used or is too old. Ask for a new one.")
    user = db.session.get(User, user_id)
    user.password_hash = hash_password(fields["password"])
    user.generation += 1
    db.session.commit()
    return "", 204


def logged_in(token):
    try:
        return int(decode_token(token)["sub"])
    except (JWTExtendedException, PyJWTError):
        return None


def digest(token):
    # A fast hash will do: nobody guesses 256 random bits.
    return hashlib.sha256(token.encode()).hexdigest()
