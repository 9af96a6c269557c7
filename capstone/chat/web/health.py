"""Whether the service lives, whether it can work, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify

import chat
from chat.domain.refusals import Unavailable
from chat.web.envelope import success
from chat.web.observe import Numbers, metrics

Probe = Callable[[], None]


def init_app(app: Flask, probes: Mapping[str, Probe], numbers: Numbers) -> None:
    """The routes that ask for no token and count against no limit."""

    @app.get("/")
    def root() -> Any:
        return jsonify(success({"name": "Groundup chat", "version": chat.__version__}))

    @app.get("/healthz")
    def alive() -> Any:
        return jsonify(success({}))

    @app.get("/readyz")
    def ready() -> tuple[Response, int]:
        found = {}
        for name, probe in probes.items():
            try:
                probe()
            except Unavailable as error:
                found[name] = str(error.__cause__ or error.message)[:200]
            else:
                found[name] = "ok"
        right = all(state == "ok" for state in found.values())
        return jsonify({"success": right, "data": found}), 200 if right else 503

    @app.get("/metrics")
    def numbers_now() -> Response:
        return metrics(numbers)
