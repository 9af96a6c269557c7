"""Files people send: what kind they are by their first bytes, and what they are called."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

LARGEST = 10 * 1024 * 1024
# As many bytes as any of the marks below needs.
HEAD = 64
_MARKS = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"%PDF-", "application/pdf"),
)


@dataclass(frozen=True)
class Media:
    """One file. ``thumbnail``: None until a worker has tried, then whether there is one."""

    id: str
    owner_id: str
    name: str
    type: str
    size: int
    created_at: datetime
    thumbnail: bool | None = None

    @property
    def is_picture(self) -> bool:
        """Whether a thumbnail is wanted."""
        return self.type.startswith("image/")


def type_of(head: bytes) -> str | None:
    """What the first bytes say, or None for what is not kept."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for at, mark, kind in _MARKS if head[at : at + len(mark)] == mark), None)


def name_of(sent: str | None) -> str:
    """The last part of a path, without control characters; never empty, a hundred characters at most."""
    last = (sent or "").replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return kept[-100:] or "file"
