"""Uploads, read as they arrive, and downloads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from chat.domain.media import HEAD, LARGEST
from chat.domain.refusals import Invalid, Malformed, Refused, TooLarge, UnsupportedType
from chat.domain.views import media_view
from chat.web import answers
from chat.web.current import services
from chat.web.routes import Routes, session

RATE = "30 per minute"
_PIECE = 64 * 1024
# What a form may have around its file.
_AROUND = 16 * 1024
routes = Routes("media", prefix="/api/v1/media", description="Files.")


@routes.post("/upload")
@routes.response(201, answers.File)
@routes.alt_response(413, schema=answers.Error)
@routes.alt_response(415, schema=answers.Error)
def upload() -> dict[str, Any]:
    """Keep a file."""
    user_id = session().user.id
    services().limits.hit("upload", user_id, RATE)
    request.max_content_length = LARGEST + _AROUND
    if (request.content_length or 0) > LARGEST + _AROUND:
        raise TooLarge(f"A file may have {LARGEST >> 20} MB.")
    try:
        name, pieces = _file()
        head = b""
        for piece in pieces:
            head += piece
            if len(head) >= HEAD:
                break
        return media_view(services().files.upload(user_id, name=name, head=head, rest=pieces))
    except Refused:
        _drain()
        raise


@routes.get("/<id:media_id>")
@routes.response(200, content_type="application/octet-stream")
@routes.alt_response(404, schema=answers.Error)
def download(media_id: str) -> Response:
    """The bytes of a file."""
    return _sent(media_id, thumbnail=False)


@routes.get("/<id:media_id>/thumbnail")
@routes.response(200, content_type="image/jpeg")
@routes.alt_response(404, schema=answers.Error)
def thumbnail(media_id: str) -> Response:
    """A small picture of a picture."""
    return _sent(media_id, thumbnail=True)


def _sent(media_id: str, *, thumbnail: bool) -> Response:
    media, content = services().files.download(session().user.id, media_id, thumbnail=thumbnail)
    response = Response(content, mimetype="image/jpeg" if thumbnail else media.type)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # Kept by the browser for whoever has this token, and for nobody who comes after.
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.vary.add("Authorization")
    # What a browser cannot show safely is saved; its name has a form for every language.
    kind = "inline" if media.type.partition("/")[0] in ("image", "video", "audio") else "attachment"
    response.headers.set("Content-Disposition", kind, filename=media.name)
    if not thumbnail:
        response.content_length = media.size
    return response


def _file() -> tuple[str | None, Iterator[bytes]]:
    """The name and the bytes of the one part called ``file``, read from the connection while they come."""
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind != "multipart/form-data":
        raise UnsupportedType("An upload is multipart/form-data.")
    boundary = options.get("boundary", "")
    if not boundary or len(boundary) > 200 or not boundary.isascii():
        raise Malformed("The form has no boundary.")
    events = _events(MultipartDecoder(boundary.encode(), max_form_memory_size=2 * _PIECE + _AROUND, max_parts=10))
    for event in events:
        if isinstance(event, File) and event.name == "file":
            return event.filename, _until_end(events)
        if isinstance(event, Field | File):
            raise Invalid(details={event.name or "_": ["Unknown field."]})
    raise Invalid(details={"file": ["Missing data for required field."]})


def _events(decoder: MultipartDecoder) -> Iterator[Any]:
    """What the form consists of, in order."""
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                piece = request.stream.read(_PIECE)
                decoder.receive_data(piece or None)
                continue
            yield event
            if isinstance(event, Epilogue):
                return
    except RequestEntityTooLarge:
        raise TooLarge(f"A file may have {LARGEST >> 20} MB.") from None
    except ValueError:
        raise Malformed("The form cannot be read.") from None


def _drain() -> None:
    """Let a client finish what it sends: one that is cut off in the middle never reads why."""
    with contextlib.suppress(RequestEntityTooLarge, OSError):
        while request.stream.read(_PIECE):
            pass


def _until_end(events: Iterator[Any]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            raise Invalid(details={"file": ["One file at a time."]})
        if event.data:
            yield event.data
        if not event.more_data:
            break
    for event in events:
        if isinstance(event, Field | File):
            raise Invalid(details={event.name or "_": ["Unknown field."]})
