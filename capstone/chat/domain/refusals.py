"""Every way to say no. A refusal has a stable code for programs and a sentence for people; web/ gives it a status."""

from __future__ import annotations


class Refused(Exception):
    """The request cannot be served; ``message`` may be shown to whoever asked."""

    code = "internal"
    default = "Something went wrong on our side."

    def __init__(self, message: str = "", *, details: dict[str, list[str]] | None = None) -> None:
        super().__init__(message or self.default)
        self.message = message or self.default
        self.details = details


class Malformed(Refused):
    """What was sent cannot be read at all."""

    code, default = "malformed", "The body is not a JSON object."


class Unauthorized(Refused):
    """Nobody we know, or somebody with the wrong proof."""

    code, default = "unauthorized", "Log in, and send the access token as Authorization: Bearer <token>."


class Forbidden(Refused):
    """Seen, and not theirs to do."""

    code, default = "forbidden", "This is not yours to do."


class NotFound(Refused):
    """It is not there, or not for them to know."""

    code, default = "not_found", "There is no such thing."


class Conflict(Refused):
    """Not in the state that things are in."""

    code, default = "conflict", "That does not fit how things are."


class Busy(Conflict):
    """Somebody is in another call."""

    code, default = "busy", "One of you is in another call."


class TooLarge(Refused):
    """More bytes than allowed."""

    code, default = "too_large", "That is too large."


class UnsupportedType(Refused):
    """A kind of content that is not kept."""

    code, default = "unsupported_type", "We do not take this kind of content."


class Invalid(Refused):
    """Fields are missing, wrong or unknown; ``details`` says which."""

    code, default = "invalid", "Some fields are wrong."


class TooMany(Refused):
    """Too often; ``retry_after`` is in seconds."""

    code, default = "too_many", "That was too often. Wait a little."

    def __init__(self, message: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refused):
    """A database does not answer."""

    code, default = "unavailable", "A database does not answer. Try again in a moment."
