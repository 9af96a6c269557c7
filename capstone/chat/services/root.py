"""All services of one app, as app.py has wired them."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.ports import Limits
from chat.services.accounts import Accounts
from chat.services.attendance import Attendance
from chat.services.calling import Calling
from chat.services.chatting import Chatting
from chat.services.notifying import Notifying
from chat.services.people import People
from chat.services.showing import Files, Showing
from chat.services.upkeep import Upkeep


@dataclass(frozen=True)
class Services:
    """What web/ and jobs/ may call."""

    accounts: Accounts
    people: People
    attendance: Attendance
    chatting: Chatting
    calling: Calling
    notifying: Notifying
    showing: Showing
    files: Files
    limits: Limits
    upkeep: Upkeep
