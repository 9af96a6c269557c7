"""Statuses: seen by an audience for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Status:
    """``views`` counts viewers, never views."""

    id: str
    user_id: str
    body: str
    media_id: str | None
    created_at: datetime
    expires_at: datetime
    views: int = 0
