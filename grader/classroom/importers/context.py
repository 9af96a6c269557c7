"""What all formats share: who somebody is, and what comes of the files that were found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from grader.classroom.archives import MOST_PATH, Intake, foreign, shown, stem
from grader.classroom.members import Entry
from grader.classroom.model import Problem, Received, Student
from grader.classroom.roster import SYSTEMS, Roster

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)
# Where somebody's number stays theirs. Moodle's is another one for each assignment.
_LASTING = {"canvas"}


@dataclass(frozen=True)
class Context:
    """What is imported and for whom. ``exercise`` is what all of it is for, where that was said."""

    source: Path
    exercise: str | None
    exercises: Collection[str]
    roster: Roster
    _told: set[str] = field(default_factory=set)
    _others: Counter[str] = field(default_factory=Counter)

    def at(self, *names: str) -> str:
        """A place in the source, for people."""
        return "/".join(shown(name, MOST_PATH) for name in (str(self.source), *names) if name)

    def problem(self, what: str, *names: str) -> Problem:
        """Something at that place."""
        return Problem(self.at(*names), what)

    def unknown(self, exercise: str, *names: str) -> Problem:
        """An exercise that the course does not have."""
        return self.problem(f"there is no exercise '{shown(exercise)}'; these files are left out", *names)

    def wanted(self, exercise: str) -> bool:
        """Whether what is for this exercise is to be taken; what is not is counted."""
        if self.exercise in (None, exercise):
            return True
        self._others[exercise] += 1
        return False

    def left_out(self) -> Iterator[Problem]:
        """How many submissions were not taken because another exercise was asked for."""
        for exercise, many in sorted(self._others.items()):
            yield self.problem(f"{many} for '{shown(exercise)}' left out: only '{self.exercise}' was asked for")

    def student(
        self, system: str, *names: str, where: str, number: str = "", email: str = "", namesake: bool = False
    ) -> tuple[Student, list[Problem]]:
        """Who goes by these names; the first one that is not empty stands for somebody who is not in the roster.

        ``number`` is what tells people of one name apart, which ``namesake`` says that there are.
        """
        name = next((name for name in map(_name, names) if name), "") or number
        lasting = number if system in _LASTING else ""
        found = self.roster.find(system, *([] if namesake else names), number=lasting)
        if len(found) == 1:
            return found[0], []
        student_id = f"{name} {number}" if namesake else name
        if any(student.id == student_id for student in self.roster.students):
            student_id = f"{student_id} ({system})"
        stranger = Student(
            student_id,
            name=_name(names[-1]) or name,
            email=_name(email),
            names={system: name} if system in SYSTEMS else {},
        )
        if namesake:
            what = f"several people are called '{shown(name)}'; this one counts as '{shown(student_id)}'"
        elif found:
            several = " or ".join(shown(student.id) for student in found[:4])
            what = f"'{shown(name)}' may be {several}; it counts as a student of that name, who is none of them"
        elif self.roster.given or self.roster.students:
            what = f"'{shown(name)}' is not in the roster; it counts as a student of that name"
        else:
            return stranger, []
        # Once is enough, however many exercises they hand in.
        told = what in self._told
        self._told.add(what)
        return stranger, [] if told else [Problem(where, what)]

    def received(
        self,
        student: Student,
        exercise: str,
        intake: Intake,
        where: str,
        *,
        submitted: datetime | None = None,
        late: timedelta | None = None,
        attempt: int | None = None,
    ) -> Iterator[Received | Problem]:
        """What was handed in, and a Problem for each archive that is broken, or if there is nothing at all."""
        yield Received(student, exercise, intake.files, where, submitted, late, attempt, tuple(intake.refused))
        for broken in intake.broken:
            yield Problem(where, f"this archive cannot be read, or not to its end: {broken}")
        if not intake.files and not intake.broken:
            yield Problem(where, "nothing of this could be taken")


def uploaded(entries: Iterable[Entry], *, every: bool = True, keep: Collection[str] = ()) -> Intake:
    """What somebody uploaded, archives at the top unpacked: all of them, or only what came alone.

    The one folder around what is in an archive is left away, unless it is one of ``keep``.
    """
    intake = Intake()
    files = list(entries)
    archives: list[Entry] = []
    if every or len(files) == 1:
        archives = [entry for entry in files if _is_archive(entry)]
        files = [entry for entry in files if not _is_archive(entry)]
    intake.take(files)
    for entry in archives:
        if foreign(entry.name):
            intake.refuse(entry.name, "archives of this kind are not read; ask for a zip")
        else:
            intake.unpack(entry.name, entry.chunks, keep=keep)
    return intake


def _is_archive(entry: Entry) -> bool:
    return "/" not in entry.name and not entry.fault and (stem(entry.name) != entry.name or foreign(entry.name))


def moment(text: str) -> datetime | None:
    """A moment in UTC as systems write it, ``2025-02-02 15:58:23.948203 UTC``; without a zone it is UTC, too."""
    match = _MOMENT.fullmatch(text.strip())
    if not match:
        return None
    fraction = int((match[7] or "0").ljust(6, "0")[:6])
    away = timedelta(hours=int(match[10] or 0), minutes=int(match[11] or 0))
    try:
        zone = timezone(-away if match[9] == "-" else away)
        year, month, day, hour, minute = (int(match[group]) for group in range(1, 6))
        return datetime(year, month, day, hour, minute, int(match[6] or 0), fraction, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _name(name: str) -> str:
    """A name as it may stand in a gradebook."""
    return shown(" ".join(name.split()), 200)
