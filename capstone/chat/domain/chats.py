"""Chats, their members and messages; what was got and read."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chat.domain.refusals import Invalid, NotFound


class Kind(StrEnum):
    """A chat of two, or of many."""

    DIRECT = "direct"
    GROUP = "group"


@dataclass(frozen=True)
class Member:
    """``delivered`` and ``read``: the seq up to which this member has got and read everything."""

    user_id: str
    delivered: int = 0
    read: int = 0
    unread: int = 0


@dataclass(frozen=True)
class Message:
    """``seq`` counts from 1 in each chat, without gaps. ``via`` is the connection it came by, if it came by one."""

    id: str
    chat_id: str
    seq: int
    sender_id: str
    body: str
    media_id: str | None
    client_id: str
    created_at: datetime
    via: str | None = None


@dataclass(frozen=True)
class Chat:
    """``last`` is its latest message."""

    id: str
    kind: Kind
    members: tuple[Member, ...]
    created_at: datetime
    name: str | None = None
    admin: str | None = None
    seq: int = 0
    last: Message | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """The ids of its members."""
        return tuple(member.user_id for member in self.members)

    def member(self, user_id: str) -> Member:
        """What is known of one member; NotFound for everybody else."""
        for member in self.members:
            if member.user_id == user_id:
                return member
        raise NotFound("There is no such chat.")

    def status(self, message: Message) -> str:
        """``read`` or ``delivered`` once every other member has, else ``sent``."""
        others = [member for member in self.members if member.user_id != message.sender_id]
        if others and all(member.read >= message.seq for member in others):
            return "read"
        if others and all(member.delivered >= message.seq for member in others):
            return "delivered"
        return "sent"


def pair(one: str, other: str) -> str:
    """The name of the direct chat of two people, the same from either side."""
    return ":".join(sorted((one, other)))


def cursor(seq: int) -> str:
    """Where the next page of a history begins, for clients to hand back and not to read."""
    return base64.urlsafe_b64encode(f"before {seq}".encode()).rstrip(b"=").decode()


def position(text: str) -> int:
    """The seq in a cursor; Invalid where it is none of ours."""
    try:
        word, _, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(" ")
        if word == "before" and number.isdecimal() and len(number) < 16:
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise Invalid(details={"before": ["This is no cursor of ours."]})
