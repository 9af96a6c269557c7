"""The MongoDB database: its collections, its indexes, and what a majority has stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]
T = TypeVar("T")

_WAIT_MS = 4000
_INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel("email", unique=True),
        IndexModel("username", unique=True),
        IndexModel("contacts"),
    ],
    "tokens": [IndexModel("ends", expireAfterSeconds=0)],
    "chats": [
        # A direct chat is named by its pair, and there is one.
        IndexModel("pair", unique=True, partialFilterExpression={"pair": {"$exists": True}}),
        IndexModel([("members.userId", ASCENDING), ("updatedAt", DESCENDING)]),
    ],
    "messages": [
        IndexModel([("chatId", ASCENDING), ("seq", DESCENDING)], unique=True),
        IndexModel([("chatId", ASCENDING), ("senderId", ASCENDING), ("clientId", ASCENDING)], unique=True),
        IndexModel([("chatId", ASCENDING), ("createdAt", ASCENDING)], partialFilterExpression={"told": False}),
        IndexModel("createdAt", partialFilterExpression={"notified": False}, name="unnotified"),
        IndexModel("mediaId", partialFilterExpression={"mediaId": {"$type": "string"}}),
    ],
    "calls": [
        # Unique over the calls that live: nobody is in two of them.
        IndexModel("people", unique=True, partialFilterExpression={"lives": True}, name="one_living_call"),
    ],
    "statuses": [
        IndexModel([("userId", ASCENDING), ("createdAt", DESCENDING)]),
        IndexModel("expiresAt", expireAfterSeconds=0),
    ],
    "views": [
        IndexModel([("statusId", ASCENDING), ("userId", ASCENDING)], unique=True),
        IndexModel("ends", expireAfterSeconds=0),
    ],
    "notifications": [
        IndexModel([("userId", ASCENDING), ("about", ASCENDING)], unique=True),
        IndexModel([("userId", ASCENDING), ("_id", DESCENDING)]),
    ],
}


class Mongo:
    """One client of a replica set. Nothing is connected before something is asked, and indexes exist before that."""

    def __init__(self, uri: str, name: str = "") -> None:
        self.client: MongoClient[Document] = MongoClient(
            uri,
            serverSelectionTimeoutMS=_WAIT_MS,
            connectTimeoutMS=_WAIT_MS,
            appname="chat",
            w="majority",
            journal=True,
        )
        default = self.client.get_default_database(name or "chat")
        self._database: Database[Document] = default.with_options(CodecOptions(tz_aware=True, tzinfo=UTC))
        self._lock = threading.Lock()
        self._prepared = False

    @property
    def database(self) -> Database[Document]:
        """The database, with its indexes made."""
        if not self._prepared:
            with self._lock:
                if not self._prepared:
                    for name, indexes in _INDEXES.items():
                        self._database[name].create_indexes(indexes)
                    self._prepared = True
        return self._database

    def __getitem__(self, collection: str) -> Collection[Document]:
        return self.database[collection]

    def ping(self) -> None:
        """Raises where no server takes writes."""
        self.client.admin.command("ping")
        self._database.command("hello")

    def together(self, work: Callable[[ClientSession], T]) -> T:
        """Run ``work`` as one transaction, again where another one came between; it commits for a majority."""
        with self.client.start_session() as session:
            return session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", j=True)
            )

    def close(self) -> None:
        """Close every connection."""
        self.client.close()
