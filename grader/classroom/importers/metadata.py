"""Gradescope's ``submission_metadata.yml``: who handed in what and when, and nothing else of it.

It is YAML as one Ruby library writes it, with all that the students' programs printed in it. What is
wanted stands at depths of indentation that nothing printed can have, so only those are looked at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

_PAIR = re.compile(r":?([\w-]+):(?:\s+(.*))?")
_ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|e)")
_MOST_VALUE = 1000
# At the beginning of a line that library writes nothing else but keys, and the quote that ends a text.
_NO_KEYS = {"---", "--- {}", "...", "'", '"'}


@dataclass
class Handed:
    """One submission. ``people`` holds name, sid and email of each submitter, as far as they are given.

    ``before`` counts the submissions that this one replaced.
    """

    key: str
    line: int
    people: list[dict[str, str]] = field(default_factory=list)
    created: str = ""
    before: int = 0


def parse(text: str) -> tuple[list[Handed], list[tuple[int, str]]]:
    """All submissions in order, and what could not be understood, by line."""
    wrong: list[tuple[int, str]] = []
    lines = re.split(r"\r\n|\n", text)
    if lines[-1].strip():
        # A number that is cut off is another number, so this line is not believed.
        wrong.append((len(lines), "the file ends in the middle of this line; it seems to be cut off"))
        lines.pop()
    found: list[_Reading] = []
    for number, line in enumerate(lines, 1):
        if line[:1] in ("", " ", "\t", "#") or line.rstrip() in _NO_KEYS:
            if found:
                found[-1].line(number, line)
        elif match := re.fullmatch(r"(['\"]?)(.+)\1:\s*", line):
            found.append(_Reading(Handed(match[2], number)))
        else:
            wrong.append((number, "this line is not the beginning of a submission"))
    for one in found:
        one.finish()
        wrong += one.wrong
    return [one.handed for one in found], sorted(wrong)


@dataclass
class _Reading:
    """The lines below one submission as they come."""

    handed: Handed
    wrong: list[tuple[int, str]] = field(default_factory=list)
    _inner: int = 0
    _section: str = ""
    _listed: int = -1
    _values: list[tuple[int, int, str, str]] = field(default_factory=list)
    _people: int = 0

    def line(self, number: int, line: str) -> None:
        text = line.strip()
        depth = len(line) - len(line.lstrip(" "))
        if not text or not depth:
            return
        self._inner = self._inner or depth
        match = _PAIR.fullmatch(text)
        if depth == self._inner and match:
            self._key(number, match[1], match[2] or "")
        elif self._section == "history" and text.startswith("- ") and self._listed in (-1, depth):
            self._listed = depth
            self.handed.before += 1
        elif self._section == "submitters":
            self._submitter(number, depth, text)

    def finish(self) -> None:
        people: list[dict[str, str]] = [{} for _ in range(self._people)]
        for number, person, key, written in self._values:
            value = _scalar(written)
            if value is None:
                self.wrong.append((number, f"the {key} of somebody cannot be read"))
            elif value:
                people[person][key] = value
        self.handed.people = [person for person in people if person]
        if not self.handed.people:
            self.wrong.append((self.handed.line, "nobody is named who handed this in"))

    def _key(self, number: int, key: str, value: str) -> None:
        self._section, self._listed = key, -1
        if key == "created_at":
            self.handed.created = _scalar(value) or ""
        elif key == "submitters" and value not in ("", "[]"):
            self.wrong.append((number, "the people here are not written one below the other"))

    def _submitter(self, number: int, depth: int, text: str) -> None:
        if text.startswith("- ") and self._listed in (-1, depth):
            self._listed = depth
            self._people += 1
            depth, text = depth + 2, text[2:].strip()
        if depth == self._listed + 2 and (match := _PAIR.fullmatch(text)):
            self._values.append((number, self._people - 1, match[1], (match[2] or "")[:_MOST_VALUE]))
        elif depth > self._listed + 2 and self._values:
            # A long text goes on in the next line.
            line, person, key, begun = self._values.pop()
            self._values.append((line, person, key, f"{begun} {text}"[:_MOST_VALUE]))


def _scalar(text: str) -> str | None:
    """What a value says; None for what is not simple enough."""
    text = re.sub(r"^(?:&\w+|!)\s+", "", text.strip())
    if text.startswith("'"):
        return text[1:-1].replace("''", "'") if len(text) > 1 and text.endswith("'") else None
    if text.startswith('"'):
        try:
            return str(json.loads(_ESCAPED.sub(lambda found: f"\\u00{found[1] or '1b'}", text), strict=False))
        except ValueError:
            return None
    if text[:1] in ("|", ">", "!", "&", "*", "{", "[", "%", "@", "`"):
        return None
    text = re.sub(r"\s+#.*$", "", text)
    return "" if text in ("~", "null") else text
