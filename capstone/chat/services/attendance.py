"""Who is there: the first connection of a person and the end of the last one are told to their audience."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chat.domain.basics import Clock
from chat.domain.ports import Announcer, Presence, Users
from chat.domain.refusals import Unavailable
from chat.domain.views import moment
from chat.services.people import People

# A repeated "is typing" within this many seconds is not passed on, and none lasts longer than that.
TYPING_PAUSE = 2.0
TYPING_ENDS = 5.0


@dataclass(frozen=True)
class _Typing:
    """Who was told that somebody types, when, and until when it holds. Seconds of this process's own clock."""

    others: Collection[str]
    at: float
    ends: float


class Attendance:
    """Presence and typing: what is known for the moment only."""

    def __init__(self, presence: Presence, people: People, users: Users, announcer: Announcer, clock: Clock) -> None:
        self._presence, self._people, self._users = presence, people, users
        self._announcer, self._clock = announcer, clock
        self._typing: dict[tuple[str, str], _Typing] = {}

    def joined(self, user_id: str, connection: str) -> None:
        """A connection began. Without Redis the next renewal brings what is missing here."""
        with contextlib.suppress(Unavailable):
            if self._presence.joined(user_id, connection):
                self._announcer.tell(self._people.audience(user_id), "user:online", {"userId": user_id})

    def left(self, user_id: str, connection: str) -> None:
        """A connection ended."""
        with contextlib.suppress(Unavailable):
            if self._presence.left(user_id, connection):
                self._tell_gone(user_id)

    def renew(self, connections: Mapping[str, str]) -> None:
        """This instance's connections live: connection → user."""
        for user_id in self._presence.renew(connections):
            self._announcer.tell(self._people.audience(user_id), "user:online", {"userId": user_id})

    def bury(self) -> None:
        """Tell of the people whose connections ended without a word."""
        for user_id in self._presence.gone():
            self._tell_gone(user_id)

    def who_is_there(self, user_id: str, asked: Collection[str]) -> tuple[list[str], dict[str, datetime]]:
        """Of those whom this person may see: who is online, and when the others last were."""
        visible = sorted(set(asked) & self._people.visible_to(user_id))
        online = self._presence.online(visible)
        users = [self._users.get(other) for other in visible if other not in online]
        return sorted(online), {user.id: user.last_seen for user in users if user and user.last_seen}

    def typing(self, user_id: str, chat_id: str, people: Collection[str], *, started: bool) -> None:
        """Pass on that somebody types or stopped; a start that repeats only makes it last."""
        now = time.monotonic()
        others = [person for person in people if person != user_id]
        told = self._typing.get((chat_id, user_id))
        if not started:
            self._typing.pop((chat_id, user_id), None)
        elif told and now - told.at < TYPING_PAUSE:
            self._typing[chat_id, user_id] = replace(told, ends=now + TYPING_ENDS)
            return
        else:
            self._typing[chat_id, user_id] = _Typing(others, now, now + TYPING_ENDS)
        self._tell_typing(user_id, chat_id, others, started=started)

    def stop_typing(self) -> None:
        """Say for whoever does not say it that they type no longer."""
        now = time.monotonic()
        for (chat_id, user_id), told in list(self._typing.items()):
            if told.ends <= now and (chat_id, user_id) in self._typing:
                self._typing.pop((chat_id, user_id), None)
                self._tell_typing(user_id, chat_id, told.others, started=False)

    def _tell_typing(self, user_id: str, chat_id: str, others: Collection[str], *, started: bool) -> None:
        event = "typing:start" if started else "typing:stop"
        self._announcer.tell(others, event, {"chatId": chat_id, "userId": user_id})

    def _tell_gone(self, user_id: str) -> None:
        now = self._clock()
        self._users.update(user_id, {"last_seen": now})
        self._announcer.tell(
            self._people.audience(user_id), "user:offline", {"userId": user_id, "lastSeen": moment(now)}
        )
