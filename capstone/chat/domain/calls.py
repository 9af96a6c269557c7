"""A call between two people, and what may happen in which state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chat.domain.refusals import Conflict, Forbidden, NotFound

RINGS_FOR = timedelta(seconds=30)
LOST_AFTER = timedelta(seconds=10)


class State(StrEnum):
    """How far a call is."""

    RINGING = "ringing"
    ACTIVE = "active"
    ENDED = "ended"


class Reason(StrEnum):
    """Why a call ended."""

    HUNG_UP = "hung_up"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    MISSED = "missed"
    LOST = "lost"


@dataclass(frozen=True)
class Call:
    """``offered``: the caller has sent an offer, so that candidates may follow."""

    id: str
    caller_id: str
    callee_id: str
    kind: str
    state: State
    started_at: datetime
    reason: Reason | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    offered: bool = False

    @property
    def people(self) -> tuple[str, str]:
        """Both sides."""
        return self.caller_id, self.callee_id

    @property
    def duration(self) -> int:
        """Whole seconds from the answer to the end."""
        if not self.answered_at or not self.ended_at:
            return 0
        return max(0, int((self.ended_at - self.answered_at).total_seconds()))

    def other(self, user_id: str) -> str:
        """Whom ``user_id`` talks to; NotFound for strangers."""
        if user_id not in self.people:
            raise NotFound("There is no such call.")
        return self.callee_id if user_id == self.caller_id else self.caller_id

    def may_signal(self, event: str, user_id: str) -> None:
        """Whether ``offer``, ``answer`` or ``ice`` may come from this person now: NotFound, Forbidden, Conflict."""
        self.other(user_id)
        if event == "offer" and user_id != self.caller_id:
            raise Forbidden("Only the caller makes an offer.")
        if event == "answer" and user_id != self.callee_id:
            raise Forbidden("Only the callee answers.")
        if self.state is State.ENDED:
            raise Conflict("The call has ended.")
        if event != "offer" and not self.offered:
            raise Conflict("There is no offer yet.")

    def reason_of(self, user_id: str) -> Reason:
        """What it means that this person ends the call now."""
        self.other(user_id)
        if self.state is State.ACTIVE:
            return Reason.HUNG_UP
        return Reason.CANCELLED if user_id == self.caller_id else Reason.DECLINED
