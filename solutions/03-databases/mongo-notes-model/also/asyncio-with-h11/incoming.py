"""What may come in, and how it is refused."""

import json
import re

LARGEST = 64 * 1024
LONGEST = {"title": 100, "content": 10_000}


class Refused(Exception):
    def __init__(self, status, detail, headers=None, **more):
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers, more


def note(headers, body):
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "A note comes as application/json.")
    try:
        value = json.loads(body.decode(), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Refused(400, "This is not JSON.") from None
    if not isinstance(value, dict):
        raise invalid({"": "a note is an object"})
    fields = {"title": None, "content": "", **value}
    wrong = {name: trouble(name, text) for name, text in fields.items()}
    if any(wrong.values()):
        raise invalid(wrong)
    return {name: fields[name] for name in LONGEST}


def trouble(name, text):
    if name not in LONGEST:
        return "is not known"
    if not isinstance(text, str):
        return "must be a string"
    if len(text) > LONGEST[name]:
        return f"has more than {LONGEST[name]} characters"
    if name == "title" and not text.strip():
        return "must not be blank"
    return "holds something that is no character" if re.search("[\0\ud800-\udfff]", text) else None


def page(query):
    limit, offset = query.get("limit", "1"), query.get("offset", "0")
    wrong = {}
    if not re.fullmatch("[0-9]{1,3}", limit) or not 1 <= int(limit) <= 100:
        wrong["limit"] = "must be a number from 1 to 100"
    if not re.fullmatch("[0-9]{1,9}", offset):
        wrong["offset"] = "must be a number from 0 on"
    if wrong:
        raise invalid(wrong)
    return int(limit) if "limit" in query else 0, int(offset)


def once(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def invalid(wrong):
    errors = [{"field": name, "message": message} for name, message in wrong.items() if message]
    return Refused(422, "Not like this.", errors=errors)
