"""The instructor's page while grading runs: on this machine, and only for who has the token."""

from __future__ import annotations

import hmac
import secrets

from flask import Flask, Response, redirect, request

from grader.classroom.overview import Overview

_COOKIE = "class"
_EVERY = 5


def create_app(overview: Overview, token: str = "") -> Flask:
    """An application with one page. ``config["TOKEN"]`` is the token; one is made if none is given."""
    app = Flask(__name__, static_folder=None)
    app.config["TOKEN"] = token or secrets.token_urlsafe(16)

    @app.before_request
    def guard() -> Response | None:
        """Ask for the token once; afterwards a cookie has it, and no address in a history."""
        given = request.args.get("token", "")
        if given and _same(given, app.config["TOKEN"]):
            answer = redirect("/")
            answer.set_cookie(_COOKIE, given, httponly=True, samesite="Strict")
            return answer  # type: ignore[return-value]
        if _same(request.cookies.get(_COOKIE, ""), app.config["TOKEN"]):
            return None
        return Response("Open the address that grader class serve has printed: it has a token in it.\n", 403)

    @app.get("/")
    def page() -> Response:
        """The page as it is now; it asks again by itself."""
        answer = Response(overview.page(), mimetype="text/html")
        answer.headers["Refresh"] = str(_EVERY)
        return answer

    @app.after_request
    def private(answer: Response) -> Response:
        """Nobody else keeps it, frames it or is told where it was."""
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    return app


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
