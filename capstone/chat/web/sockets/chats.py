"""Messages, typing and receipts."""

from __future__ import annotations

from typing import Any

from chat.domain.views import message_view
from chat.web.bodies import ChatId, MessageId, Send
from chat.web.sockets.door import Connection, Door


def register(door: Door) -> None:
    """``message:*`` and ``typing:*``."""
    services = door.services

    @door.on("message:send", Send)
    def send(connection: Connection, body: dict[str, Any]) -> dict[str, Any]:
        message, chat, _ = services.chatting.send(connection.session.user.id, **body, via=connection.id)
        return message_view(message, chat)

    for event, read in (("message:delivered", False), ("message:read", True)):

        @door.on(event, MessageId)
        def acknowledge(connection: Connection, body: dict[str, Any], read: bool = read) -> dict[str, Any]:
            user_id = connection.session.user.id
            services.chatting.acknowledge(user_id, chat_id=body["chatId"], message_id=body["messageId"], read=read)
            return {}

    for event, started in (("typing:start", True), ("typing:stop", False)):

        @door.on(event, ChatId)
        def typing(connection: Connection, body: dict[str, Any], started: bool = started) -> dict[str, Any]:
            user_id = connection.session.user.id
            chat = services.chatting.chat(user_id, body["chatId"])
            services.attendance.typing(user_id, chat.id, chat.people, started=started)
            return {}
