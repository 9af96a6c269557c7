"""What another program knows of the collection `notes`: documents in good order, old ids, times."""

from datetime import UTC, datetime, timedelta

from bson import ObjectId
from pymongo.errors import BulkWriteError, PyMongoError, WriteError

KINDS = {"_id": ObjectId, "title": str, "content": str, "createdAt": datetime, "updatedAt": datetime}
NAMES = {ObjectId: "ObjectId", str: "string", datetime: "date"}
REFUSED = 121  # DocumentValidationFailure


def unique(rng, words=2):
    """A title that nobody else thinks of, with a character in it that careless code stumbles over."""
    return f"{rng.text(words)} {rng.getrandbits(48):012x}"


def id_of(rng, when=None):
    """An ObjectId as it would have been made at that time, or now."""
    when = when or datetime.now(UTC)
    return ObjectId(int(when.timestamp()).to_bytes(4) + rng.randbytes(8))


def document(rng, when=None, **fields):
    """A note as another program stores it; made at ``when``, or an hour ago."""
    when = when or datetime.now(UTC) - timedelta(hours=1)
    when = when.replace(microsecond=rng.randrange(1000) * 1000)
    note = {"_id": id_of(rng, when), "title": unique(rng), "content": rng.text()}
    return note | {"createdAt": when, "updatedAt": when} | fields


def write(act, what):
    """Write as another program; AssertionError where the collection's rules do not allow it."""
    try:
        return act()
    except (WriteError, BulkWriteError) as error:
        details = error.details or {}
        said = details.get("writeErrors", [details])[0].get("errmsg", "")
        raise AssertionError(f"{what}: expected the collection to accept it, and it refuses: {said}") from None


def refused(mongo, document, what, *, code):
    """The collection must refuse a document by its own rules."""
    try:
        mongo.db.notes.insert_one(dict(document))
    except PyMongoError as error:
        assert getattr(error, "code", None) == code, f"{what}: expected it to be refused by a rule, got {error}"
        return
    mongo.db.notes.delete_one({"_id": document["_id"]})
    has = _rules(mongo) if code == REFUSED else ""
    raise AssertionError(f"{what}: expected the collection to refuse it, and it was stored{has}")


def _rules(mongo):
    options = mongo.db.notes.options()
    if not options.get("validator"):
        return "; the collection has no validator"
    return "; its validator only warns" if options.get("validationAction") == "warn" else ""


def moment(text, what):
    """The moment that a time in ISO 8601 names; AssertionError if it does not say of which zone it is."""
    assert isinstance(text, str), f"{what}: expected a time in ISO 8601, got {text!r}"
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise AssertionError(f"{what}: expected a time in ISO 8601, got {text!r}") from None
    assert time.tzinfo, f"{what}: expected Z or an offset behind the time, got {text!r}"
    return time.astimezone(UTC)


def soon(time, what):
    """The time must be now, give or take what clocks and busy machines need."""
    now = datetime.now(UTC)
    assert abs(time - now) < timedelta(minutes=5), (
        f"{what}: expected about {now:%Y-%m-%d %H:%M} in UTC, got {time.astimezone(UTC):%Y-%m-%d %H:%M}"
    )
