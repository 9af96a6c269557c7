"""Calls over HTTP."""

from __future__ import annotations

from typing import Any

from chat.domain.views import call_view
from chat.web import answers, bodies
from chat.web.current import services
from chat.web.routes import Routes, session

routes = Routes("call", prefix="/api/v1/call", description="Calls.")


@routes.post("/start")
@routes.arguments(bodies.StartCall)
@routes.response(201, answers.Call)
@routes.alt_response(404, schema=answers.Error)
@routes.alt_response(409, schema=answers.Error)
def start(body: dict[str, Any]) -> dict[str, Any]:
    """Begin a call, which rings."""
    return call_view(services().calling.start(session().user.id, **body))


@routes.get("/<id:call_id>")
@routes.response(200, answers.Call)
@routes.alt_response(404, schema=answers.Error)
def get(call_id: str) -> dict[str, Any]:
    """How a call is, for whoever may have missed its end."""
    return call_view(services().calling.get(session().user.id, call_id))


@routes.post("/end")
@routes.arguments(bodies.CallId)
@routes.response(200, answers.Call)
@routes.alt_response(404, schema=answers.Error)
def end(body: dict[str, Any]) -> dict[str, Any]:
    """End a call, however often."""
    return call_view(services().calling.end(session().user.id, body["callId"]))
