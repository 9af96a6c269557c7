"""Problem documents."""

from http import HTTPStatus

from flask import current_app, json, make_response
from werkzeug.exceptions import HTTPException


class Invalid(Exception):
    """Carries what is wrong, by field."""


class Unauthorized(Exception):
    """Carries a sentence for somebody who has to log in first."""


def problem(status, detail, **members):
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    answer = make_response(json.dumps(body | members), status)
    answer.content_type = "application/problem+json"
    return answer


def register(app):
    @app.errorhandler(Invalid)
    def invalid(error):
        told = [{"field": name, "message": message} for name, message in error.args[0].items()]
        return problem(422, "Not everything that was sent can be accepted.", errors=told)

    @app.errorhandler(Unauthorized)
    def unauthorized(error):
        answer = problem(401, str(error))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="notes"'
        return answer

    @app.errorhandler(HTTPException)
    def http(error):
        answer = error.get_response()
        ours = problem(error.code, error.description)
        answer.data, answer.content_type = ours.data, ours.content_type
        return answer

    @app.errorhandler(Exception)
    def unexpected(error):
        current_app.logger.exception("nobody expected this")
        return problem(500, "Something went wrong here, and we have a record of it.")
