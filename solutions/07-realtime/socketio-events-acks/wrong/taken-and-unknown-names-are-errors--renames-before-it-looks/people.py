"""Who is here: what the room knows of each connection, and nothing about how they are connected."""

import itertools
import threading
from dataclasses import dataclass

from mistakes import Mistake


@dataclass
class Person:
    name: str
    said: int = 0


class People:
    """The people by their connection's sid. Handlers run in threads, so every look and change holds the lock."""

    def __init__(self):
        self._by_sid = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __len__(self):
        return len(self._by_sid)

    def __getitem__(self, sid):
        return self._by_sid[sid]

    def enter(self, sid):
        """A new person, under the next name that is free."""
        with self._lock:
            names = (f"guest-{number}" for number in self._numbers)
            person = Person(next(name for name in names if self._find(name) is None))
            self._by_sid[sid] = person
        return person

    def leave(self, sid):
        with self._lock:
            self._by_sid.pop(sid, None)

    def rename(self, sid, name):
        """Give a person another name; the old one."""
        with self._lock:
            taken = self._find(name) not in (None, sid)
            old, self._by_sid[sid].name = self._by_sid[sid].name, name
            if taken:
                raise Mistake(f"Somebody here is called {name} already.")
        return old

    def sid_of(self, name):
        with self._lock:
            sid = self._find(name)
        if sid is None:
            raise Mistake(f"Nobody here is called {name}.")
        return sid

    def count_said(self, sid):
        with self._lock:
            self._by_sid[sid].said += 1

    def _find(self, name):
        return next((sid for sid, person in self._by_sid.items() if person.name == name), None)
