"""Every error of the service, whoever raises it, in the one form of RFC 9457."""

import json
from http import HTTPStatus

from flask import Response, current_app, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException


def register(app):
    app.register_error_handler(ValidationError, invalid)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, unexpected)


def problem(status, detail, **more):
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def invalid(error):
    wrong = [
        {"field": field, "message": message}
        for field, messages in sorted(error.normalized_messages().items())
        for message in messages
    ]
    return problem(422, "Some fields are not valid.", errors=wrong)


def refused(error):
    # The error's own response carries the headers that belong to it, such as Allow.
    response = error.get_response()
    ours = problem(error.code, error.description)
    response.data, response.content_type = ours.data, ours.content_type
    return response


def unexpected(error):
    # The whole story belongs in our log, where the client cannot read it. %r, because a path
    # is text from a stranger and may hold line breaks.
    current_app.logger.exception("unexpected error in %s %r", request.method, request.path)
    return problem(500, "Something went wrong on our side.")
