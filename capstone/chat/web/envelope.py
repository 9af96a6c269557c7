"""The one form of every answer and acknowledgement, and the status of every refusal."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from chat.domain.refusals import Invalid, Refused, TooMany, Unavailable

_log = structlog.get_logger()
STATUS = {
    "malformed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "busy": 409,
    "too_large": 413,
    "unsupported_type": 415,
    "invalid": 422,
    "too_many": 429,
    "internal": 500,
    "unavailable": 503,
}
_CODES = {status: code for code, status in reversed(STATUS.items())}


def success(data: Any) -> dict[str, Any]:
    """What was asked for."""
    return {"success": True, "data": data}


def failure(refused: Refused, *, request_id: str = "") -> dict[str, Any]:
    """Why not."""
    error: dict[str, Any] = {"code": refused.code, "message": refused.message}
    if refused.details:
        error["details"] = refused.details
    if request_id:
        error["requestId"] = request_id
    return {"success": False, "error": error}


def details_of(error: ValidationError) -> dict[str, list[str]]:
    """Each wrong field, by its path, with sentences."""
    found: dict[str, list[str]] = {}

    def walk(path: str, messages: Any) -> None:
        if isinstance(messages, dict):
            for name, more in messages.items():
                walk(f"{path}.{name}" if path else str(name), more)
        else:
            found.setdefault(path or "_", []).extend(str(one) for one in messages)

    walk("", error.normalized_messages())  # type: ignore[no-untyped-call]
    return found


def init_app(app: Flask) -> None:
    """Give every error the same form."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return respond(error, STATUS[error.code])

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        return respond(Invalid(details=details_of(error)), 422)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        refusal = Refused(HTTPStatus(status).phrase + ".")
        refusal.code = _CODES.get(status, "malformed" if status < 500 else "internal")
        response = respond(refusal, status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After", "Location"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        _log.exception("a request failed")
        return respond(Refused(), 500)


def respond(refused: Refused, status: int) -> Response:
    """An answer that says no."""
    response = jsonify(failure(refused, request_id=g.get("request_id", "")))
    response.status_code = status
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(math.ceil(refused.retry_after))
    if isinstance(refused, Unavailable):
        response.headers["Retry-After"] = "2"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
