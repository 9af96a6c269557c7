"""What each wrong solution looks like from outside, as kept beside the solutions.

Knows the file and the nouns; how a signature is learned is the authors' business
(``grader.authoring.signatures``), whether a report shows one is grading's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.model import Outcome

# A word of a message that is the same in every run, the number of a word that differs from
# run to run, or None for a stretch that no two runs have in common.
Template = tuple[str | int | None, ...]


@dataclass(frozen=True)
class Symptom:
    """How one check fails: its outcome, and its message with what is random taken out.

    ``constant`` are the words that every run had. Any other word is numbered by its first
    appearance, so that a template says which random words are the same word.
    """

    outcome: Outcome
    constant: frozenset[str]
    template: Template


@dataclass(frozen=True)
class Signature:
    """One mistake: the check it is named after, its symptoms by check id, and its text.

    ``beats`` names signatures that fit whatever this one fits, and more: of two that fit a
    report, the more particular one is meant.
    """

    name: str
    check: str
    symptoms: dict[str, Symptom]
    beats: frozenset[str]
    misconception: str = ""


@dataclass(frozen=True)
class Signatures:
    """Those of one exercise. ``untouched`` are the starter's symptoms, which are no mistake."""

    mistakes: tuple[Signature, ...] = ()
    untouched: tuple[tuple[str, Symptom], ...] = ()
    key: str = ""


def read(path: Path) -> Signatures:
    """Without texts, which stand in each ``WRONG.md``. Empty if there is no such file, or not a readable one."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        mistakes = tuple(
            Signature(name, name.partition("--")[0], _symptoms(entry["symptoms"]), frozenset(entry["beats"]))
            for name, entry in stored["mistakes"].items()
        )
        return Signatures(mistakes, tuple(_symptoms(stored["untouched"]).items()), stored["key"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # A guess is a courtesy: without the file nobody's report is worse than before.
        return Signatures()


def dumps(signatures: Signatures) -> str:
    """The content of the file."""
    # One line a mistake, so that a change of one is a change of one line.
    rows = ",\n".join(
        f"{_compact(mistake.name)}:{_compact({'symptoms': _packed(mistake.symptoms), 'beats': sorted(mistake.beats)})}"
        for mistake in signatures.mistakes
    )
    untouched = _compact(_packed(dict(signatures.untouched)))
    return f'{{"key":{_compact(signatures.key)},\n"untouched":{untouched},\n"mistakes":{{\n{rows}\n}}}}\n'


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _symptoms(stored: dict[str, Any]) -> dict[str, Symptom]:
    found: dict[str, Symptom] = {}
    for check, entry in stored.items():
        template = tuple(entry["template"])
        constant = {*entry["constant"], *(word for word in template if isinstance(word, str))}
        found[check] = Symptom(Outcome(entry["outcome"]), frozenset(constant), template)
    return found


def _packed(symptoms: dict[str, Symptom]) -> dict[str, Any]:
    return {
        check: {
            "outcome": symptom.outcome.value,
            # What stands in the template need not be said twice.
            "constant": sorted(symptom.constant - set(symptom.template)),
            "template": list(symptom.template),
        }
        for check, symptom in symptoms.items()
    }
