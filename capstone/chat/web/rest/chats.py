"""Chats over HTTP."""

from __future__ import annotations

from typing import Any

from chat.domain.chats import cursor, position
from chat.domain.views import chat_view, message_view
from chat.web import answers, bodies
from chat.web.current import services
from chat.web.routes import Routes, session

routes = Routes("chat", prefix="/api/v1/chat", description="Messages.")


@routes.post("/send")
@routes.arguments(bodies.Send)
@routes.response(201, answers.Message)
@routes.alt_response(200, schema=answers.Message, success=True)
@routes.alt_response(404, schema=answers.Error)
def send(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Send a message; 200 if it was sent before."""
    message, chat, new = services().chatting.send(session().user.id, **body)
    return message_view(message, chat), 201 if new else 200


@routes.post("/group")
@routes.arguments(bodies.Group)
@routes.response(201, answers.Chat)
def group(body: dict[str, Any]) -> dict[str, Any]:
    """Make a group."""
    user_id = session().user.id
    return chat_view(services().chatting.make_group(user_id, **body), user_id)


@routes.get("")
@routes.response(200, answers.Chats)
def mine() -> dict[str, Any]:
    """Your chats, the latest first."""
    user_id = session().user.id
    return {"chats": [chat_view(chat, user_id) for chat in services().chatting.mine(user_id)]}


@routes.get("/<id:chat_id>")
@routes.arguments(bodies.Page, location="query")
@routes.response(200, answers.History)
@routes.alt_response(404, schema=answers.Error)
def history(page: dict[str, Any], chat_id: str) -> dict[str, Any]:
    """A page of a chat, newest first."""
    user_id = session().user.id
    before = position(page["before"]) if "before" in page else None
    chat, messages, later = services().chatting.history(user_id, chat_id, before=before, limit=page["limit"])
    return {
        "chat": chat_view(chat, user_id),
        "messages": [message_view(message, chat) for message in messages],
        "next": cursor(later) if later is not None else None,
    }
