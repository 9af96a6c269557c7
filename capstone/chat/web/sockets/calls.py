"""Signalling."""

from __future__ import annotations

from typing import Any

from chat.domain.views import call_view
from chat.services.calling import CARRIES
from chat.web.bodies import Answer, CallId, Ice, Offer
from chat.web.sockets.door import Connection, Door


def register(door: Door) -> None:
    """``call:*``."""
    calling = door.services.calling

    for what, schema in (("offer", Offer), ("answer", Answer), ("ice", Ice)):

        @door.on(f"call:{what}", schema)
        def signal(connection: Connection, body: dict[str, Any], what: str = what) -> dict[str, Any]:
            user_id = connection.session.user.id
            calling.signal(user_id, what, body["callId"], body[CARRIES[what]], connection.id)
            return {}

    @door.on("call:end", CallId)
    def end(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
        return call_view(calling.end(connection.session.user.id, body["callId"]))
