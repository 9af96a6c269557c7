"""The shape of every body, query and payload that comes in; also what the documents are made of."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from chat.web.fields import Body, Count, Id, Opaque, QueryCount, Text, is_id

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+")


def _email(value: str) -> None:
    if not _EMAIL.fullmatch(value) or not value.isprintable():
        raise ValidationError("This is no email address.")


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), name)


class Register(Body):
    """A new account."""

    email = Text(required=True, most=254, validate=[_email])
    # A route is called "profile", beside which people are found by their names.
    username = Text(
        required=True, most=30, validate=[validate.Regexp(r"^[a-z0-9_]{3,30}\Z"), validate.NoneOf(["profile"])]
    )
    password = Text(required=True, least=10, most=200)
    name = Text(least=1, most=60, blank=False)


class LogIn(Body):
    """Who says they are whom."""

    email = Text(required=True, most=254)
    password = Text(required=True, most=200)


class Refresh(Body):
    """A refresh token."""

    refreshToken = Text(required=True, most=2000)


class LogOut(Body):
    """The refresh token of the login that ends, if all of it does."""

    refreshToken = Text(most=2000)


class Profile(Body):
    """What of a profile is changed."""

    name = Text(least=1, most=60, blank=False)
    about = Text(most=200)
    avatar = Id(allow_none=True)
    contacts = fields.List(Id(), validate=validate.Length(max=500))


class SomeUsers(Body):
    """Ids, with commas between them."""

    ids = Text(required=True, least=1, most=500)

    @post_load
    def split(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As a list of distinct ones."""
        ids = list(dict.fromkeys(data["ids"].split(",")))
        if len(ids) > 20 or not all(map(is_id, ids)):
            raise ValidationError("Up to twenty ids, with commas between them.", "ids")
        return {"ids": ids}


class Send(Body):
    """A message to a person or to a chat."""

    to = Id()
    chatId = Id()
    body = Text(most=4000, blank=False)
    mediaId = Id()
    clientId = Text(required=True, least=1, most=64)

    @validates_schema
    def one_target(self, data: dict[str, Any], **_: Any) -> None:
        """Exactly one of two, and something to say."""
        if ("to" in data) == ("chatId" in data):
            raise ValidationError("Exactly one of to and chatId.", "to")
        if not data.get("body") and not data.get("mediaId"):
            raise ValidationError("A message has a body or a file.", "body")

    @post_load
    def named(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As services.chatting.send takes it."""
        return {_snake(name): value for name, value in data.items()}


class Group(Body):
    """A new group."""

    name = Text(required=True, least=1, most=80, blank=False)
    members = fields.List(Id(), required=True, validate=validate.Length(min=1, max=99))


class Page(Body):
    """Which part of something long."""

    before = Text(least=1, most=100)
    limit = QueryCount(least=1, most=100, load_default=50)


class StartCall(Body):
    """Whom to call."""

    to = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["audio", "video"]))


class CallId(Body):
    """A call."""

    callId = Id(required=True)


class Offer(CallId):
    """From caller to callee."""

    offer = Opaque(required=True)


class Answer(CallId):
    """From callee to caller."""

    answer = Opaque(required=True)


class Ice(CallId):
    """A way to reach one side."""

    candidate = Opaque(required=True)


class NewStatus(Body):
    """What to show for a day."""

    body = Text(most=700, blank=False)
    mediaId = Id()

    @validates_schema
    def something(self, data: dict[str, Any], **_: Any) -> None:
        """Words, a file, or both."""
        if not data:
            raise ValidationError("A status has a body or a file.", "body")


class StatusId(Body):
    """A status."""

    statusId = Id(required=True)


class ChatId(Body):
    """A chat."""

    chatId = Id(required=True)


class MessageId(Body):
    """A message of a chat."""

    chatId = Id(required=True)
    messageId = Id(required=True)


class UserIds(Body):
    """Some people."""

    userIds = fields.List(Id(), required=True, validate=validate.Length(max=500))


class Read(Body):
    """Which notifications were read; all without a list."""

    ids = fields.List(Id(), validate=validate.Length(max=500))


class Missed(Body):
    """The last ``seq`` that a device has of each chat."""

    after = fields.Dict(keys=Id(), values=Count(), load_default=dict, validate=validate.Length(max=500))
