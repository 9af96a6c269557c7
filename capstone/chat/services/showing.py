"""Statuses and media: what is shown, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from chat.domain.basics import Clock, new_id
from chat.domain.media import LARGEST, Media, name_of, type_of
from chat.domain.ports import Announcer, Chats, Jobs, MediaFiles, Statuses
from chat.domain.refusals import Invalid, NotFound, TooLarge, UnsupportedType
from chat.domain.statuses import LIFE, Status
from chat.domain.views import status_view
from chat.services.people import People

# A job takes a moment; one that was not done by then is asked for again.
LATE = timedelta(seconds=20)


class Showing:
    """What people show each other for a day."""

    def __init__(
        self, statuses: Statuses, media: MediaFiles, people: People, announcer: Announcer, clock: Clock
    ) -> None:
        self._statuses, self._media, self._people = statuses, media, people
        self._announcer, self._clock = announcer, clock

    def post(self, user_id: str, *, body: str, media_id: str | None) -> Status:
        """A status for the audience; raises Invalid."""
        if media_id:
            media = self._media.get(media_id)
            if not media or media.owner_id != user_id:
                raise Invalid(details={"mediaId": ["This is no file of yours."]})
        now = self._clock()
        status = Status(new_id(), user_id, body, media_id, now, now + LIFE)
        self._statuses.add(status)
        self._announcer.tell(self._people.audience(user_id), "status:new", status_view(status, ""))
        return status

    def visible(self, user_id: str) -> list[Status]:
        """A person's own, and those of people in whose audience they are."""
        return self._statuses.of([user_id, *self._people.visible_to(user_id)], self._clock())

    def view(self, viewer_id: str, status_id: str) -> None:
        """Count a viewer once and tell the owner; raises NotFound."""
        status = self._statuses.get(status_id)
        if not status or status.expires_at <= self._clock():
            raise NotFound("There is no such status.")
        if status.user_id == viewer_id:
            return
        if viewer_id not in self._people.audience(status.user_id):
            raise NotFound("There is no such status.")
        seen = self._statuses.view(status_id, viewer_id, self._clock())
        if seen:
            data = {"statusId": status_id, "userId": viewer_id, "views": seen.views}
            self._announcer.tell([status.user_id], "status:view", data)


class Files:
    """Uploads and who may download them."""

    def __init__(
        self, media: MediaFiles, chats: Chats, statuses: Statuses, people: People, jobs: Jobs, clock: Clock
    ) -> None:
        self._media, self._chats, self._statuses = media, chats, statuses
        self._people, self._jobs, self._clock = people, jobs, clock

    def upload(self, user_id: str, *, name: str | None, head: bytes, rest: Iterable[bytes]) -> Media:
        """Keep a file whose first bytes are ``head``; raises UnsupportedType and TooLarge, and keeps nothing then."""
        kind = type_of(head)
        if not kind:
            raise UnsupportedType("We keep pictures, sound, video and PDF; this is none of them.")
        media = Media(new_id(), user_id, name_of(name), kind, 0, self._clock())
        media = self._media.add(media, _bounded(head, rest))
        if media.is_picture:
            self._jobs.thumbnail(media.id)
        return media

    def download(self, user_id: str, media_id: str, *, thumbnail: bool = False) -> tuple[Media, Iterator[bytes]]:
        """Raises NotFound for whoever may not know of it."""
        media = self._media.get(media_id)
        if not media or not self._may_see(user_id, media):
            raise NotFound("There is no such file.")
        content = self._media.content(media_id, thumbnail=thumbnail)
        if content is None:
            raise NotFound("There is no thumbnail of this file.")
        return media, content

    def ask_again(self) -> None:
        """Ask for the thumbnails of pictures that should have theirs by now."""
        for media_id in self._media.without_thumbnail(self._clock() - LATE):
            self._jobs.thumbnail(media_id)

    def _may_see(self, user_id: str, media: Media) -> bool:
        if media.owner_id == user_id or self._chats.shares_media(user_id, media.id):
            return True
        # A profile is public, and so is the picture on it.
        if media.id == self._people.get(media.owner_id).avatar:
            return True
        visible = self._people.visible_to(user_id)
        return media.owner_id in visible and self._statuses.shows_media([media.owner_id], media.id, self._clock())


def _bounded(head: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    total = len(head)
    yield head
    for piece in rest:
        total += len(piece)
        if total > LARGEST:
            raise TooLarge(f"A file may have {LARGEST >> 20} MB.")
        yield piece
