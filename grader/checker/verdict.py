"""From what a check raised to an outcome and the words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.checker import clients
from grader.checker.deaths import StartFailure
from grader.checker.transcript import as_json, printable
from grader.errors import LearnerError
from grader.model import Outcome
from grader.sandbox import NotData, ProgramDied, ProgramFailure, ProgramSilent, Raised
from grader.services import NotNamed, ServiceFailure
from grader.services.tiers import TITLES

_LONGEST = 600
_MEMORY = re.compile(r"MemoryError|heap out of memory|Cannot allocate memory|MB of memory")
_FORBIDDEN = re.compile(r"PermissionError|Read-only file system|Network is unreachable|Operation not permitted")


class OutOfTime(BaseException):
    """The whole grading's time ran out; not an Exception, so that no check swallows it."""


@dataclass
class Verdict:
    """What a check found, on its way to becoming an event; ``at_first`` and ``lacking`` as in a CheckResult."""

    outcome: Outcome
    message: str = ""
    where: str | None = None
    transcript: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0
    at_first: str = ""
    lacking: bool = False


def judge(error: BaseException) -> Verdict:
    """Whose fault ``error`` is. Whatever is not known to be the learner's is the check's."""
    if isinstance(error, ProgramFailure):
        # What the program says of itself stays on its line.
        error.what = printable(error.what, _LONGEST)
    match error:
        case AssertionError():
            return Verdict(Outcome.FAILED, assertion_words(str(error)))
        case StartFailure():
            return Verdict(Outcome.BLOCKED, str(error))
        case ServiceFailure():
            return Verdict(Outcome.NOT_RUN, _missing(error), lacking=True)
        case _ if what := clients.doing(error):
            return Verdict(*what)
        case _ if service := clients.behind(error):
            said = printable(str(error), 200)
            return Verdict(Outcome.NOT_RUN, f"{TITLES[service]} gave the check no answer: {said}", lacking=True)
        case NotNamed():
            return Verdict(Outcome.BROKEN, f"the check itself is wrong: {error}")
        case ProgramDied():
            return Verdict(_how_it_died(error.what), error.what, error.where)
        case ProgramSilent():
            return Verdict(Outcome.TIMED_OUT, error.what, error.where)
        case Raised() if _MEMORY.search(error.type_name):
            return Verdict(Outcome.OUT_OF_MEMORY, f"your code raised {error.what}", error.where)
        case Raised() if error.type_name == "SystemExit":
            return Verdict(Outcome.FAILED, "expected an answer, but your code ended the program (exit)", error.where)
        case Raised():
            return Verdict(Outcome.FAILED, f"expected an answer, got an exception: {error.what}", error.where)
        case NotData():
            return Verdict(Outcome.FAILED, error.what, error.where)
        case ProgramFailure():
            return Verdict(Outcome.CRASHED, error.what, error.where)
        case LearnerError():
            return Verdict(Outcome.FAILED, f"{error.what}; {error.next_step}", error.where)
        case OutOfTime():
            return Verdict(Outcome.TIMED_OUT, str(error))
        case EOFError():
            return Verdict(Outcome.FAILED, f"expected an answer, got none: {error}")
    return Verdict(Outcome.BROKEN, f"the check itself failed: {type(error).__name__}: {printable(str(error), 300)}")


def assertion_words(text: str) -> str:
    """A failed assertion as one or two sentences: ours first, then pytest's comparison."""
    own, marker, rest = text.partition("\nassert ")
    if not marker and text.startswith("assert "):
        own, rest = "", text.removeprefix("assert ")
    compared = rest.split("\n", 1)[0].strip()
    if not compared.startswith("expected "):
        # An assertion that is not a comparison says nothing a learner could use, unless
        # it is all there is.
        compared = "" if own else compared
    if "expected " in own:
        # The author has said it in words; saying it again in ours adds nothing.
        compared = ""
    words = ": ".join(part for part in (own.strip(), compared) if part)
    return words[:_LONGEST]


def compared(operator: str, left: object, right: object) -> list[str] | None:
    """A failed comparison in the words of a report; what the program gave is on the left."""
    got, wanted = _shown(left), _shown(right)
    if operator == "==":
        return [f"expected {wanted}, got {got}"]
    if operator == "in" and isinstance(right, tuple):
        return [f"expected {' or '.join(map(_shown, right))}, got {got}"]
    if operator == "!=":
        return [f"expected anything but {wanted}"]
    if operator in ("in", "not in"):
        negated = "not " if operator == "not in" else ""
        return [f"expected {got} {negated}to be in {wanted}"]
    if operator in ("<", "<=", ">", ">="):
        return [f"expected a value {operator} {wanted}, got {got}"]
    return None


def _missing(error: ServiceFailure) -> str:
    return f"{error.what}\nNext: {error.remedy}" if error.remedy else error.what


def _shown(value: object) -> str:
    if isinstance(value, (dict, list, str)) or value is None:
        return as_json(value, 200)
    return printable(repr(value), 200)


def _how_it_died(what: str) -> Outcome:
    if _MEMORY.search(what):
        return Outcome.OUT_OF_MEMORY
    if "SIGXCPU" in what:
        return Outcome.TIMED_OUT
    if _FORBIDDEN.search(what):
        return Outcome.FORBIDDEN
    return Outcome.CRASHED
