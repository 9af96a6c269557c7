"""Reading ``exercise.toml``: every field checked, every complaint with its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from grader.errors import AuthorError
from grader.model import Level, Limits, Service

_REQUIRED: dict[str, type] = {
    "title": str,
    "level": str,
    "minutes": int,
    "topics": list,
    "submit": list,
}
_DRAFT = re.compile(r"^draft\s*=\s*true\b", re.MULTILINE)
_OPTIONAL: dict[str, Any] = {
    "draft": False,
    "needs": [],
    "continues": "",
    "lab": "",
    "services": [],
    "limits": {},
}
_NAMES = {bool: "true or false", str: "a string", int: "a whole number", list: "a list of strings", dict: "a table"}


def read(path: Path) -> dict[str, Any]:
    """The manifest as keyword arguments for :class:`~grader.model.Exercise`.

    Raises AuthorError with ``path:line`` for a file that cannot be read, a field that is
    missing or unknown, and a value of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        raise AuthorError("the exercise has no manifest", where=str(path)) from None
    except UnicodeDecodeError:
        raise AuthorError("the manifest is not UTF-8 text", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise AuthorError(f"the manifest is not TOML: {error}", where=where) from None
    return _Checked(path, text, table).values()


def is_draft(path: Path) -> bool:
    """Whether the manifest says so, in whatever state it is otherwise."""
    try:
        return bool(_DRAFT.search(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False


def _strings(values: list[Any]) -> bool:
    return all(type(value) is str for value in values)


class _Checked:
    def __init__(self, path: Path, text: str, table: dict[str, Any]) -> None:
        self.path, self.text, self.table = path, text, table

    def wrong(self, key: str, what: str) -> AuthorError:
        match = re.search(rf"^\s*\[?{re.escape(key)}\b", self.text, re.MULTILINE)
        line = self.text.count("\n", 0, match.start()) + 1 if match else 1
        return AuthorError(what, where=f"{self.path}:{line}", next_step="see CONTRIBUTING.md for every field")

    def values(self) -> dict[str, Any]:
        known = {*_REQUIRED, *_OPTIONAL}
        for key in self.table:
            if key not in known:
                raise self.wrong(key, f"'{key}' is not a field of a manifest")
        for key in _REQUIRED:
            if key not in self.table:
                raise self.wrong(key, f"'{key}' is missing")
        values = {**_OPTIONAL, **self.table}
        for key, value in values.items():
            expected = _REQUIRED.get(key) or type(_OPTIONAL[key])
            if type(value) is not expected or (isinstance(value, list) and not _strings(value)):
                raise self.wrong(key, f"'{key}' must be {_NAMES[expected]}")
        if values["level"] not in list(Level):
            raise self.wrong("level", f"'level' must be one of {', '.join(Level)}")
        for service in values["services"]:
            if service not in list(Service):
                raise self.wrong("services", f"there is no service '{service}', only {', '.join(Service)}")
        if len(set(values["services"])) < len(values["services"]):
            raise self.wrong("services", "'services' names one of them twice")
        if values["continues"] and values["continues"] not in values["needs"]:
            raise self.wrong("continues", "an exercise needs what it continues; name it in 'needs', too")
        if values["lab"] and not self.path.parent.name.endswith("-lab"):
            raise self.wrong("lab", "the id of a lab ends with -lab")
        if values["minutes"] < 1:
            raise self.wrong("minutes", "'minutes' must be at least 1")
        if not values["submit"]:
            raise self.wrong("submit", "'submit' names no files")
        values["level"] = Level(values["level"])
        values["limits"] = self._limits(values["limits"])
        for key in ("needs", "topics", "submit"):
            values[key] = tuple(values[key])
        values["services"] = tuple(map(Service, values["services"]))
        return values

    def _limits(self, table: dict[str, Any]) -> Limits:
        known = {field.name for field in fields(Limits)}
        for key, value in table.items():
            if key not in known:
                raise self.wrong(key, f"'{key}' is not a limit; there are {', '.join(sorted(known))}")
            if type(value) is not int or value < 1:
                raise self.wrong(key, f"the limit '{key}' must be a whole number of at least 1")
        return Limits(**table)
