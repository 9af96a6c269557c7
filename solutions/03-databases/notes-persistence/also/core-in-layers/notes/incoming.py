"""What comes in, checked by hand: each parser takes untrusted data and gives data that is right, or raises Invalid."""

import json
import unicodedata


class Unreadable(ValueError):
    """The body cannot be read, or can be read in two ways."""


class Invalid(ValueError):
    """``wrong`` says for each field what is the matter with it."""

    def __init__(self, wrong):
        super().__init__(", ".join(wrong))
        self.wrong = wrong


def read_json(raw):
    def no_name_twice(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise Unreadable("An object says a name twice.")
        return dict(pairs)

    try:
        return json.loads(raw.decode(), object_pairs_hook=no_name_twice)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None


def parse_note(body):
    if type(body) is not dict:
        raise Invalid({"": "A note is an object."})
    left, wrong = dict(body), {}
    title, content = left.pop("title", None), left.pop("content", "")
    for field, value, longest in (("title", title, 100), ("content", content, 10_000)):
        if trouble := _trouble_with(value, longest):
            wrong[field] = trouble
    if "title" not in wrong and not title.strip():
        wrong["title"] = "Give it a title."
    wrong.update((field, "There is no such field.") for field in left)
    if wrong:
        raise Invalid(wrong)
    return {"title": title, "content": content}


def parse_page(query):
    wrong, page = {}, {"limit": None, "offset": 0}
    for field, least, most in (("limit", 1, 100), ("offset", 0, 10**9)):
        if field in query:
            try:
                page[field] = int(query[field])
                if not least <= page[field] <= most:
                    raise ValueError
            except ValueError:
                wrong[field] = f"A whole number from {least} to {most}, please."
    if wrong:
        raise Invalid(wrong)
    return page


def _trouble_with(value, longest):
    if type(value) is not str:
        return "Must be a string."
    if len(value) > longest:
        return f"Must have at most {longest} characters."
    if any(character == "\0" or unicodedata.category(character) == "Cs" for character in value):
        return "Holds something that is no character."
    return ""
