"""What may come in: one schema for each kind of body and query."""

import json

from flask import abort, request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate


def plain_text(value):
    """No NUL, and nothing that cannot be written as UTF-8: half a character is no character."""
    if "\0" in value:
        raise ValidationError("Must not contain a NUL character.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValidationError("Must be valid Unicode text.") from None


def not_blank(value):
    if not value.strip():
        raise ValidationError("Must not be blank.")


class NoteSchema(Schema):
    class Meta:
        unknown = RAISE

    title = fields.String(required=True, validate=[not_blank, plain_text, validate.Length(max=100)])
    content = fields.String(load_default="", validate=[plain_text, validate.Length(max=10_000)])


class PageSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    limit = fields.Integer(load_default=None, validate=validate.Range(1, 100))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))


def read_body(schema):
    """The validated body; 400 if it is not JSON, 415 if it is not declared as that, 422 if it is wrong."""
    if not request.is_json:
        abort(415, "Send the body as application/json.")
    try:
        # RecursionError: a few thousand brackets are enough for it, and a client can send them.
        body = json.loads(request.get_data(), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        abort(400, "The body is not one valid JSON text.")
    if not isinstance(body, dict):
        raise ValidationError("Must be a JSON object.", "body")
    return schema().load(body)


def read_query(schema):
    return schema().load(request.args.to_dict())


def _without_doubles(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)
