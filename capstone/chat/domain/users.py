"""People, and who may see whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class User:
    """One account. ``email`` is folded; ``contacts`` are ids."""

    id: str
    email: str
    username: str
    name: str
    password_hash: str
    created_at: datetime
    about: str = ""
    avatar: str | None = None
    contacts: tuple[str, ...] = ()
    last_seen: datetime | None = None


def fold(email: str) -> str:
    """The form in which emails are compared and kept."""
    return email.casefold()
