"""Chats and messages in MongoDB.

A chat's document holds the number of its last message. The next number and the message that gets it are
written in one transaction, so that numbers have no gaps and are seen in their order.
"""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from chat.domain.basics import new_id
from chat.domain.chats import Chat, Kind, Member, Message, pair
from chat.domain.refusals import NotFound
from chat.storage.mongo import Document, Mongo
from chat.storage.trouble import raises_unavailable

_NEWEST = [("seq", DESCENDING)]
_OLDEST = [("seq", ASCENDING)]
_MOST_OVERDUE = 500


@raises_unavailable
class MongoChats:
    """Keeps domain.ports.Chats."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def direct(self, one: str, other: str, when: datetime) -> Chat:
        name = pair(one, other)
        fresh = _document(Chat(new_id(), Kind.DIRECT, (Member(one), Member(other)), when))
        fresh.pop("pair")
        try:
            found = self._mongo["chats"].find_one_and_update(
                {"pair": name}, {"$setOnInsert": fresh}, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            found = self._mongo["chats"].find_one({"pair": name})
        assert found
        return _chat(found)

    def add_group(self, chat: Chat) -> None:
        self._mongo["chats"].insert_one(_document(chat))

    def get(self, chat_id: str) -> Chat | None:
        found = self._mongo["chats"].find_one({"_id": chat_id})
        return _chat(found) if found else None

    def of(self, user_id: str, limit: int) -> list[Chat]:
        found = self._mongo["chats"].find({"members.userId": user_id}).sort("updatedAt", DESCENDING).limit(limit)
        return [_chat(one) for one in found]

    def mutual(self, user_id: str) -> set[str]:
        both = {"kind": Kind.DIRECT.value, "members.userId": user_id, "wrote": {"$size": 2}}
        found = self._mongo["chats"].find(both, {"members.userId": 1})
        return {member["userId"] for chat in found for member in chat["members"]} - {user_id}

    def append(self, draft: Message) -> tuple[Message, bool]:
        # A retry of something stored long ago is answered without a transaction.
        before = self._sent(draft)
        if before:
            return before, False

        def work(session: ClientSession) -> Message:
            chat = self._mongo["chats"].find_one_and_update(
                {"_id": draft.chat_id, "members.userId": draft.sender_id},
                {
                    "$inc": {"seq": 1, "members.$[other].unread": 1},
                    "$set": {"updatedAt": draft.created_at},
                    "$addToSet": {"wrote": draft.sender_id},
                },
                array_filters=[{"other.userId": {"$ne": draft.sender_id}}],
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            if not chat:
                raise NotFound("There is no such chat.")
            document = _message_document(draft) | {"seq": chat["seq"], "told": False, "notified": False}
            self._mongo["messages"].insert_one(document, session=session)
            self._mongo["chats"].update_one({"_id": draft.chat_id}, {"$set": {"last": document}}, session=session)
            return _message(document)

        # Indexes cannot be made in a transaction.
        assert self._mongo.database is not None
        try:
            return self._mongo.together(work), True
        except DuplicateKeyError:
            kept = self._sent(draft)
            assert kept
            return kept, False

    def history(self, chat_id: str, *, before: int | None, limit: int) -> list[Message]:
        wanted = {"chatId": chat_id} | ({"seq": {"$lt": before}} if before is not None else {})
        return [_message(one) for one in self._mongo["messages"].find(wanted).sort(_NEWEST).limit(limit)]

    def after(self, chat_id: str, seq: int, *, limit: int, others_than: str = "") -> list[Message]:
        wanted: Document = {"chatId": chat_id, "seq": {"$gt": seq}}
        if others_than:
            wanted["senderId"] = {"$ne": others_than}
        found = self._mongo["messages"].find(wanted).sort(_NEWEST).limit(limit)
        return [_message(one) for one in reversed(list(found))]

    def message(self, message_id: str) -> Message | None:
        found = self._mongo["messages"].find_one({"_id": message_id})
        return _message(found) if found else None

    def mark(self, chat: Chat, user_id: str, seq: int, *, read: bool) -> bool:
        me = {"me.userId": user_id}
        raised = {"members.$[me].delivered": seq} | ({"members.$[me].read": seq} if read else {})
        before = self._mongo["chats"].find_one_and_update(
            {"_id": chat.id}, {"$max": raised}, array_filters=[me], return_document=ReturnDocument.BEFORE
        )
        if not before:
            return False
        member = _chat(before).member(user_id)
        if read and member.read < seq:
            self._count_unread(chat.id, user_id)
        return (member.read if read else member.delivered) < seq

    def _count_unread(self, chat_id: str, user_id: str) -> None:
        # In a transaction: a message that arrives between counting and writing makes it count again.
        def work(session: ClientSession) -> None:
            chat = self._mongo["chats"].find_one({"_id": chat_id}, session=session)
            assert chat
            later = {"chatId": chat_id, "seq": {"$gt": _chat(chat).member(user_id).read}, "senderId": {"$ne": user_id}}
            unread = self._mongo["messages"].count_documents(later, session=session)
            self._mongo["chats"].update_one(
                {"_id": chat_id, "members.userId": user_id}, {"$set": {"members.$.unread": unread}}, session=session
            )

        self._mongo.together(work)

    def untold(self, chat_id: str) -> list[Message]:
        return [_message(one) for one in self._mongo["messages"].find({"chatId": chat_id, "told": False}).sort(_OLDEST)]

    def told(self, message_id: str) -> None:
        self._mongo["messages"].update_one({"_id": message_id}, {"$set": {"told": True}})

    def with_untold(self, before: datetime) -> set[str]:
        return set(self._mongo["messages"].distinct("chatId", {"told": False, "createdAt": {"$lt": before}}))

    def notified(self, message_id: str) -> None:
        self._mongo["messages"].update_one({"_id": message_id}, {"$set": {"notified": True}})

    def unnotified(self, before: datetime) -> list[str]:
        wanted = {"notified": False, "createdAt": {"$lt": before}}
        return [one["_id"] for one in self._mongo["messages"].find(wanted, {"_id": 1}).limit(_MOST_OVERDUE)]

    def shares_media(self, user_id: str, media_id: str) -> bool:
        chats = self._mongo["messages"].distinct("chatId", {"mediaId": media_id})
        return bool(self._mongo["chats"].find_one({"_id": {"$in": chats}, "members.userId": user_id}))

    def _sent(self, draft: Message) -> Message | None:
        name = {"chatId": draft.chat_id, "senderId": draft.sender_id, "clientId": draft.client_id}
        found = self._mongo["messages"].find_one(name)
        return _message(found) if found else None


def _document(chat: Chat) -> Document:
    own: Document = {
        "_id": chat.id,
        "kind": chat.kind.value,
        "name": chat.name,
        "admin": chat.admin,
        "members": [{"userId": m.user_id, "delivered": 0, "read": 0, "unread": 0} for m in chat.members],
        "seq": 0,
        "last": None,
        "wrote": [],
        "createdAt": chat.created_at,
        "updatedAt": chat.created_at,
    }
    return own | ({"pair": pair(*chat.people)} if chat.kind is Kind.DIRECT else {})


def _chat(found: Document) -> Chat:
    return Chat(
        id=found["_id"],
        kind=Kind(found["kind"]),
        members=tuple(Member(m["userId"], m["delivered"], m["read"], m["unread"]) for m in found["members"]),
        created_at=found["createdAt"],
        name=found["name"],
        admin=found["admin"],
        seq=found["seq"],
        last=_message(found["last"]) if found["last"] else None,
    )


def _message_document(message: Message) -> Document:
    return {
        "_id": message.id,
        "chatId": message.chat_id,
        "seq": message.seq,
        "senderId": message.sender_id,
        "body": message.body,
        "mediaId": message.media_id,
        "clientId": message.client_id,
        "createdAt": message.created_at,
        "via": message.via,
    }


def _message(found: Document) -> Message:
    return Message(
        id=found["_id"],
        chat_id=found["chatId"],
        seq=found["seq"],
        sender_id=found["senderId"],
        body=found["body"],
        media_id=found["mediaId"],
        client_id=found["clientId"],
        created_at=found["createdAt"],
        via=found["via"],
    )
