"""What the services need of the world: each Protocol is kept by something in storage/, jobs/ or web/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from chat.domain.calls import Call, Reason
from chat.domain.chats import Chat, Message
from chat.domain.media import Media
from chat.domain.notifications import Notification
from chat.domain.statuses import Status
from chat.domain.users import User


class Users(Protocol):
    """Accounts. Emails and usernames are unique whoever writes at once."""

    def add(self, user: User) -> None:
        """Raises Conflict where the email or the username is taken."""

    def get(self, user_id: str) -> User | None:
        """By id."""

    def some(self, user_ids: Iterable[str]) -> list[User]:
        """Those of these that there are, in any order."""

    def by_email(self, email: str) -> User | None:
        """By folded email."""

    def by_username(self, username: str) -> User | None:
        """By username."""

    def update(self, user_id: str, changes: Mapping[str, Any]) -> User | None:
        """Change these fields and no others; the user as it is then."""

    def existing(self, user_ids: Iterable[str]) -> set[str]:
        """Which of these there are."""

    def listing(self, user_id: str) -> set[str]:
        """Who has this person on their list of contacts."""


class Chats(Protocol):
    """Chats and messages."""

    def direct(self, one: str, other: str, when: datetime) -> Chat:
        """The one direct chat of two people, made if there is none."""

    def add_group(self, chat: Chat) -> None:
        """Keep a new group."""

    def get(self, chat_id: str) -> Chat | None:
        """By id."""

    def of(self, user_id: str, limit: int) -> list[Chat]:
        """Somebody's chats, the one with the latest message first."""

    def mutual(self, user_id: str) -> set[str]:
        """With whom somebody has a direct chat in which both have written."""

    def append(self, draft: Message) -> tuple[Message, bool]:
        """Give a message the next ``seq`` and keep it, for a majority; whether it is new, else what was kept before.

        Raises NotFound where the sender is no member.
        """

    def history(self, chat_id: str, *, before: int | None, limit: int) -> list[Message]:
        """Newest first."""

    def after(self, chat_id: str, seq: int, *, limit: int, others_than: str = "") -> list[Message]:
        """Oldest first, without those of one sender."""

    def message(self, message_id: str) -> Message | None:
        """By id."""

    def mark(self, chat: Chat, user_id: str, seq: int, *, read: bool) -> bool:
        """Raise how far a member has got (and read); whether that changed anything."""

    def untold(self, chat_id: str) -> list[Message]:
        """Messages that nobody was told of yet, oldest first."""

    def told(self, message_id: str) -> None:
        """Somebody was."""

    def with_untold(self, before: datetime) -> set[str]:
        """Chats with messages older than this that nobody was told of."""

    def notified(self, message_id: str) -> None:
        """The recipients of a message have their notifications."""

    def unnotified(self, before: datetime) -> list[str]:
        """Messages older than this whose recipients have not."""

    def shares_media(self, user_id: str, media_id: str) -> bool:
        """Whether a file was sent in a chat of this person."""


class Calls(Protocol):
    """Calls. Nobody is in two that live, whoever begins them at once."""

    def add(self, call: Call) -> None:
        """Raises Busy."""

    def get(self, call_id: str) -> Call | None:
        """By id."""

    def answer(self, call_id: str, when: datetime) -> Call | None:
        """Ringing and offered → active; None if it was not so."""

    def offer(self, call_id: str) -> Call | None:
        """Remember that there was an offer; None if it has ended."""

    def end(self, call_id: str, reason: Reason, when: datetime, *, state: str | None = None) -> Call | None:
        """→ ended, if it lives (and is in this state); None if it was not so."""

    def living(self) -> Iterator[Call]:
        """All that ring or are active."""

    def of(self, user_id: str) -> Call | None:
        """The living call of a person."""


class Statuses(Protocol):
    """Statuses and who viewed them."""

    def add(self, status: Status) -> None:
        """Keep one."""

    def get(self, status_id: str) -> Status | None:
        """By id, however old."""

    def of(self, user_ids: Collection[str], now: datetime) -> list[Status]:
        """Those of some people that have not ended, the latest first."""

    def view(self, status_id: str, viewer_id: str, when: datetime) -> Status | None:
        """Count a viewer; the status after that, or None for somebody who was counted already."""

    def shows_media(self, user_ids: Collection[str], media_id: str, now: datetime) -> bool:
        """Whether a file is in a status of one of these people that has not ended."""


class MediaFiles(Protocol):
    """Files and their thumbnails."""

    def add(self, media: Media, content: Iterable[bytes]) -> Media:
        """Keep a file as it arrives; its size counted. What ``content`` raises leaves nothing behind."""

    def get(self, media_id: str) -> Media | None:
        """What is known of a file."""

    def content(self, media_id: str, *, thumbnail: bool = False) -> Iterator[bytes] | None:
        """Its bytes, in pieces."""

    def add_thumbnail(self, media_id: str, content: bytes | None) -> None:
        """Keep a thumbnail, or that there can be none."""

    def without_thumbnail(self, before: datetime) -> list[str]:
        """Pictures older than this that nobody has tried to make one of."""


class Notifications(Protocol):
    """Notifications; one for each person and thing."""

    def add(self, notification: Notification) -> bool:
        """Keep one; False if there was one about that already."""

    def of(self, user_id: str, *, before: str | None, limit: int) -> list[Notification]:
        """Newest first; ``before`` is an id."""

    def unread(self, user_id: str) -> int:
        """How many are unread."""

    def read(self, user_id: str, *, ids: Collection[str] | None = None, chat_id: str = "", seq: int = 0) -> None:
        """Mark as read: these, those of a chat up to a message, or all."""

    def unsent(self, user_id: str) -> list[Notification]:
        """Those that were never sent, oldest first."""

    def sent(self, notification_id: str) -> bool:
        """Remember that it was sent; False if somebody else has."""


class Presence(Protocol):
    """Living connections. Each is renewed by its instance and ends by itself 30 seconds after it was not."""

    def joined(self, user_id: str, connection: str) -> bool:
        """One more; whether it is the first."""

    def left(self, user_id: str, connection: str) -> bool:
        """One less; whether it was the last."""

    def renew(self, connections: Mapping[str, str]) -> set[str]:
        """These (connection → user) live; the people who had been given up."""

    def gone(self) -> list[str]:
        """People whose last connection ended without a word, each told once."""

    def online(self, user_ids: Collection[str]) -> set[str]:
        """Which of these are online."""

    def absent_since(self, user_id: str) -> datetime | None:
        """When somebody's last connection ended; None for whoever is online or never was."""


class Tokens(Protocol):
    """Tokens that are good no longer, and refresh tokens that are good once."""

    def block(self, name: str, seconds: int) -> None:
        """Block a token by ``jti``, or a login by its family."""

    def blocked(self, names: Collection[str]) -> set[str]:
        """Which of these are."""

    def use(self, name: str, seconds: int) -> bool:
        """Use a refresh token up; False if it was."""


class Limits(Protocol):
    """How often something is done, over all instances."""

    def hit(self, what: str, who: str, *rates: str) -> None:
        """Count once; raises TooMany."""


class Locks(Protocol):
    """One at a time, over all instances."""

    def only(self, name: str, seconds: float) -> bool:
        """Whether nobody else did this in the last ``seconds``; then it is ours for as long."""

    def hold(self, name: str) -> Any:
        """A context manager: one holder at a time, as far as Redis answers."""


class Announcer(Protocol):
    """Tells connections what happened, through whatever instance they are at."""

    def tell(self, user_ids: Collection[str], event: str, data: Mapping[str, Any], *, but: str | None = None) -> bool:
        """All connections of these people but one; whether every instance was reached."""

    def reaches_all(self) -> bool:
        """Whether every instance could be told something now."""


class Jobs(Protocol):
    """Work for later, done by a worker."""

    def notify(self, message_id: str) -> bool:
        """Notify the recipients of a message; False if it could not be asked for."""

    def thumbnail(self, media_id: str) -> bool:
        """Make a thumbnail."""
