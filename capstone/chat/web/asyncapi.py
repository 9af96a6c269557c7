"""The AsyncAPI document: every event, made of the same schemas that read them."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, jsonify

import chat
from chat.web import answers
from chat.web.sockets.door import Door

# What the server says unasked; the payload's schema where it has one.
SAID: dict[str, tuple[str, Any]] = {
    "session:end": ("The connection's token is good no longer.", None),
    "session:sync": ("This instance heard nothing for a while: send message:missed.", None),
    "user:online": ("Somebody whom you may see is there.", None),
    "user:offline": ("Somebody whom you may see has left.", None),
    "chat:new": ("You are in a new chat.", answers.Chat),
    "message:new": ("A message.", answers.Message),
    "message:delivered": ("A member has got everything up to a message.", None),
    "message:read": ("A member has read everything up to a message.", None),
    "typing:start": ("A member types.", None),
    "typing:stop": ("A member types no longer.", None),
    "call:offer": ("You are called.", None),
    "call:answer": ("Your call was answered.", None),
    "call:ice": ("A way to reach the other side.", None),
    "call:taken": ("Another of your devices has answered.", None),
    "call:end": ("A call has ended.", None),
    "status:new": ("Somebody whom you may see has posted a status.", answers.Status),
    "status:view": ("Somebody has seen your status.", None),
    "notification:new": ("A notification.", None),
}


def init_app(app: Flask, door: Door) -> None:
    """Serve the document."""

    @app.get("/asyncapi.json")
    def document() -> Any:
        return jsonify(document_of(door))


def document_of(door: Door) -> dict[str, Any]:
    """AsyncAPI 3.0, from the events that are registered."""
    spec = APISpec("", "", "3.0.3", plugins=[MarshmallowPlugin()])
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}

    def add(event: str, action: str, schema: Any, summary: str) -> None:
        name = f"{action}.{event}".replace(":", ".")
        payload: Any = {"type": "object"}
        if schema is not None:
            if schema.__name__ not in spec.components.schemas:
                spec.components.schema(schema.__name__, schema=schema)
            payload = {"$ref": f"#/components/schemas/{schema.__name__}"}
        messages[name] = {"name": event, "summary": summary, "payload": payload}
        operations[name] = {
            "action": action,
            "channel": {"$ref": "#/channels/root"},
            "messages": [{"$ref": f"#/channels/root/messages/{name}"}],
        }

    for event, schema in door.events.items():
        add(event, "receive", schema, (schema.__doc__ or "").strip())
    for event, (summary, schema) in SAID.items():
        add(event, "send", schema, summary)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Groundup chat: events", "version": chat.__version__},
        "channels": {"root": {"address": "/socket.io", "messages": messages}},
        "operations": operations,
        "components": {"schemas": spec.to_dict()["components"]["schemas"]},
    }
