"""What may come in: fields that convert nothing, and schemas that know every field they take."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.routing import BaseConverter

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Text(fields.String):
    """A string without NUL and half characters, of ``least`` to ``most`` characters, kept as it is."""

    def __init__(self, *, least: int = 0, most: int, blank: bool = True, **rest: Any) -> None:
        more = rest.pop("validate", [])
        length = validate.Length(min=least or None, max=most)
        super().__init__(validate=[_readable, *([] if blank else [_not_blank]), length, *more], **rest)


class Id(fields.String):
    """An id, of anything."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(validate=[validate.Regexp(f"^{_ID.pattern}$", error="This is no id.")], **rest)


class Count(fields.Integer):
    """A whole number; ``"5"`` and ``true`` are none."""

    def __init__(self, *, least: int = 0, most: int = 2**53, **rest: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("Not a whole number.")
        return value


class QueryCount(fields.Integer):
    """A whole number in a query, in decimal digits."""

    def __init__(self, *, least: int, most: int, **rest: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **rest)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,9}", value):
            raise ValidationError("Not a whole number.")
        return int(value)


class Opaque(fields.Dict):
    """A JSON object that is relayed as it is, of at most 64 KB."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(keys=fields.String(), **rest)


class Body(Schema):
    """The ground of every schema: what it does not name is an error."""

    class Meta:
        """marshmallow's settings."""

        unknown = RAISE


class IdConverter(BaseConverter):
    """An id in a path. What cannot be one is another route, or none."""

    regex = "[0-9a-f]{24}"


class NameConverter(BaseConverter):
    """An id or a username in a path, but not the name of a route beside it."""

    regex = "(?!profile$)[0-9a-z_]{3,64}"


def is_id(text: object) -> bool:
    """Whether something can be an id at all."""
    return isinstance(text, str) and bool(_ID.fullmatch(text))


def _readable(value: str) -> None:
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValidationError("NUL and half characters are not text.")


def _not_blank(value: str) -> None:
    if not value.strip():
        raise ValidationError("This is blank.")
