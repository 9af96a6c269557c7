"""The shape of every answer and of what is told unasked; also what the documents are made of."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chat.web.fields import Id


class PublicUser(Schema):
    """A person, for everybody."""

    id = Id(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    about = fields.String(required=True)
    avatar = fields.String(required=True, allow_none=True)


class PrivateUser(PublicUser):
    """A person, for themselves."""

    email = fields.String(required=True)
    contacts = fields.List(Id(), required=True)
    createdAt = fields.String(required=True)


class Users(Schema):
    """People, for everybody."""

    users = fields.List(fields.Nested(PublicUser), required=True)


class Tokens(Schema):
    """Two tokens of one login."""

    accessToken = fields.String(required=True)
    refreshToken = fields.String(required=True)
    expiresIn = fields.Integer(required=True)


class LoggedIn(Tokens):
    """A person and their tokens."""

    user = fields.Nested(PrivateUser, required=True)


class Message(Schema):
    """A message."""

    id = Id(required=True)
    chatId = Id(required=True)
    seq = fields.Integer(required=True)
    senderId = Id(required=True)
    body = fields.String(required=True)
    mediaId = fields.String(required=True, allow_none=True)
    clientId = fields.String(required=True)
    createdAt = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["sent", "delivered", "read"]))


class Member(Schema):
    """A member of a chat, and how far they are."""

    userId = Id(required=True)
    delivered = fields.Integer(required=True)
    read = fields.Integer(required=True)


class Chat(Schema):
    """A chat."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["direct", "group"]))
    name = fields.String(required=True, allow_none=True)
    admin = fields.String(required=True, allow_none=True)
    members = fields.List(fields.Nested(Member), required=True)
    lastMessage = fields.Nested(Message, required=True, allow_none=True)
    unread = fields.Integer(required=True)


class Chats(Schema):
    """Chats."""

    chats = fields.List(fields.Nested(Chat), required=True)


class History(Schema):
    """A page of a chat."""

    chat = fields.Nested(Chat, required=True)
    messages = fields.List(fields.Nested(Message), required=True)
    next = fields.String(required=True, allow_none=True)


class Call(Schema):
    """A call."""

    id = Id(required=True)
    callerId = Id(required=True)
    calleeId = Id(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["ringing", "active", "ended"]))
    reason = fields.String(required=True, allow_none=True)
    startedAt = fields.String(required=True)
    answeredAt = fields.String(required=True, allow_none=True)
    endedAt = fields.String(required=True, allow_none=True)
    duration = fields.Integer(required=True)


class Status(Schema):
    """A status; ``views`` is for its owner."""

    id = Id(required=True)
    userId = Id(required=True)
    body = fields.String(required=True)
    mediaId = fields.String(required=True, allow_none=True)
    createdAt = fields.String(required=True)
    expiresAt = fields.String(required=True)
    views = fields.Integer()


class Statuses(Schema):
    """Statuses."""

    statuses = fields.List(fields.Nested(Status), required=True)


class File(Schema):
    """A file that was uploaded."""

    id = Id(required=True)
    url = fields.String(required=True)
    thumbnailUrl = fields.String(required=True, allow_none=True)
    type = fields.String(required=True)
    size = fields.Integer(required=True)
    name = fields.String(required=True)


class Notification(Schema):
    """A notification."""

    id = Id(required=True)
    kind = fields.String(required=True)
    data = fields.Dict(required=True)
    createdAt = fields.String(required=True)
    read = fields.Boolean(required=True)


class Notifications(Schema):
    """A page of notifications."""

    notifications = fields.List(fields.Nested(Notification), required=True)
    next = fields.String(required=True, allow_none=True)
    unread = fields.Integer(required=True)


class Unread(Schema):
    """How many are left."""

    unread = fields.Integer(required=True)


class ErrorBody(Schema):
    """Why not."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    details = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    requestId = fields.String()


class Error(Schema):
    """The answer that says no."""

    success = fields.Boolean(required=True, validate=validate.Equal(False))
    error = fields.Nested(ErrorBody, required=True)
