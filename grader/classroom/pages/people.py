"""How students are called on a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from grader.classroom.model import Mark, Student
from grader.classroom.pages.page import NAME, plain

# A list of names is read, not searched.
_MOST = 60


def names_of(marks: Sequence[Mark]) -> dict[str, str]:
    """How each student is called, in the order of the map; the id stands where two have one name."""
    students = {mark.student.id: mark.student for mark in marks}
    called = Counter(student.name for student in students.values())
    names = {
        key: plain(student.name, NAME) if student.name and called[student.name] == 1
        else plain(f"{student.name} {key}".strip(), NAME)
        for key, student in students.items()
    }  # fmt: skip
    return dict(sorted(names.items(), key=lambda item: (item[1].casefold(), item[0])))


def people(students: Sequence[Student], names: Mapping[str, str]) -> list[str]:
    """Some of them by name, in order; the last line counts the others."""
    found = sorted((names[student.id] for student in students), key=str.casefold)
    return found[:_MOST] + [f"{len(found) - _MOST} more"] * (len(found) > _MOST)
