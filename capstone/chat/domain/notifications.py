"""What a person is told of, at once or when they come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Notification:
    """``about`` names what it is of: a person has one notification about each thing."""

    id: str
    user_id: str
    kind: str
    about: str
    created_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    read: bool = False
