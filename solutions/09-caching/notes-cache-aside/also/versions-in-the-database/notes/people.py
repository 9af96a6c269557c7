"""Who somebody is: accounts with Argon2id, tokens with PyJWT, and the guard in front of the notes."""

import time

import jwt
from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError
from flask import Blueprint, abort, current_app, g, request
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from notes.errors import Unauthorized
from notes.incoming import ACCOUNT, body
from notes.tables import db, people, row, write

doors = Blueprint("doors", __name__, url_prefix="/auth")
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
# Somebody to check a password against when there is nobody.
NOBODY = hasher.hash("there is no such person")
SECONDS = 600


@doors.post("/register")
def register():
    sent = body(ACCOUNT)
    new = insert(people).values(mail=sent["email"], secret=hasher.hash(sent["password"])).returning(people.c.id)
    try:
        person = write(new)
    except IntegrityError:
        db.session.rollback()
        abort(409, "This email has an account already.")
    return {"id": person["id"], "email": sent["email"]}, 201


@doors.post("/login")
def log_in():
    sent = body(ACCOUNT)
    person = row(select(people).where(people.c.mail == sent["email"]))
    try:
        hasher.verify(person["secret"] if person else NOBODY, sent["password"])
    except VerificationError:
        person = None
    if person is None:
        raise Unauthorized("This email and this password do not belong together.")
    now = int(time.time())
    claims = {"sub": str(person["id"]), "iat": now, "exp": now + SECONDS, "aud": "notes", "use": "access"}
    token = jwt.encode(claims, current_app.config["SECRET_KEY"], algorithm="HS256")
    return {"access_token": token, "token_type": "bearer", "expires_in": SECONDS}


def guard():
    """Before every route of the notes: find out who is asking, or end here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    required = {"require": ["sub", "exp", "aud", "use"]}
    try:
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError
        key = current_app.config["SECRET_KEY"]
        claims = jwt.decode(token.strip(), key, algorithms=["HS256"], audience="notes", options=required)
    except jwt.InvalidTokenError:
        raise Unauthorized("A good token is needed here.") from None
    person = row(select(people).where(people.c.id == int(claims["sub"])))
    if person is None or claims["use"] != "access":
        raise Unauthorized("A good token is needed here.")
    g.person = person
