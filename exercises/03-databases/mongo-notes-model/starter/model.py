"""What is stored: the collection `notes`, its rules, and the ways to change it.

A plan, to be filled: nothing uses this module yet. Routes know this class and its errors;
only this module knows MongoDB.
"""

RULES = {"$jsonSchema": {"bsonType": "object", "required": ["title"], "properties": {}}}


class NoSuchNote(LookupError):
    """No note has that id."""


class TitleTaken(ValueError):
    """Another note has that title."""


class Notes:
    """The notes in the database that a MONGODB_URI names. One object for the whole process."""

    def __init__(self, uri):
        raise NotImplementedError("connect, add the validator and the unique index")

    def add(self, fields):
        """Store a new note; the note as the API shows it. Raises TitleTaken."""
        raise NotImplementedError

    def get(self, note_id):
        """One note. Raises NoSuchNote."""
        raise NotImplementedError

    def page(self, limit, offset, title):
        """The notes that GET /notes shows, oldest first."""
        raise NotImplementedError

    def change(self, note_id, fields):
        """Change the fields given and no others. Raises NoSuchNote and TitleTaken."""
        raise NotImplementedError

    def remove(self, note_id):
        """Delete a note. Raises NoSuchNote."""
        raise NotImplementedError
