"""Accounts: registering, logging in, and finding out who is asking."""

import base64
import hmac
import secrets
from datetime import timedelta
from functools import cache

import bcrypt
from flask import Blueprint, abort
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, verify_jwt_in_request
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from errors import problem
from models import User, db
from schemas import plain_text, read_body

accounts = Blueprint("accounts", __name__, url_prefix="/auth")
jwt = JWTManager()
LIFE = timedelta(minutes=15)
# It never changes: with another one, nobody's password is right.
FOR_PASSWORDS = b"notes: passwords"


class AccountSchema(Schema):
    class Meta:
        unknown = RAISE

    email = fields.Email(required=True, validate=[plain_text, validate.Length(max=254)])
    password = fields.String(required=True, validate=[plain_text, validate.Length(min=10, max=200)])


def init_app(app):
    app.config["JWT_SECRET_KEY"] = secrets.token_hex(32)
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = LIFE
    jwt.init_app(app)
    app.register_blueprint(accounts)


@accounts.post("/register")
def register():
    fields = read_body(AccountSchema)
    user = User(email=fold(fields["email"]), password_hash=hash_password(fields["password"]))
    db.session.add(user)
    try:
        # The unique column decides, not a look before: two may register at the same moment.
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409, "There is an account with this email.")
    return user.as_json(), 201


@accounts.post("/login")
def log_in():
    fields = read_body(AccountSchema)
    user = db.session.scalar(select(User).where(User.email == fold(fields["email"])))
    # Without a user a hash is checked all the same: how long it takes must tell nothing.
    right = check_password(fields["password"], user.password_hash if user else nobody())
    if not user or not right:
        return unauthorized("The email or the password is wrong.")
    token = create_access_token(identity=str(user.id))
    return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE.seconds}


def current_user():
    """Whoever the token says; the request ends with 401 when there is none or it is not good."""
    verify_jwt_in_request()
    user = db.session.get(User, int(get_jwt_identity()))
    return user or abort(unauthorized("This account is gone."))


@jwt.unauthorized_loader
@jwt.invalid_token_loader
def refuse(reason):
    return unauthorized("Log in, and send the token as Authorization: Bearer <token>.")


@jwt.expired_token_loader
def refuse_expired(header, payload):
    return unauthorized("The token has expired. Log in again.")


def unauthorized(detail):
    response = problem(401, detail)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def fold(email):
    return email.casefold()


def hash_password(password):
    return bcrypt.hashpw(whole(password), bcrypt.gensalt(rounds=10)).decode()


def check_password(password, password_hash):
    return bcrypt.checkpw(whole(password), password_hash.encode())


def whole(password):
    # bcrypt reads 72 bytes and ignores the rest; a digest makes all of them count. With a key
    # of its own, digests that somebody else has lost cannot be tried here.
    return base64.b64encode(hmac.digest(FOR_PASSWORDS, password.encode(), "sha256"))


@cache
def nobody():
    return hash_password("nobody's password")
