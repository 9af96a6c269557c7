"""Accounts and blocked tokens in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chat.domain.basics import now
from chat.domain.refusals import Conflict
from chat.domain.users import User
from chat.storage.mongo import Document, Mongo
from chat.storage.trouble import raises_unavailable

# How a field of the domain is called in a document, where that differs.
_NAMES = {"password_hash": "passwordHash", "created_at": "createdAt", "last_seen": "lastSeen"}


@raises_unavailable
class MongoUsers:
    """Keeps domain.ports.Users."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def add(self, user: User) -> None:
        """The unique indexes decide, not a look before: two may register at the same moment."""
        try:
            self._mongo["users"].insert_one(
                {
                    "_id": user.id,
                    "email": user.email,
                    "username": user.username,
                    "name": user.name,
                    "passwordHash": user.password_hash,
                    "createdAt": user.created_at,
                    "about": user.about,
                    "avatar": user.avatar,
                    "contacts": list(user.contacts),
                    "lastSeen": user.last_seen,
                }
            )
        except DuplicateKeyError as error:
            taken = "username" if "username" in str((error.details or {}).get("keyPattern", "")) else "email"
            raise Conflict(f"There is an account with this {taken}.", details={taken: ["It is taken."]}) from None

    def get(self, user_id: str) -> User | None:
        return _user(self._mongo["users"].find_one({"_id": user_id}))

    def some(self, user_ids: Iterable[str]) -> list[User]:
        found = (_user(one) for one in self._mongo["users"].find({"_id": {"$in": list(user_ids)}}))
        return [user for user in found if user]

    def by_email(self, email: str) -> User | None:
        return _user(self._mongo["users"].find_one({"email": email}))

    def by_username(self, username: str) -> User | None:
        return _user(self._mongo["users"].find_one({"username": username}))

    def update(self, user_id: str, changes: Mapping[str, Any]) -> User | None:
        named = {_NAMES.get(name, name): value for name, value in changes.items()}
        return _user(
            self._mongo["users"].find_one_and_update(
                {"_id": user_id}, {"$set": named}, return_document=ReturnDocument.AFTER
            )
        )

    def existing(self, user_ids: Iterable[str]) -> set[str]:
        return {found["_id"] for found in self._mongo["users"].find({"_id": {"$in": list(user_ids)}}, {"_id": 1})}

    def listing(self, user_id: str) -> set[str]:
        return {found["_id"] for found in self._mongo["users"].find({"contacts": user_id}, {"_id": 1})}


@raises_unavailable
class MongoTokens:
    """Keeps domain.ports.Tokens. In MongoDB and not in Redis: a token that was blocked must stay so."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def block(self, name: str, seconds: int) -> None:
        ends = now() + timedelta(seconds=seconds)
        self._mongo["tokens"].update_one({"_id": f"blocked:{name}"}, {"$set": {"ends": ends}}, upsert=True)

    def blocked(self, names: Collection[str]) -> set[str]:
        found = self._mongo["tokens"].find({"_id": {"$in": [f"blocked:{name}" for name in names]}})
        return {one["_id"].partition(":")[2] for one in found}

    def use(self, name: str, seconds: int) -> bool:
        try:
            self._mongo["tokens"].insert_one({"_id": f"used:{name}", "ends": now() + timedelta(seconds=seconds)})
        except DuplicateKeyError:
            return False
        return True


def _user(found: Document | None) -> User | None:
    if not found:
        return None
    return User(
        id=found["_id"],
        email=found["email"],
        username=found["username"],
        name=found["name"],
        password_hash=found["passwordHash"],
        created_at=found["createdAt"],
        about=found["about"],
        avatar=found["avatar"],
        contacts=tuple(found["contacts"]),
        last_seen=found["lastSeen"],
    )
