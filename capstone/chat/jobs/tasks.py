"""What a worker does. Each task may run twice, or stop in the middle and run again: its effect is there once."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from chat.domain.ports import MediaFiles
from chat.services.notifying import Notifying

SIDE = 320
# A picture of a few kilobytes may unfold to gigabytes.
MOST_PIXELS = 50_000_000


class Tools:
    """What tasks work with; the worker sets it once, before its first job."""

    notifying: Notifying
    media: MediaFiles


def notify(message_id: str) -> None:
    """Notify everybody a message is for."""
    Tools.notifying.of_message(message_id)


def thumbnail(media_id: str) -> None:
    """Make the thumbnail of a picture, or note that there can be none."""
    media = Tools.media.get(media_id)
    content = Tools.media.content(media_id) if media else None
    if media is None or content is None or media.thumbnail is not None:
        return
    Tools.media.add_thumbnail(media_id, shrink(b"".join(content)))


def shrink(picture: bytes) -> bytes | None:
    """A JPEG of at most 320 × 320 pixels, upright; None for what is no picture."""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            small = ImageOps.exif_transpose(image).convert("RGB")
        small.thumbnail((SIDE, SIDE))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=80)
        return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
