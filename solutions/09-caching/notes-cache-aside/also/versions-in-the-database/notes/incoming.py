"""What comes in: parsers that give data or raise Invalid."""

import json
import re

from flask import abort, request

from notes.errors import Invalid

_MAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)+")


def text(shortest, longest, *, blank=True):
    def parse(value):
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if not shortest <= len(value) <= longest:
            raise ValueError(f"must have {shortest} to {longest} characters")
        if re.search("[\0\ud800-\udfff]", value):
            raise ValueError("has something in it that is no character")
        if not blank and not value.strip():
            raise ValueError("must not be blank")
        return value

    return parse


def mail(value):
    if not _MAIL.fullmatch(text(3, 254)(value)):
        raise ValueError("must look like name@example.org")
    return value.lower()


PASSWORD = text(10, 200)
NOTE = {"title": text(1, 100, blank=False), "content": text(0, 10_000)}
ACCOUNT = {"email": mail, "password": PASSWORD}


def body(fields, **defaults):
    """The body, read once and checked field by field."""

    def once(pairs):
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("twice")
        return found

    if not request.is_json:
        abort(415, "Only application/json, please.")
    try:
        sent = json.loads(request.get_data(), object_pairs_hook=once)
    except (ValueError, RecursionError):
        abort(400, "This is not JSON.")
    if not isinstance(sent, dict):
        raise Invalid({"": "must be an object"})
    return check(fields, defaults | sent)


def check(fields, sent):
    wrong = {name: "is unknown" for name in sent.keys() - fields.keys()}
    good = {}
    for name, parse in fields.items():
        try:
            good[name] = parse(sent[name])
        except KeyError:
            wrong[name] = "is missing"
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise Invalid(wrong)
    return good


def page():
    def number(least, most):
        def parse(value):
            if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not least <= int(value) <= most:
                raise ValueError(f"must be a whole number from {least} to {most}")
            return int(value)

        return parse

    given = {name: request.args.get(name) for name in ("limit", "offset")}
    present = {name: value for name, value in given.items() if value is not None}
    rules = {"limit": number(1, 100), "offset": number(0, 10**9)}
    return check({name: rules[name] for name in present}, present)
