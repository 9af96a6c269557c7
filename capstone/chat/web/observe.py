"""Request ids, structured logs without secrets, and numbers for Prometheus."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_SECRET = re.compile("token|password|secret|authorization|cookie", re.IGNORECASE)


class Numbers:
    """What is counted, in a registry of its own for each app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        self.requests = Counter("chat_requests", "HTTP requests", ["method", "route", "status"], registry=here)
        self.seconds = Histogram("chat_request_seconds", "Time to answer", ["route"], registry=here)
        self.connections = Gauge("chat_connections", "Living socket connections", registry=here)
        self.events = Counter("chat_events", "Socket events", ["event", "outcome"], registry=here)


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tokens and whatever is called a secret do not get into a log."""
    for name, value in event.items():
        if _SECRET.search(name):
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = _JWT.sub("…", value)
    return event


def set_up_logs(level: str) -> None:
    """JSON, one line each, on standard error; the standard library's logs among them."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Its line for each request has the query in it, and with polling the query has the session in it.
    logging.getLogger("werkzeug").setLevel("WARNING")


def init_app(app: Flask, numbers: Numbers) -> None:
    """Name each request, and log and count it when it is answered."""
    log = structlog.get_logger()

    @app.before_request
    def begin() -> None:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _ID.fullmatch(sent) else secrets.token_hex(8)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        route = request.url_rule.rule if request.url_rule else "none"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        numbers.requests.labels(request.method, route, response.status_code).inc()
        numbers.seconds.labels(route).observe(seconds)
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            user=g.get("user_id"),
        )
        return response


def metrics(numbers: Numbers) -> Response:
    """Prometheus' text."""
    return Response(generate_latest(numbers.registry), mimetype="text/plain; version=0.0.4")
