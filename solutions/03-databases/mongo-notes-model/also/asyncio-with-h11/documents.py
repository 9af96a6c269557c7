"""The collection `notes`, with functions that wait without holding up anybody."""

import datetime

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

UTC = datetime.timezone.utc
KINDS = {"_id": "objectId", "title": "string", "content": "string", "createdAt": "date", "updatedAt": "date"}
# Not {"title": {"$type": "string"}}: as a query, that is true of an array with a string in it, too.
RULES = {"$expr": {"$and": [{"$eq": [{"$type": f"${name}"}, kind]} for name, kind in KINDS.items()]}}


class NoSuchNote(Exception):
    pass


class Taken(Exception):
    pass


async def open_notes(uri):
    client = AsyncMongoClient(uri)
    database = client.get_default_database()
    if "notes" not in await database.list_collection_names():
        await database.create_collection("notes")
    await database.command("collMod", "notes", validator=RULES, validationLevel="strict", validationAction="error")
    await database.notes.create_index([("title", 1)], unique=True)
    return Notes(database.notes)


class Notes:
    def __init__(self, collection):
        self.collection = collection

    async def make(self, fields):
        time = datetime.datetime.now(UTC)
        try:
            done = await self.collection.insert_one({**fields, "createdAt": time, "updatedAt": time})
        except DuplicateKeyError:
            raise Taken from None
        # Read back, because the database keeps less of a time than we have.
        return await self.one(str(done.inserted_id))

    async def one(self, note_id):
        found = await self.collection.find_one(identified(note_id))
        return public(found)

    async def some(self, limit, offset, title):
        chosen = {"title": title} if title is not None else None
        # The first four bytes of an ObjectId are the second of its making, but ask for what is meant.
        cursor = self.collection.find(chosen, sort=[("createdAt", 1), ("_id", 1)], skip=offset, limit=limit)
        return [public(found) async for found in cursor]

    async def set(self, note_id, fields):
        change = {"$set": fields, "$currentDate": {"updatedAt": True}}
        try:
            found = await self.collection.find_one_and_update(identified(note_id), change, return_document=True)
        except DuplicateKeyError:
            raise Taken from None
        return public(found)

    async def drop(self, note_id):
        done = await self.collection.delete_one(identified(note_id))
        if done.deleted_count == 0:
            raise NoSuchNote


def identified(note_id):
    try:
        return {"_id": ObjectId(note_id)}
    except InvalidId:
        raise NoSuchNote from None


def public(found):
    if found is None:
        raise NoSuchNote
    times = {name: found[name].replace(tzinfo=UTC).isoformat() for name in ("createdAt", "updatedAt")}
    return {"id": str(found["_id"]), "title": found["title"], "content": found["content"], **times}
