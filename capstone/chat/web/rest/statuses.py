"""Statuses over HTTP."""

from __future__ import annotations

from typing import Any

from chat.domain.views import status_view
from chat.web import answers, bodies
from chat.web.current import services
from chat.web.routes import Routes, session

routes = Routes("status", prefix="/api/v1/status", description="What is shown for a day.")


@routes.post("")
@routes.arguments(bodies.NewStatus)
@routes.response(201, answers.Status)
def post(body: dict[str, Any]) -> dict[str, Any]:
    """Show something for a day."""
    user_id = session().user.id
    status = services().showing.post(user_id, body=body.get("body", ""), media_id=body.get("mediaId"))
    return status_view(status, user_id)


@routes.get("")
@routes.response(200, answers.Statuses)
def visible() -> dict[str, Any]:
    """Your own, and those that you may see."""
    user_id = session().user.id
    return {"statuses": [status_view(status, user_id) for status in services().showing.visible(user_id)]}
