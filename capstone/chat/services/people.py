"""Profiles, and the audience of a person: who may see that they are there and what they show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chat.domain.ports import Chats, MediaFiles, Users
from chat.domain.refusals import Invalid, NotFound
from chat.domain.users import User


class People:
    """Who somebody is, and to whom."""

    def __init__(self, users: Users, chats: Chats, media: MediaFiles) -> None:
        self._users, self._chats, self._media = users, chats, media

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        user = self._users.get(user_id)
        if not user:
            raise NotFound("There is no such person.")
        return user

    def some(self, user_ids: Collection[str]) -> list[User]:
        """Those of these that there are, in this order."""
        found = {user.id: user for user in self._users.some(user_ids)}
        return [found[user_id] for user_id in user_ids if user_id in found]

    def named(self, name: str) -> User:
        """By id, else by username; raises NotFound."""
        user = self._users.get(name) or self._users.by_username(name)
        if not user:
            raise NotFound("There is no such person.")
        return user

    def update(self, user: User, changes: Mapping[str, Any]) -> User:
        """Change what is named and nothing else; raises Invalid."""
        changes = dict(changes)
        if contacts := changes.get("contacts"):
            changes["contacts"] = list(dict.fromkeys(contact for contact in contacts if contact != user.id))
            unknown = set(changes["contacts"]) - self._users.existing(changes["contacts"])
            if unknown:
                raise Invalid(
                    details={"contacts": [f"There is nobody with the id {name}." for name in sorted(unknown)]}
                )
        if avatar := changes.get("avatar"):
            media = self._media.get(avatar)
            if not media or media.owner_id != user.id or not media.is_picture:
                raise Invalid(details={"avatar": ["This is no picture of yours."]})
        updated = self._users.update(user.id, changes) if changes else user
        if not updated:
            raise NotFound("There is no such person.")
        return updated

    def audience(self, user_id: str) -> set[str]:
        """Who may see this person: their contacts, and whoever they have written with."""
        user = self._users.get(user_id)
        return (set(user.contacts) | self._chats.mutual(user_id)) - {user_id} if user else set()

    def visible_to(self, user_id: str) -> set[str]:
        """In whose audience this person is."""
        return (self._users.listing(user_id) | self._chats.mutual(user_id)) - {user_id}
