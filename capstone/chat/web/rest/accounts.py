"""Accounts and profiles."""

from __future__ import annotations

from typing import Any

from flask import request

from chat.domain.views import private_view, public_view
from chat.services.accounts import Pair
from chat.web import answers, bodies
from chat.web.current import services
from chat.web.routes import Routes, ask_for_token, session

RATE = "20 per minute"
auth = Routes("auth", prefix="/api/v1/auth", public=True, description="Who somebody is.")
user = Routes("user", prefix="/api/v1/user", description="Profiles.")


@auth.before_request
def limit() -> None:
    """Guessing passwords takes many tries; what an address may is little."""
    if request.endpoint != "auth.log_out":
        services().limits.hit("auth", request.remote_addr or "", RATE)


@auth.post("/register")
@auth.doc(security=[])
@auth.arguments(bodies.Register)
@auth.response(201, answers.LoggedIn)
@auth.alt_response(409, schema=answers.Error)
def register(body: dict[str, Any]) -> dict[str, Any]:
    """Make an account."""
    person, pair = services().accounts.register(**body)
    return {"user": private_view(person), **_tokens(pair)}


@auth.post("/login")
@auth.doc(security=[])
@auth.arguments(bodies.LogIn)
@auth.response(200, answers.LoggedIn)
@auth.alt_response(401, schema=answers.Error)
def log_in(body: dict[str, Any]) -> dict[str, Any]:
    """Get tokens for an account."""
    person, pair = services().accounts.log_in(**body)
    return {"user": private_view(person), **_tokens(pair)}


@auth.post("/refresh")
@auth.doc(security=[])
@auth.arguments(bodies.Refresh)
@auth.response(200, answers.Tokens)
@auth.alt_response(401, schema=answers.Error)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Change a refresh token into a new pair, once."""
    return _tokens(services().accounts.refresh(body["refreshToken"]))


@auth.post("/logout")
@auth.arguments(bodies.LogOut)
@auth.response(204)
def log_out(body: dict[str, Any]) -> tuple[str, int]:
    """Block the access token, and the login of the refresh token."""
    ask_for_token()
    services().accounts.log_out(session(), body.get("refreshToken"))
    return "", 204


@user.get("/me")
@user.response(200, answers.PrivateUser)
def me() -> dict[str, Any]:
    """Your own profile."""
    return private_view(session().user)


@user.put("/profile")
@user.arguments(bodies.Profile)
@user.response(200, answers.PrivateUser)
def update(body: dict[str, Any]) -> dict[str, Any]:
    """Change what is sent of your profile."""
    return private_view(services().people.update(session().user, body))


@user.get("")
@user.arguments(bodies.SomeUsers, location="query")
@user.response(200, answers.Users)
def some(wanted: dict[str, Any]) -> dict[str, Any]:
    """The public profiles of some people; whoever is not there is left out."""
    return {"users": [public_view(person) for person in services().people.some(wanted["ids"])]}


@user.get("/<name:name>")
@user.response(200, answers.PublicUser)
@user.alt_response(404, schema=answers.Error)
def named(name: str) -> dict[str, Any]:
    """Somebody's public profile, by id or by username."""
    return public_view(services().people.named(name))


def _tokens(pair: Pair) -> dict[str, Any]:
    return {"accessToken": pair.access, "refreshToken": pair.refresh, "expiresIn": pair.seconds}
