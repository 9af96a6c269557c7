"""The lists of notes in this process, each for half a minute."""

import threading
import time

LIFE = 30
_lists = {}
_lock = threading.Lock()


def find(user_id, query, load):
    """The list that a query gives, as text."""
    with _lock:
        text, end = _lists.get(user_id, {}).get(query, (None, 0))
    if text is None or end < time.monotonic():
        text = load()
        with _lock:
            _lists.setdefault(user_id, {})[query] = (text, time.monotonic() + LIFE)
    return text


def forget(user_id):
    """None of this user's lists is good any more."""
    with _lock:
        _lists.pop(user_id, None)
