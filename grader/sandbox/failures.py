"""What can happen to a learner's program instead of an answer; words only, no judgement."""

from __future__ import annotations


class SandboxUnavailable(Exception):
    """This machine cannot give the isolation that was asked for; the text says why."""


class ProgramFailure(Exception):
    """The program did not answer. ``where`` is ``path:line`` in the learner's files."""

    def __init__(self, what: str, *, where: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where


class ProgramDied(ProgramFailure):
    """A process of the learner's ended although it was still needed."""


class ProgramSilent(ProgramFailure):
    """A process of the learner's lives, but does not listen or does not answer."""


class NotData(ProgramFailure):
    """A function gave something that is not data, or is not there."""


class Raised(ProgramFailure):
    """A function of the learner's raised; ``type_name`` is the exception's class name."""

    def __init__(self, type_name: str, message: str, where: str | None) -> None:
        super().__init__(f"{type_name}: {message}" if message else type_name, where=where)
        self.type_name = type_name
        self.message = message
