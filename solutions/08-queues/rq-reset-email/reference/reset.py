"""A forgotten password: a link by mail, good once, for half an hour."""

import os
import time

from flask import Blueprint, abort
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import delete, select

from accounts import fold, hash_password
from jobs import digest, order_reset_mail
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
        order_reset_mail(user)
    return {"detail": "If there is an account with this email, a mail is on its way."}, 202


@reset.post("/reset-password")
def reset_password():
    fields = read_body(ResetSchema)
    # Found and used up in one statement: of two requests with the same token, one gets the row.
    spent = delete(ResetToken).where(ResetToken.token_hash == digest(fields["token"]))
    row = db.session.execute(spent.returning(ResetToken.user_id, ResetToken.expires_at)).first()
    if not row or row.expires_at < time.time():
        db.session.commit()
        abort(400, "This link has been used or is too old. Ask for a new one.")
    user = db.session.get(User, row.user_id)
    user.password_hash = hash_password(fields["password"])
    user.generation += 1
    db.session.commit()
    return "", 204
