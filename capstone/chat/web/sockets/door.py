"""The door every event comes through: who sent it, how often, whether it can be read; and one form of answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import request
from flask_socketio import SocketIO
from marshmallow import Schema, ValidationError

from chat.domain.refusals import Invalid, Malformed, NotFound, Refused, TooMany, Unauthorized
from chat.services.accounts import Session
from chat.services.root import Services
from chat.web.envelope import details_of, failure, success
from chat.web.observe import Numbers

_log = structlog.get_logger()
RATE = 50.0


@dataclass
class Connection:
    """One connection of one login. ``tokens`` of its bucket are events it may send at once."""

    id: str
    session: Session
    tokens: float = RATE
    filled: float = field(default_factory=time.monotonic)

    def spend(self) -> None:
        """Count an event; raises TooMany. Only the connection's own thread comes here."""
        now = time.monotonic()
        self.tokens = min(RATE, self.tokens + (now - self.filled) * RATE)
        self.filled = now
        if self.tokens < 1:
            raise TooMany
        self.tokens -= 1


Handler = Callable[[Connection, dict[str, Any]], Any]


class Door:
    """The connections of this instance, and the events they may send."""

    def __init__(self, socketio: SocketIO, services: Services, numbers: Numbers) -> None:
        self.socketio, self.services, self.numbers = socketio, services, numbers
        self.connections: dict[str, Connection] = {}
        self.events: dict[str, type[Schema]] = {}

    def on(self, event: str, schema: type[Schema]) -> Callable[[Handler], Handler]:
        """Register what happens on an event whose payload has this shape."""

        def register(handler: Handler) -> Handler:
            self.events[event] = schema
            self.socketio.on_event(event, lambda *sent: self._serve(event, schema(), handler, sent))
            return handler

        return register

    def close(self) -> None:
        """Answer whatever has no handler."""

        def unknown(*_: Any) -> Any:
            self.numbers.events.labels("unknown", "not_found").inc()
            return failure(NotFound("There is no such event."))

        # Registered below Flask-SocketIO, whose wrapper is confused by an event that is itself called "*".
        self.socketio.server.on("*", unknown)

    def _of(self, sid: str) -> Connection:
        connection = self.connections.get(sid)
        if not connection:
            raise Unauthorized
        return connection

    def _serve(self, event: str, schema: Schema, handler: Handler, sent: tuple[Any, ...]) -> Any:
        outcome = "success"
        try:
            connection = self._of(request.sid)  # type: ignore[attr-defined]
            structlog.contextvars.bind_contextvars(socket_id=connection.id, user=connection.session.user.id)
            connection.spend()
            return success(handler(connection, schema.load(_object(sent))))
        except Refused as error:
            outcome = error.code
            return failure(error)
        except ValidationError as error:
            outcome = "invalid"
            return failure(Invalid(details=details_of(error)))
        except Exception:  # noqa: BLE001 the client is told, and we are in the log
            outcome = "internal"
            _log.exception("an event failed", sent=event)
            return failure(Refused())
        finally:
            self.numbers.events.labels(event, outcome).inc()
            structlog.contextvars.clear_contextvars()


def _object(sent: tuple[Any, ...]) -> dict[str, Any]:
    if len(sent) != 1 or not isinstance(sent[0], dict):
        raise Malformed("The payload is not one JSON object.")
    return sent[0]
