"""Notifications: stored first, then sent; one for each person and thing, however often it is tried."""

from __future__ import annotations

from collections.abc import Sequence

from chat.domain.basics import Clock, new_id
from chat.domain.notifications import Notification
from chat.domain.ports import Announcer, Chats, Notifications, Presence
from chat.domain.refusals import Unavailable
from chat.domain.views import notification_view

_SHOWN = 100


class Notifying:
    """Notifications."""

    def __init__(
        self, notifications: Notifications, chats: Chats, presence: Presence, announcer: Announcer, clock: Clock
    ) -> None:
        self._notifications, self._chats, self._presence = notifications, chats, presence
        self._announcer, self._clock = announcer, clock

    def of_message(self, message_id: str) -> None:
        """Notify everybody a message is for. May run twice, or stop in the middle and run again."""
        message = self._chats.message(message_id)
        chat = self._chats.get(message.chat_id) if message else None
        if not message or not chat:
            return
        data = {
            "chatId": chat.id,
            "messageId": message.id,
            "seq": message.seq,
            "from": message.sender_id,
            "text": message.body[:_SHOWN],
        }
        for person in chat.people:
            # Who has read it before we came to this knows already.
            if person != message.sender_id and chat.member(person).read < message.seq:
                self.keep(Notification(new_id(), person, "message", message.id, self._clock(), data=data))
        self._chats.notified(message_id)

    def keep(self, notification: Notification) -> None:
        """Store one, if there is none about the same thing, and send it."""
        if self._notifications.add(notification):
            self._send(notification)

    def send_missed(self, user_id: str) -> None:
        """Send what could not be sent, to a person who has just connected."""
        for notification in self._notifications.unsent(user_id):
            self._send(notification)

    def page(self, user_id: str, *, before: str | None, limit: int) -> tuple[Sequence[Notification], str | None, int]:
        """Newest first, where the next page begins, and how many are unread in all."""
        found = self._notifications.of(user_id, before=before, limit=limit)
        return found, found[-1].id if len(found) == limit else None, self._notifications.unread(user_id)

    def read(self, user_id: str, ids: Sequence[str] | None) -> int:
        """Mark these, or all, as read; how many are left."""
        self._notifications.read(user_id, ids=ids)
        return self._notifications.unread(user_id)

    def _send(self, notification: Notification) -> None:
        user_id = notification.user_id
        try:
            if not self._presence.online([user_id]):
                return
        except Unavailable:
            return
        # Whoever claims it sends it: two workers, or a worker and a connection that begins, may come here together.
        if self._notifications.sent(notification.id):
            data = {"notification": notification_view(notification), "unread": self._notifications.unread(user_id)}
            self._announcer.tell([user_id], "notification:new", data)
