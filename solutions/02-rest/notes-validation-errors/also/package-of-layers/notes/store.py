"""Notes as a list under a lock; knows nothing of HTTP."""

import threading
from dataclasses import asdict, dataclass


class NoSuchNote(LookupError):
    """There is no note with that id."""


@dataclass
class Note:
    id: int
    title: str
    content: str


class Store:
    def __init__(self):
        self._notes = []
        self._highest = 0
        self._lock = threading.Lock()

    def add(self, fields):
        with self._lock:
            self._highest += 1
            note = Note(self._highest, **fields)
            self._notes.append(note)
            return asdict(note)

    def page(self, offset, limit):
        with self._lock:
            chosen = self._notes[offset:] if limit is None else self._notes[offset : offset + limit]
            return [asdict(note) for note in chosen]

    def get(self, note_id):
        with self._lock:
            return asdict(self._notes[self._position(note_id)])

    def replace(self, note_id, fields):
        with self._lock:
            position = self._position(note_id)
            self._notes[position] = Note(note_id, **fields)
            return asdict(self._notes[position])

    def remove(self, note_id):
        with self._lock:
            del self._notes[self._position(note_id)]

    def _position(self, note_id):
        for position, note in enumerate(self._notes):
            if note.id == note_id:
                return position
        raise NoSuchNote(note_id)
