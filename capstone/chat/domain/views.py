"""What clients are shown of things: the JSON objects of SPEC.md, the same in answers and in events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chat.domain.calls import Call
from chat.domain.chats import Chat, Message
from chat.domain.media import Media
from chat.domain.notifications import Notification
from chat.domain.statuses import Status
from chat.domain.users import User


def moment(when: datetime | None) -> str | None:
    """``2026-03-01T09:30:00.125Z``."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z" if when else None


def public_view(user: User) -> dict[str, Any]:
    """What anybody may see."""
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "about": user.about,
        "avatar": user.avatar,
    }


def private_view(user: User) -> dict[str, Any]:
    """What the person may see."""
    own = {"email": user.email, "contacts": list(user.contacts), "createdAt": moment(user.created_at)}
    return public_view(user) | own


def message_view(message: Message, chat: Chat) -> dict[str, Any]:
    """A message as it stands in its chat."""
    return {
        "id": message.id,
        "chatId": message.chat_id,
        "seq": message.seq,
        "senderId": message.sender_id,
        "body": message.body,
        "mediaId": message.media_id,
        "clientId": message.client_id,
        "createdAt": moment(message.created_at),
        "status": chat.status(message),
    }


def chat_view(chat: Chat, user_id: str) -> dict[str, Any]:
    """A chat as one of its members sees it."""
    return {
        "id": chat.id,
        "kind": chat.kind.value,
        "name": chat.name,
        "admin": chat.admin,
        "members": [
            {"userId": member.user_id, "delivered": member.delivered, "read": member.read} for member in chat.members
        ],
        "lastMessage": message_view(chat.last, chat) if chat.last else None,
        "unread": chat.member(user_id).unread,
    }


def call_view(call: Call) -> dict[str, Any]:
    """A call."""
    return {
        "id": call.id,
        "callerId": call.caller_id,
        "calleeId": call.callee_id,
        "kind": call.kind,
        "state": call.state.value,
        "reason": call.reason.value if call.reason else None,
        "startedAt": moment(call.started_at),
        "answeredAt": moment(call.answered_at),
        "endedAt": moment(call.ended_at),
        "duration": call.duration,
    }


def status_view(status: Status, viewer_id: str) -> dict[str, Any]:
    """A status; its owner sees how many have."""
    seen = {
        "id": status.id,
        "userId": status.user_id,
        "body": status.body,
        "mediaId": status.media_id,
        "createdAt": moment(status.created_at),
        "expiresAt": moment(status.expires_at),
    }
    return seen | ({"views": status.views} if viewer_id == status.user_id else {})


def media_view(media: Media) -> dict[str, Any]:
    """A file, and where it is."""
    url = f"/api/v1/media/{media.id}"
    return {
        "id": media.id,
        "url": url,
        "thumbnailUrl": f"{url}/thumbnail" if media.is_picture else None,
        "type": media.type,
        "size": media.size,
        "name": media.name,
    }


def notification_view(notification: Notification) -> dict[str, Any]:
    """A notification."""
    return {
        "id": notification.id,
        "kind": notification.kind,
        "data": notification.data,
        "createdAt": moment(notification.created_at),
        "read": notification.read,
    }
