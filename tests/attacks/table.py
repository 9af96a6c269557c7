"""The corpus as a page of the documentation: what is tried, what becomes of it, and by which wall.

    python -m tests.attacks.table > docs/attacks.md

A test holds the page to the corpus and to what ``bench/forgeries.py`` found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.attacks.corpus import FAMILIES, Attack, attacks

REPOSITORY = Path(__file__).resolve().parent.parent.parent
_INTRODUCTION = """\
# Attacks, and what becomes of them

<!-- Written by: python -m tests.attacks.table > docs/attacks.md -->

{count} programs that mean harm, each a complete submission. Every run of the tests grades all
of them, demands the verdict that stands here, looks for anything left behind, and then has an
honest program graded right by the same judge. They are kept in `tests/attacks/`; the
exhausting ones run under outer limits that are proved first. `grader doctor` says which of the
walls hold on your own machine.

A verdict with *or* is one where the kernel decides what happens first. None of them earns a
point.
"""
_FAMILIES = {
    "forging": "Forging: marks without the work",
    "reading": "Reading: what is none of its business",
    "reaching": "Reaching: anything outside of the sandbox",
    "exhausting": "Exhausting: the machine",
    "outliving": "Outliving: its own end",
    "confusing": "Confusing: the judge",
}
_PEERS = """\
## The same four forgeries elsewhere

The same notes exercise, its checks and four submissions that do not solve it, adapted to each
grader the way a determined student would. `python bench/forgeries.py` repeats it.

"""
_FORGERIES = {
    "solution": "the solution, for comparison",
    "nothing": "a program that does nothing, for comparison",
    "patches_the_framework": "patches the framework",
    "always_equal": "hands over objects that equal everything",
    "forges_the_result": "writes the result itself",
    "reads_the_checks": "reads the hidden checks and answers from them",
}


def page() -> str:
    """The whole page."""
    corpus = attacks()
    parts = [_INTRODUCTION.format(count=len(corpus))]
    for family in FAMILIES:
        rows = [_row(attack) for attack in corpus if attack.family == family]
        head = ["| What it tries | Verdict | What stops it |", "|---|---|---|"]
        parts.append("\n".join([f"## {_FAMILIES[family]}\n", *head, *rows, ""]))
    return "\n".join([*parts, _PEERS + "\n".join(_peers()), ""])


def _row(attack: Attack) -> str:
    cells = (attack.about, verdict(attack), attack.stopped_by)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def verdict(attack: Attack) -> str:
    """What the judge has to say, in words: ``failed or timed out``; refused if it is never run."""
    # Of checks that only see whether the work is done, the honest outcomes say nothing.
    found = sorted({outcome.value for allowed in attack.outcomes.values() for outcome in allowed} - {"passed"})
    return " or ".join(word.replace("_", " ") for word in found) or "refused"


def _peers() -> Iterator[str]:
    found = json.loads((REPOSITORY / "bench" / "forgeries.json").read_text(encoding="utf-8"))
    graders = list(found["versions"])
    yield "| A submission that … | " + " | ".join(graders) + " |"
    yield "|---" * (len(graders) + 1) + "|"
    for attack, by_grader in found["attacks"].items():
        yield (
            f"| {_FORGERIES.get(attack, attack)} | " + " | ".join(_mark(by_grader.get(name)) for name in graders) + " |"
        )
    yield ""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items() if name != "grader")
    yield f"Measured on {found['date']} with {versions}."


def _mark(result: dict[str, object] | None) -> str:
    if result is None:
        return "not run"
    read = ", and read the checks" if result["checks_read"] else ""
    return f"{result['verdict']} ({result['passed']} of {result['possible']}){read}"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 it is what the command is for
