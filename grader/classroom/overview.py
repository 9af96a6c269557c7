"""The instructor's page of a class as it stands in the gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import marks, title
from grader.classroom.model import Mark
from grader.classroom.pages import report
from grader.classroom.similarity import Pair, similar
from grader.course import Course
from grader.grading import collect
from grader.model import Exercise

Files = Mapping[str, Mapping[str, bytes]]


class Overview:
    """Makes the page as often as it is asked for; who is alike is found once for the same submissions."""

    def __init__(self, course: Course, gradebook: Gradebook, exercises: Sequence[tuple[str, str, int]]) -> None:
        self._course, self._gradebook, self.exercises = course, gradebook, exercises
        self._alike: dict[str, tuple[frozenset[str], list[Pair], Files]] = {}

    def marks(self) -> list[Mark]:
        """As they are now."""
        return marks(self._gradebook, self.exercises)

    @property
    def title(self) -> str:
        """The name of the class."""
        return title(self._gradebook)

    def page(self, when: datetime | None = None) -> str:
        """One HTML page that works without a network."""
        found = self.marks()
        pairs, sources = {}, {}
        for exercise, _, _ in self.exercises:
            pairs[exercise], sources[exercise] = self._similar(exercise, found)
        return report(
            found, self.exercises, title=self.title, when=when or datetime.now(UTC), pairs=pairs, sources=sources
        )

    def _similar(self, exercise: str, found: Sequence[Mark]) -> tuple[list[Pair], Files]:
        own = {mark.student.id: mark.digest for mark in found if mark.exercise == exercise and mark.digest}
        now = frozenset(own.items())
        kept = self._alike.get(exercise)
        names = frozenset(f"{student} {digest}" for student, digest in now)
        if kept and kept[0] == names:
            return kept[1], kept[2]
        files = {student: self._gradebook.files(digest) for student, digest in own.items()}
        pairs = similar(files, [_given(self._course, self._course.exercise(exercise))])
        # Only what is shown is kept: a class may be large.
        shown = {name for pair in pairs for name in (pair.left, pair.right)}
        self._alike[exercise] = names, pairs, {name: files[name] for name in shown}
        return pairs, self._alike[exercise][2]


def _given(course: Course, exercise: Exercise) -> dict[str, bytes]:
    # What is carried over from the exercise before belongs to the starter, too.
    starter = collect(exercise, *course.starter(exercise).layers)
    return {name: path.read_bytes() for name, path in starter.files}
