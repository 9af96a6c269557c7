"""What is stored: the collection `notes`, its rules, and the ways to change it."""

from datetime import UTC, datetime

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING, MongoClient
from pymongo.errors import DuplicateKeyError

TYPES = {"_id": "objectId", "title": "string", "content": "string", "createdAt": "date", "updatedAt": "date"}
# Fields that are not named here are allowed: other programs keep theirs in the same documents.
RULES = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": list(TYPES),
        "properties": {field: {"bsonType": kind} for field, kind in TYPES.items()},
    }
}


class NoSuchNote(LookupError):
    """No note has that id."""


class TitleTaken(ValueError):
    """Another note has that title."""


class Notes:
    """The notes in the database that a MONGODB_URI names. One object for the whole process."""

    def __init__(self, uri):
        # tz_aware: what comes back says that it is UTC.
        database = MongoClient(uri, tz_aware=True).get_default_database()
        self._notes = database["notes"]
        # The index makes the collection if there is none. Both lines may be run as often as one likes.
        self._notes.create_index("title", unique=True)
        database.command("collMod", "notes", validator=RULES)

    def add(self, fields):
        """Store a new note; the note as the API shows it. Raises TitleTaken."""
        time = now()
        document = {**fields, "createdAt": time, "updatedAt": time}
        try:
            self._notes.insert_one(document)
        except DuplicateKeyError:
            raise TitleTaken(fields["title"]) from None
        return shown(document)

    def get(self, note_id):
        """One note. Raises NoSuchNote."""
        return shown(self._notes.find_one({"_id": key(note_id)}) or missing(note_id))

    def page(self, limit, offset, title):
        """The notes that GET /notes shows, oldest first."""
        chosen = {} if title is None else {"title": title}
        # Of two notes of the same millisecond the ObjectId knows the older one.
        found = self._notes.find(chosen).sort([("createdAt", ASCENDING), ("_id", ASCENDING)])
        # For MongoDB, a limit of 0 is none.
        return [shown(document) for document in found.skip(offset).limit(limit or 0)]

    def change(self, note_id, fields):
        """Change the fields given and no others. Raises NoSuchNote and TitleTaken."""
        change = {"$set": {**fields, "updatedAt": now()}}
        try:
            document = self._notes.find_one_and_update({"_id": key(note_id)}, change)
        except DuplicateKeyError:
            raise TitleTaken(fields["title"]) from None
        return shown(document or missing(note_id))

    def remove(self, note_id):
        """Delete a note. Raises NoSuchNote."""
        if not self._notes.delete_one({"_id": key(note_id)}).deleted_count:
            missing(note_id)


def key(note_id):
    """The `_id` that an id in an address stands for. Raises NoSuchNote."""
    try:
        return ObjectId(note_id)
    except InvalidId:
        missing(note_id)


def missing(note_id):
    raise NoSuchNote(note_id)


def now():
    """This moment as MongoDB can keep it, so that we answer what will be read again."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def shown(document):
    """A document as the API shows it: only the fields that the API knows."""
    return {
        "id": str(document["_id"]),
        "title": document["title"],
        "content": document["content"],
        "createdAt": document["createdAt"].isoformat(timespec="milliseconds"),
        "updatedAt": document["updatedAt"].isoformat(timespec="milliseconds"),
    }
