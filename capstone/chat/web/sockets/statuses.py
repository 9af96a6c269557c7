"""Statuses that were looked at."""

from __future__ import annotations

from typing import Any

from chat.web.bodies import StatusId
from chat.web.sockets.door import Connection, Door


def register(door: Door) -> None:
    """``status:view``."""

    @door.on("status:view", StatusId)
    def view(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
        door.services.showing.view(connection.session.user.id, body["statusId"])
        return {}
