"""Ids and moments, as everything else has them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def new_id() -> str:
    """24 hexadecimal digits: the millisecond, then chance. Later ids are mostly larger, and none can be guessed."""
    return f"{int(time.time() * 1000):012x}{secrets.token_hex(6)}"


def now() -> datetime:
    """This moment in UTC, to the millisecond, which is what MongoDB keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def room_of(user_id: str) -> str:
    """Where all connections of a person are told something at once."""
    return f"user:{user_id}"
