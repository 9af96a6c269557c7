"""The data codec: what may cross between the judge and the learner's program, as JSON.

Only data crosses, never behaviour: a value is rebuilt on the other side from plain JSON,
so an object that lies about equality or a number with a patched ``__add__`` arrives as
the plain value it holds, or not at all. Standard library only: the sandbox uses it too.

Tags: ``{"$bytes": base64}``, ``{"$datetime": iso}``, ``{"$float": "nan"}`` and
``{"$map": [[key, value], …]}`` for dictionaries whose keys are not plain strings.
"""

from __future__ import annotations

import base64
import json
import math
from datetime import datetime
from typing import Any

_TAGS = ("$bytes", "$datetime", "$float", "$map")
_DEEPEST = 100


class NotDataError(TypeError):
    """A value that is not JSON-shaped, ``bytes`` or ``datetime``."""


def encode(value: Any) -> str:
    """Write ``value`` as one line of JSON.

    Raises NotDataError for anything but None, bool, int, float, str, bytes, datetime,
    and lists, tuples (which arrive as lists) and dictionaries of these.
    """
    return json.dumps(_pack(value, 0), ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def decode(line: str | bytes) -> Any:
    """Read a value from one line of JSON; raises ValueError when it is not one."""
    try:
        return _unpack(json.loads(line))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _pack(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise NotDataError("a value nested more than 100 levels deep")
    # Exact types first; a subclass (an IntEnum, a str subclass) is sent as what it holds.
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        plain = float.__float__(value)
        return plain if math.isfinite(plain) else {"$float": repr(plain)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, datetime):
        return {"$datetime": datetime.isoformat(value)}
    if isinstance(value, list):
        return [_pack(item, depth + 1) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return [_pack(item, depth + 1) for item in tuple.__iter__(value)]
    if isinstance(value, dict):
        pairs = [(key, _pack(item, depth + 1)) for key, item in dict.items(value)]
        if all(type(key) is str and key not in _TAGS for key, _ in pairs):
            return dict(pairs)
        return {"$map": [[_pack(key, depth + 1), item] for key, item in pairs]}
    raise NotDataError(f"a value of type {type(value).__name__}")


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(tag, content)] = value.items()
        if tag in _TAGS:
            return _untag(tag, content)
    return {key: _unpack(item) for key, item in value.items()}


def _untag(tag: str, content: Any) -> Any:
    if tag == "$map":
        if not isinstance(content, list) or not all(isinstance(p, list) and len(p) == 2 for p in content):
            raise ValueError("a $map is a list of pairs")
        pairs = [(_unpack(key), _unpack(item)) for key, item in content]
        try:
            return {tuple(key) if isinstance(key, list) else key: item for key, item in pairs}
        except TypeError as error:
            raise ValueError("a $map has a key that cannot be one") from error
    if not isinstance(content, str):
        raise ValueError(f"a {tag} holds a string")
    if tag == "$bytes":
        return base64.b64decode(content, validate=True)
    if tag == "$datetime":
        return datetime.fromisoformat(content)
    return float(content)
