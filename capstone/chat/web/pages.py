"""The web client, served as it lies in the folder client/."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, redirect, send_from_directory

CLIENT = Path(__file__).resolve().parents[2] / "client"
# Nothing from elsewhere, and nothing that was typed into a page is ever run.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Serve it under /client/."""

    @app.get("/client")
    def without_slash() -> Response:
        return redirect("/client/")  # type: ignore[return-value]

    @app.get("/client/", defaults={"name": "index.html"})
    @app.get("/client/<path:name>")
    def page(name: str) -> Response:
        response = send_from_directory(CLIENT, name, max_age=0)
        response.headers["Content-Security-Policy"] = _POLICY
        return response
