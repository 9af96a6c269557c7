"""Files in GridFS: in the database that every instance shares, and in pieces, so that no file is in memory whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime

import gridfs
from gridfs.errors import FileExists, NoFile

from chat.domain.media import Media
from chat.storage.mongo import Document, Mongo
from chat.storage.trouble import raises_unavailable

_PIECE = 255 * 1024


@raises_unavailable
class MongoMedia:
    """Keeps domain.ports.MediaFiles. What is known of a file stands beside it, in ``metadata``."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    def add(self, media: Media, content: Iterable[bytes]) -> Media:
        known = {"ownerId": media.owner_id, "type": media.type, "createdAt": media.created_at, "thumbnail": None}
        upload = self._bucket("media").open_upload_stream_with_id(media.id, media.name, metadata=known)
        try:
            for piece in content:
                upload.write(piece)
            upload.close()
        except BaseException:
            upload.abort()
            raise
        kept = self.get(media.id)
        assert kept
        return kept

    def get(self, media_id: str) -> Media | None:
        found = self._mongo["media.files"].find_one({"_id": media_id})
        return _media(found) if found else None

    def content(self, media_id: str, *, thumbnail: bool = False) -> Iterator[bytes] | None:
        try:
            download = self._bucket("thumbnails" if thumbnail else "media").open_download_stream(media_id)
        except NoFile:
            return None
        return iter(lambda: download.read(_PIECE), b"")

    def add_thumbnail(self, media_id: str, content: bytes | None) -> None:
        bucket = self._bucket("thumbnails")
        if content is not None and not self._mongo["thumbnails.files"].find_one({"_id": media_id}):
            with contextlib.suppress(FileExists):
                bucket.upload_from_stream_with_id(media_id, "thumbnail.jpg", content)
        made = {"$set": {"metadata.thumbnail": content is not None}}
        self._mongo["media.files"].update_one({"_id": media_id}, made)

    def without_thumbnail(self, before: datetime) -> list[str]:
        picture = {"metadata.type": {"$regex": "^image/"}, "metadata.thumbnail": None}
        wanted = picture | {"metadata.createdAt": {"$lt": before}}
        return [one["_id"] for one in self._mongo["media.files"].find(wanted, {"_id": 1}).limit(100)]

    def _bucket(self, name: str) -> gridfs.GridFSBucket:
        return gridfs.GridFSBucket(self._mongo.database, bucket_name=name, chunk_size_bytes=_PIECE)


def _media(found: Document) -> Media:
    known = found["metadata"]
    return Media(
        id=found["_id"],
        owner_id=known["ownerId"],
        name=found["filename"],
        type=known["type"],
        size=found["length"],
        created_at=known["createdAt"],
        thumbnail=known["thumbnail"],
    )
