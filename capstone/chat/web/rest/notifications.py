"""Notifications over HTTP."""

from __future__ import annotations

from typing import Any

from chat.domain.refusals import Invalid
from chat.domain.views import notification_view
from chat.web import answers, bodies
from chat.web.current import services
from chat.web.fields import is_id
from chat.web.routes import Routes, session

routes = Routes("notification", prefix="/api/v1/notification", description="Notifications.")


@routes.get("")
@routes.arguments(bodies.Page, location="query")
@routes.response(200, answers.Notifications)
def page(wanted: dict[str, Any]) -> dict[str, Any]:
    """A page of your notifications, newest first."""
    before = wanted.get("before")
    if before is not None and not is_id(before):
        raise Invalid(details={"before": ["This is no cursor of ours."]})
    found, later, unread = services().notifying.page(session().user.id, before=before, limit=wanted["limit"])
    return {"notifications": [notification_view(one) for one in found], "next": later, "unread": unread}


@routes.post("/read")
@routes.arguments(bodies.Read)
@routes.response(200, answers.Unread)
def read(body: dict[str, Any]) -> dict[str, Any]:
    """Mark some, or all, as read."""
    return {"unread": services().notifying.read(session().user.id, body.get("ids"))}
