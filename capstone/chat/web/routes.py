"""Blueprints whose bodies are read strictly, whose answers stand in the envelope, and which ask for the token first."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, g, request
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser

from chat.domain.refusals import Malformed, Unauthorized, UnsupportedType
from chat.services.accounts import Session
from chat.web import answers
from chat.web.current import services
from chat.web.envelope import success

RATE = "600 per minute"


class _Strict(FlaskParser):
    """Reads a body as JSON or refuses it; what a schema refuses is a marshmallow error, for the envelope."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": ma.RAISE, "query": ma.EXCLUDE}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        return read_object(req)

    def handle_error(self, error: ma.ValidationError, *args: Any, **kwargs: Any) -> NoReturn:
        raise ma.ValidationError(next(iter(error.messages_dict.values()), {}))


class Document(Api):
    """The OpenAPI document; its errors have the form that ours have."""

    ERROR_SCHEMA = answers.Error


class Routes(Blueprint):
    """Routes under one prefix. ``public`` ones ask for no token."""

    ARGUMENTS_PARSER = _Strict()

    def __init__(self, name: str, *, prefix: str, public: bool = False, description: str = "") -> None:
        super().__init__(name, __name__, url_prefix=prefix, description=description)
        if not public:
            self.before_request(ask_for_token)

    @staticmethod
    def _make_doc_response_schema(schema: ma.Schema | None) -> Any:
        if schema is None or isinstance(schema, answers.Error):
            return schema
        name = f"{type(schema).__name__}Answer"
        return type(name, (ma.Schema,), {"success": ma.fields.Boolean(required=True), "data": _nested(schema)})

    @staticmethod
    def _prepare_response_content(data: Any) -> Any:
        return success(data)


def ask_for_token() -> None:
    """Find out who asks, before anything else is looked at."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    g.session = services().accounts.session(token.strip())
    g.user_id = g.session.user.id
    services().limits.hit("routes", g.user_id, RATE)


def session() -> Session:
    """Who asks."""
    found: Session = g.session
    return found


def read_object(req: Request) -> dict[str, Any]:
    """The body as a JSON object; raises UnsupportedType and Malformed."""
    if req.mimetype != "application/json":
        raise UnsupportedType("The body has to be application/json.")
    try:
        found = json.loads(req.get_data(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(found, dict):
        raise Malformed
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _nested(schema: ma.Schema) -> ma.fields.Nested:
    return ma.fields.Nested(schema, required=True)
