"""Thumbnails."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from chat.jobs.tasks import MOST_PIXELS, shrink


def encoded(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("size", "small"),
    [((1000, 500), (320, 160)), ((10, 20), (10, 20)), ((1, 5000), (1, 320)), ((320, 320), (320, 320))],
)
def test_a_thumbnail_fits_and_keeps_its_shape(size, small) -> None:
    """At most 320 each way, and never larger than the picture."""
    made = shrink(encoded(size))
    assert made
    assert Image.open(io.BytesIO(made)).size == small


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "LA", "I;16"])
def test_pictures_of_every_mode(mode) -> None:
    """With an alpha channel, a palette, sixteen bits of grey."""
    made = shrink(encoded((40, 40), mode=mode))
    assert made
    assert Image.open(io.BytesIO(made)).format == "JPEG"


def test_a_picture_lying_on_its_side_is_put_upright() -> None:
    """As the camera says in its EXIF data."""
    exif = Image.Exif()
    exif[274] = 6
    made = shrink(encoded((100, 50), "JPEG", exif=exif))
    assert made
    assert Image.open(io.BytesIO(made)).size == (50, 100)


def test_what_cannot_be_read_or_is_a_bomb_has_none() -> None:
    """Rubbish, half a picture, and one of too many pixels: None, and no exception."""
    whole = encoded((500, 500))
    assert shrink(b"") is None
    assert shrink(b"\x89PNG\r\n\x1a\n rubbish") is None
    assert shrink(whole[: len(whole) // 2]) is None
    assert shrink(encoded((MOST_PIXELS // 1000 + 1, 1000), mode="1")) is None
