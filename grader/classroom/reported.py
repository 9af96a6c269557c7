"""The checks in a report that is kept as data, read with care: other versions may have made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.classroom.model import Mark


@dataclass(frozen=True)
class Checked:
    """One check in a report. ``outcome`` is a word of ``grader.model.Outcome``."""

    id: str
    sentence: str
    task: int
    points: int
    outcome: str
    message: str = ""
    guess: str = ""
    where: str = ""
    blocked_by: tuple[str, ...] = ()
    transcript: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


def checked(mark: Mark) -> tuple[Checked, ...]:
    """The checks of a mark's report; none where it has none."""
    return tuple(
        Checked(
            id=_text(check, "id"),
            sentence=_text(check, "sentence"),
            task=_number(check, "task"),
            points=_number(check, "points"),
            outcome=_text(check, "outcome"),
            message=_text(check, "message"),
            guess=_text(check, "guess"),
            where=_text(check, "where"),
            blocked_by=_texts(check, "blocked_by"),
            transcript=_texts(check, "transcript"),
            log=_texts(check, "log"),
        )
        for check in _list(mark.report, "checks")
        if isinstance(check, Mapping) and _text(check, "id")
    )


def _list(data: Mapping[str, object], name: str) -> list[object]:
    value = data.get(name)
    return value if isinstance(value, list) else []


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _texts(data: Mapping[str, object], name: str) -> tuple[str, ...]:
    return tuple(value for value in _list(data, name) if isinstance(value, str))


def _number(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0
