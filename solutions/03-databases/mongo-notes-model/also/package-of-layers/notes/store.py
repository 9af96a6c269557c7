"""Notes in MongoDB; knows nothing of HTTP. Reading is aggregation, changing is an update and a second look."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.objectid import ObjectId
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NAMESPACE_EXISTS = 48


class NoSuchNote(LookupError):
    """There is no note with that id."""


class TitleInUse(Exception):
    """A note with that title is there already."""


@dataclass(frozen=True)
class Note:
    id: str
    title: str
    content: str
    createdAt: str
    updatedAt: str

    # The name of each field in the database, and the shape it has there.
    SHAPES = {
        "_id": {"bsonType": "objectId"},
        "title": {"bsonType": "string", "minLength": 1, "maxLength": 100},
        "content": {"bsonType": "string"},
        "createdAt": {"bsonType": "date"},
        "updatedAt": {"bsonType": "date"},
    }

    @classmethod
    def of(cls, found):
        """From a document; its times are milliseconds since 1970."""
        return cls(
            str(found["_id"]),
            found["title"],
            found["content"],
            written(found["createdAt"]),
            written(found["updatedAt"]),
        )


def written(milliseconds):
    time = EPOCH + timedelta(milliseconds=int(milliseconds))
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


class Store:
    def __init__(self, uri):
        client = pymongo.MongoClient(uri, appname="notes", maxPoolSize=20)
        options = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
        self._database = client.get_database(codec_options=options)
        self._documents = self._database.get_collection("notes")
        self._prepare()

    def _prepare(self):
        # Several workers may be here at the same moment.
        rules = {"$jsonSchema": {"required": [*Note.SHAPES], "properties": Note.SHAPES}}
        try:
            self._database.create_collection("notes", validator=rules)
        except CollectionInvalid:
            self._database.command({"collMod": "notes", "validator": rules, "validationLevel": "strict"})
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:
                raise
        self._documents.create_indexes(
            [
                pymongo.IndexModel("title", name="one_note_for_a_title", unique=True),
                pymongo.IndexModel([("createdAt", 1), ("_id", 1)], name="oldest_first"),
            ]
        )

    def add(self, fields):
        # "$$NOW" is the server's clock: an upsert of a new id, because insert_one cannot use it.
        return self._write(ObjectId(), fields, {"createdAt": "$$NOW"}, upsert=True)

    def page(self, offset, limit, title):
        stages = [{"$match": {"title": {"$eq": title}}}] if title is not None else []
        stages += [{"$sort": {"createdAt": 1, "_id": 1}}, {"$skip": offset}]
        stages += [{"$limit": limit}] if limit else []
        stages += [{"$project": dict.fromkeys(Note.SHAPES, 1)}]
        return [Note.of(found) for found in self._documents.aggregate(stages)]

    def get(self, note_id):
        for found in self._documents.find({"_id": self._object_id(note_id)}, Note.SHAPES.keys()):
            return Note.of(found)
        raise NoSuchNote(note_id)

    def replace(self, note_id, fields):
        return self._write(self._object_id(note_id), fields, {}, upsert=False)

    def remove(self, note_id):
        if self._documents.find_one_and_delete({"_id": self._object_id(note_id)}) is None:
            raise NoSuchNote(note_id)

    def _write(self, key, fields, more, *, upsert):
        # Literals: in a pipeline, a text that begins with a dollar sign would be the name of a field.
        values = {name: {"$literal": value} for name, value in fields.items()}
        try:
            done = self._documents.update_one(
                {"_id": key}, [{"$set": {**values, **more, "updatedAt": "$$NOW"}}], upsert=upsert
            )
        except DuplicateKeyError:
            raise TitleInUse(fields["title"]) from None
        if not done.matched_count and not done.upserted_id:
            raise NoSuchNote(key)
        return self.get(str(key))

    @staticmethod
    def _object_id(text):
        if not ObjectId.is_valid(text):
            raise NoSuchNote(text)
        return ObjectId(text)
