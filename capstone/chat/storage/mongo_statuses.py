"""Statuses, who viewed them, and notifications in MongoDB."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from pymongo import DESCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from chat.domain.notifications import Notification
from chat.domain.statuses import LIFE, Status
from chat.storage.mongo import Document, Mongo
from chat.storage.trouble import raises_unavailable

_MOST = 500


@raises_unavailable
class MongoStatuses:
    """Keeps domain.ports.Statuses. The TTL index removes old rows a minute late, so each question names the time."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def add(self, status: Status) -> None:
        self._mongo["statuses"].insert_one(
            {
                "_id": status.id,
                "userId": status.user_id,
                "body": status.body,
                "mediaId": status.media_id,
                "createdAt": status.created_at,
                "expiresAt": status.expires_at,
                "views": 0,
            }
        )

    def get(self, status_id: str) -> Status | None:
        found = self._mongo["statuses"].find_one({"_id": status_id})
        return _status(found) if found else None

    def of(self, user_ids: Collection[str], now: datetime) -> list[Status]:
        wanted = {"userId": {"$in": list(user_ids)}, "expiresAt": {"$gt": now}}
        latest = [("createdAt", DESCENDING), ("_id", DESCENDING)]
        return [_status(one) for one in self._mongo["statuses"].find(wanted).sort(latest).limit(_MOST)]

    def view(self, status_id: str, viewer_id: str, when: datetime) -> Status | None:
        # The unique row and the count go together, or one of two viewers at once would be counted twice or never.
        def work(session: ClientSession) -> Status | None:
            row = {"statusId": status_id, "userId": viewer_id, "ends": when + LIFE + timedelta(minutes=5)}
            self._mongo["views"].insert_one(row, session=session)
            found = self._mongo["statuses"].find_one_and_update(
                {"_id": status_id}, {"$inc": {"views": 1}}, return_document=ReturnDocument.AFTER, session=session
            )
            return _status(found) if found else None

        assert self._mongo.database is not None
        try:
            return self._mongo.together(work)
        except DuplicateKeyError:
            return None

    def shows_media(self, user_ids: Collection[str], media_id: str, now: datetime) -> bool:
        wanted = {"userId": {"$in": list(user_ids)}, "mediaId": media_id, "expiresAt": {"$gt": now}}
        return bool(self._mongo["statuses"].find_one(wanted))


@raises_unavailable
class MongoNotifications:
    """Keeps domain.ports.Notifications."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def add(self, notification: Notification) -> bool:
        try:
            self._mongo["notifications"].insert_one(
                {
                    "_id": notification.id,
                    "userId": notification.user_id,
                    "kind": notification.kind,
                    "about": f"{notification.kind}:{notification.about}",
                    "data": notification.data,
                    "createdAt": notification.created_at,
                    "read": False,
                    "sent": False,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    def of(self, user_id: str, *, before: str | None, limit: int) -> list[Notification]:
        wanted: Document = {"userId": user_id} | ({"_id": {"$lt": before}} if before else {})
        found = self._mongo["notifications"].find(wanted).sort("_id", DESCENDING).limit(limit)
        return [_notification(one) for one in found]

    def unread(self, user_id: str) -> int:
        return self._mongo["notifications"].count_documents({"userId": user_id, "read": False})

    def read(self, user_id: str, *, ids: Collection[str] | None = None, chat_id: str = "", seq: int = 0) -> None:
        wanted: Document = {"userId": user_id, "read": False}
        if ids is not None:
            wanted["_id"] = {"$in": list(ids)}
        if chat_id:
            wanted |= {"data.chatId": chat_id, "data.seq": {"$lte": seq}}
        self._mongo["notifications"].update_many(wanted, {"$set": {"read": True}})

    def unsent(self, user_id: str) -> list[Notification]:
        wanted = {"userId": user_id, "sent": False, "read": False}
        return [_notification(one) for one in self._mongo["notifications"].find(wanted).sort("_id").limit(_MOST)]

    def sent(self, notification_id: str) -> bool:
        changed = self._mongo["notifications"].update_one(
            {"_id": notification_id, "sent": False}, {"$set": {"sent": True}}
        )
        return changed.modified_count == 1


def _status(found: Document) -> Status:
    return Status(
        id=found["_id"],
        user_id=found["userId"],
        body=found["body"],
        media_id=found["mediaId"],
        created_at=found["createdAt"],
        expires_at=found["expiresAt"],
        views=found["views"],
    )


def _notification(found: Document) -> Notification:
    return Notification(
        id=found["_id"],
        user_id=found["userId"],
        kind=found["kind"],
        about=found["about"].partition(":")[2],
        created_at=found["createdAt"],
        data=found["data"],
        read=found["read"],
    )
