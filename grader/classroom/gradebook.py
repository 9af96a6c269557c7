"""The gradebook: what came in, every report whole, and what instructors decided. SQLite, or any SQLAlchemy URL.

Each write is one transaction, made durable before it is told: whoever is killed loses what was not
written yet, never half of something. A report stands for all who handed in the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grader.classroom import tables
from grader.classroom.bundle import packed, unpacked
from grader.classroom.model import Received, Student, Task, Verdict
from grader.classroom.tables import (
    CURRENT,
    META,
    PROPOSED,
    REPLACED,
    contents,
    decisions,
    reports,
    settings,
    students,
    submissions,
)
from grader.errors import GraderError, UsageError


class Gradebook:
    """One database. Raises UsageError for an address that is none, GraderError where it cannot be read or written."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise UsageError(
                f"'{url}' is no address of a database", next_step="--gradebook sqlite:///gradebook.sqlite"
            ) from None
        try:
            self._engine = sa.create_engine(parsed)
        except (SQLAlchemyError, ImportError) as error:
            raise UsageError(
                f"this gradebook cannot be opened: {error}", next_step="--gradebook sqlite:///gradebook.sqlite"
            ) from None
        self.name = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite":
            sa.event.listen(self._engine, "connect", tables.kept_well)
            tables.made_private(parsed.database or "")
        with self._writing() as connection:
            META.create_all(connection)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise GraderError(f"the gradebook {self.name} cannot be written: {_first_line(error)}") from error

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise GraderError(f"the gradebook {self.name} cannot be read: {_first_line(error)}") from error

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    # What comes in.

    def enrol(self, some: Iterable[Student]) -> None:
        """Keep students; what is known of one already is kept where nothing new is said."""
        with self._writing() as connection:
            for student in some:
                _enrol(connection, student)

    def receive(self, received: Received) -> bool:
        """Keep a submission; False if the very same was here already."""
        digest, archive = packed(received.files)
        late = received.late.total_seconds() if received.late is not None else None
        row = {
            "student": received.student.id,
            "exercise": received.exercise,
            "digest": digest,
            "submitted": received.submitted.astimezone(UTC).isoformat() if received.submitted else "",
        }
        with self._writing() as connection:
            _enrol(connection, received.student)
            if not connection.scalar(sa.select(contents.c.digest).where(contents.c.digest == digest)):
                connection.execute(contents.insert().values(digest=digest, archive=archive))
            same = sa.and_(*(submissions.c[name] == value for name, value in row.items()))
            if connection.scalar(sa.select(submissions.c.number).where(same)):
                return False
            more = {"late_seconds": late, "attempt": received.attempt, "source": received.source}
            refused = json.dumps(list(received.refused))
            connection.execute(submissions.insert().values(**row, **more, refused=refused))
        return True

    def files(self, digest: str) -> dict[str, bytes]:
        """The files of a submission by relative name."""
        return unpacked(self.archive(digest))

    def archive(self, digest: str) -> bytes:
        """The same as one zip."""
        with self._reading() as connection:
            found = connection.scalar(sa.select(contents.c.archive).where(contents.c.digest == digest))
        if found is None:
            raise GraderError(f"the gradebook has no submission {digest[:12]}")
        return bytes(found)

    def forget(self, student: str) -> int:
        """Delete a student with all that came from them or was decided about them; how many submissions that were.

        What somebody else handed in, too, byte by byte, stays theirs. Raises UsageError for nobody known.
        """
        with self._writing() as connection:
            if not connection.scalar(sa.select(students.c.id).where(students.c.id == student)):
                raise UsageError(f"the gradebook knows no student '{student}'", next_step="grader class list --json")
            connection.execute(decisions.delete().where(decisions.c.student == student))
            gone = connection.execute(submissions.delete().where(submissions.c.student == student)).rowcount
            connection.execute(students.delete().where(students.c.id == student))
            mine = (submissions.c.digest == reports.c.digest) & (submissions.c.exercise == reports.c.exercise)
            connection.execute(reports.delete().where(~sa.exists().where(mine)))
            connection.execute(contents.delete().where(contents.c.digest.not_in(sa.select(submissions.c.digest))))
        with self._engine.connect() as connection:
            tables.written_over(connection)
        return gone

    # What is to be graded, and what came of it.

    def handed_in(self, exercises: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Every (digest, exercise) that somebody handed in, in the order in which they came."""
        wanted = sa.select(submissions.c.digest, submissions.c.exercise).order_by(submissions.c.number)
        if exercises:
            wanted = wanted.where(submissions.c.exercise.in_(exercises))
        with self._reading() as connection:
            return list(dict.fromkeys((row.digest, row.exercise) for row in connection.execute(wanted)))

    def verdicts(self, standing: str = CURRENT) -> dict[tuple[str, str], tuple[str, Verdict]]:
        """By (digest, exercise): the key it was made with, and the verdict."""
        wanted = sa.select(reports).where(reports.c.standing == standing)
        with self._reading() as connection:
            return {(row.digest, row.exercise): (row.key, _verdict(row)) for row in connection.execute(wanted)}

    def judged(self, task: Task, verdict: Verdict, standing: str = CURRENT) -> bool:
        """Keep a verdict; False if there is one by this key already, which is then left as it is.

        One that the judge could not finish is replaced by any other.
        """
        there = sa.and_(
            reports.c.digest == task.digest, reports.c.exercise == task.exercise, reports.c.standing == standing
        )
        with self._writing() as connection:
            old = connection.execute(sa.select(reports.c.key, reports.c.state).where(there)).first()
            if old and (standing == CURRENT or old.key == task.key) and old.state != "broken":
                return False
            if old:
                connection.execute(reports.delete().where(there))
            connection.execute(
                reports.insert().values(
                    digest=task.digest,
                    exercise=task.exercise,
                    key=task.key,
                    standing=standing,
                    state=verdict.state,
                    note=verdict.note,
                    earned=verdict.earned,
                    possible=verdict.possible,
                    document=json.dumps(verdict.document or {}, ensure_ascii=False),
                    made=datetime.now(UTC).isoformat(timespec="seconds"),
                    made_by=verdict.made_by,
                )
            )
        return True

    def adopt(self, some: Iterable[tuple[str, str]]) -> None:
        """Make the proposed verdicts of these (digest, exercise) current; those before are kept as replaced."""
        with self._writing() as connection:
            for digest, exercise in some:
                this = sa.and_(reports.c.digest == digest, reports.c.exercise == exercise)
                for old, new in ((CURRENT, REPLACED), (PROPOSED, CURRENT)):
                    change = reports.update().where(this, reports.c.standing == old).values(standing=new)
                    connection.execute(change)

    def forget_proposals(self) -> None:
        """Drop what was proposed and not adopted."""
        with self._writing() as connection:
            connection.execute(reports.delete().where(reports.c.standing == PROPOSED))

    def history(self, digest: str, exercise: str) -> list[Mapping[str, Any]]:
        """Every verdict there was on a submission, oldest first: made, made_by, state, earned, possible, standing."""
        wanted = sa.select(reports).where(reports.c.digest == digest, reports.c.exercise == exercise)
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(wanted.order_by(reports.c.number)).mappings()]

    # What instructors decide.

    def decide(self, student: str, exercise: str, what: str, value: Any) -> None:
        """``points``, ``comment`` or ``extension`` (hours) for one mark; None takes it back. Earlier ones are kept."""
        with self._writing() as connection:
            if not connection.scalar(sa.select(students.c.id).where(students.c.id == student)):
                raise UsageError(f"the gradebook knows no student '{student}'", next_step="grader class list")
            row = {"student": student, "exercise": exercise, "what": what, "value": json.dumps(value)}
            connection.execute(decisions.insert().values(**row, made=datetime.now(UTC).isoformat(timespec="seconds")))

    def decided(self) -> dict[tuple[str, str], dict[str, Any]]:
        """By (student, exercise) the latest of each decision."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        with self._reading() as connection:
            for row in connection.execute(sa.select(decisions).order_by(decisions.c.number)):
                found.setdefault((row.student, row.exercise), {})[row.what] = json.loads(row.value)
        return found

    def set(self, name: str, value: Any) -> None:
        """Keep a setting of the class."""
        with self._writing() as connection:
            connection.execute(settings.delete().where(settings.c.name == name))
            connection.execute(settings.insert().values(name=name, value=json.dumps(value)))

    def get(self, name: str, default: Any = None) -> Any:
        """A setting of the class."""
        with self._reading() as connection:
            found = connection.scalar(sa.select(settings.c.value).where(settings.c.name == name))
        return default if found is None else json.loads(found)

    # What marks are made of.

    def students(self) -> list[Student]:
        """Everybody, by id."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(students).order_by(students.c.id))
            return [Student(row.id, row.name, row.email, json.loads(row.names)) for row in rows]

    def attempts(self) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        """By (student, exercise) every submission, the one that came first first: rows of ``submissions``."""
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        # By the moment where there is one, by the source's own count, else as they were imported.
        order = (submissions.c.submitted, sa.func.coalesce(submissions.c.attempt, 0), submissions.c.number)
        with self._reading() as connection:
            for row in connection.execute(sa.select(submissions).order_by(*order)).mappings():
                found.setdefault((row["student"], row["exercise"]), []).append(dict(row))
        return found


def _enrol(connection: sa.Connection, student: Student) -> None:
    known = connection.execute(sa.select(students).where(students.c.id == student.id)).first()
    if known is None:
        names = json.dumps(dict(student.names), sort_keys=True)
        row = {"id": student.id, "name": student.name, "email": student.email, "names": names}
        connection.execute(students.insert().values(**row))
        return
    merged = {
        # A folder's name says nothing that a roster has not said better.
        "name": known.name if known.name and student.name in ("", student.id) else student.name,
        "email": student.email or known.email,
        "names": json.dumps({**json.loads(known.names), **student.names}, sort_keys=True),
    }
    if merged != {name: getattr(known, name) for name in merged}:
        connection.execute(students.update().where(students.c.id == student.id).values(**merged))


def _verdict(row: Any) -> Verdict:
    return Verdict(row.state, row.note, row.earned, row.possible, json.loads(row.document), row.made_by)


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
