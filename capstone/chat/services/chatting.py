"""Sending, reading and acknowledging messages, the same for a route and for an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from chat.domain.basics import Clock, new_id
from chat.domain.chats import Chat, Kind, Member, Message
from chat.domain.ports import Announcer, Chats, Jobs, Limits, Locks, MediaFiles, Notifications, Users
from chat.domain.refusals import Conflict, Invalid, NotFound
from chat.domain.views import chat_view, message_view

SEND_RATES = ("30 per 5 seconds", "120 per minute")
MOST_CHATS = 200
MOST_MISSED = 500
# After this long a message nobody was told of is somebody's to tell: whoever stored it is not there any more.
OVERDUE = timedelta(seconds=2)
# A job takes milliseconds; one that was not done by then is asked for again.
LATE = timedelta(seconds=10)


class Chatting:
    """Chats and their messages."""

    def __init__(
        self,
        chats: Chats,
        users: Users,
        media: MediaFiles,
        notifications: Notifications,
        announcer: Announcer,
        jobs: Jobs,
        limits: Limits,
        locks: Locks,
        clock: Clock,
    ) -> None:
        self._chats, self._users, self._media, self._notifications = chats, users, media, notifications
        self._announcer, self._jobs, self._limits, self._locks, self._clock = announcer, jobs, limits, locks, clock
        # Ids of messages that this instance has told its own connections, and could not tell the other instances.
        self._half_told: set[str] = set()

    def send(
        self,
        sender_id: str,
        *,
        client_id: str,
        to: str | None = None,
        chat_id: str | None = None,
        body: str = "",
        media_id: str | None = None,
        via: str | None = None,
    ) -> tuple[Message, Chat, bool]:
        """Keep a message and tell its chat; whether it is new, or was sent before under the same ``client_id``."""
        self._limits.hit("send", sender_id, *SEND_RATES)
        if media_id:
            media = self._media.get(media_id)
            if not media or media.owner_id != sender_id:
                raise Invalid(details={"mediaId": ["This is no file of yours."]})
        chat = self._direct(sender_id, to) if to else self.chat(sender_id, chat_id or "")
        draft = Message(new_id(), chat.id, 0, sender_id, body, media_id, client_id, self._clock(), via)
        message, new = self._chats.append(draft)
        if new:
            self.relay(chat.id)
        return message, self.chat(sender_id, chat.id), new

    def relay(self, chat_id: str) -> None:
        """Tell the members what they were not told yet, in its order, one instance at a time."""
        with self._locks.hold(f"relay:{chat_id}"):
            untold = self._chats.untold(chat_id)
            chat = self._chats.get(chat_id) if untold else None
            if not chat:
                return
            for message in untold:
                # Told here while the others could not be reached: again when they can, and not before.
                if message.id in self._half_told and not self._announcer.reaches_all():
                    continue
                if message.seq == 1:
                    for person in chat.people:
                        self._announcer.tell([person], "chat:new", chat_view(chat, person))
                reached = self._announcer.tell(chat.people, "message:new", message_view(message, chat), but=message.via)
                # What could not be told everywhere stays untold, and is told again: better twice than never.
                if self._jobs.notify(message.id) and reached:
                    self._chats.told(message.id)
                    self._half_told.discard(message.id)
                else:
                    self._half_told.add(message.id)

    def relay_overdue(self) -> None:
        """Tell what an instance stored and did not live to tell."""
        for chat_id in self._chats.with_untold(self._clock() - OVERDUE):
            self.relay(chat_id)

    def ask_again(self) -> None:
        """Ask for the notifications of messages that should have theirs by now."""
        for message_id in self._chats.unnotified(self._clock() - LATE):
            self._jobs.notify(message_id)

    def chat(self, user_id: str, chat_id: str) -> Chat:
        """A chat of this person; NotFound for any other."""
        chat = self._chats.get(chat_id)
        if not chat:
            raise NotFound("There is no such chat.")
        chat.member(user_id)
        return chat

    def mine(self, user_id: str) -> list[Chat]:
        """A person's chats, the latest first."""
        return self._chats.of(user_id, MOST_CHATS)

    def history(
        self, user_id: str, chat_id: str, *, before: int | None, limit: int
    ) -> tuple[Chat, list[Message], int | None]:
        """A page, newest first, and the seq where the next begins."""
        chat = self.chat(user_id, chat_id)
        messages = self._chats.history(chat_id, before=before, limit=limit)
        more = len(messages) == limit and messages[-1].seq > 1
        return chat, messages, messages[-1].seq if more else None

    def make_group(self, user_id: str, *, name: str, members: Sequence[str]) -> Chat:
        """A group with its maker as admin; raises Invalid."""
        others = list(dict.fromkeys(person for person in members if person != user_id))
        unknown = set(others) - self._users.existing(others)
        if unknown:
            raise Invalid(details={"members": [f"There is nobody with the id {person}." for person in sorted(unknown)]})
        if not others:
            raise Invalid(details={"members": ["A group needs somebody else."]})
        people = tuple(Member(person) for person in (user_id, *others))
        chat = Chat(new_id(), Kind.GROUP, people, self._clock(), name=name, admin=user_id)
        self._chats.add_group(chat)
        for person in chat.people:
            self._announcer.tell([person], "chat:new", chat_view(chat, person))
        return chat

    def acknowledge(self, user_id: str, *, chat_id: str, message_id: str, read: bool) -> None:
        """Say that everything up to a message was got, or read; raises NotFound and Conflict."""
        chat = self.chat(user_id, chat_id)
        message = self._chats.message(message_id)
        if not message or message.chat_id != chat_id:
            raise NotFound("There is no such message.")
        if message.sender_id == user_id:
            raise Conflict("This message is your own.")
        if not self._chats.mark(chat, user_id, message.seq, read=read):
            return
        if read:
            self._notifications.read(user_id, chat_id=chat_id, seq=message.seq)
        event = "message:read" if read else "message:delivered"
        data = {"chatId": chat_id, "messageId": message_id, "userId": user_id, "seq": message.seq}
        self._announcer.tell(chat.people, event, data)

    def missed(self, user_id: str, after: Mapping[str, int]) -> list[tuple[Message, Chat]]:
        """What a device that begins has not: later than what it names, else what no device of the person has got."""
        found = []
        for chat in self.mine(user_id):
            known = after.get(chat.id)
            since = chat.member(user_id).delivered if known is None else known
            if since < chat.seq:
                own = user_id if known is None else ""
                found += [
                    (message, chat) for message in self._chats.after(chat.id, since, limit=MOST_MISSED, others_than=own)
                ]
        return found

    def _direct(self, sender_id: str, to: str) -> Chat:
        if to == sender_id:
            raise Invalid(details={"to": ["That is you."]})
        if not self._users.existing([to]):
            raise NotFound("There is no such person.")
        return self._chats.direct(sender_id, to, self._clock())
