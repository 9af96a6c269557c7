"""The attacks as data: what each tries, and what the judge has to make of it.

An attack is a folder ``<family>/<slug>`` with the files of a submission and ``attack.toml``:

    about       what it tries, in one sentence
    arena       "functions", "web" or "sockets": the exercise it is graded as
    stopped_by  which wall holds, in one short phrase
    says        a piece of what the learner is told, or a list of which one is enough
    seconds     a shorter limit than the arena's, for what can only end by the clock
    bites       true: without walls, as a plain process, it gets its loot
    [outcomes]  check id → its outcome, or a list where the kernel decides; only these run
    [files]     more files, for names that must not lie in a repository
    [grown]     name = {line, times}: a file of many lines, ``{n}`` is the line's number
    [links]     name = target: links instead of files

One without outcomes is refused before anything runs.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.model import Outcome

HERE = Path(__file__).parent
FAMILIES = ("forging", "reading", "reaching", "exhausting", "outliving", "confusing")
ARENAS = ("functions", "web", "sockets")


@dataclass(frozen=True)
class Attack:
    """One submission that means harm. ``outcomes`` are those that the judge may give."""

    family: str
    slug: str
    folder: Path
    about: str
    arena: str
    stopped_by: str
    says: tuple[str, ...]
    outcomes: dict[str, frozenset[Outcome]]
    seconds: int = 0
    bites: bool = False
    files: dict[str, str] = field(default_factory=dict)
    grown: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How it is pointed at: ``forging/exit_zero``."""
        return f"{self.family}/{self.slug}"

    def lay_out(self, target: Path) -> Path:
        """Write the submission into a new folder ``target``, readable by anybody."""
        shutil.copytree(self.folder, target, ignore=shutil.ignore_patterns("__pycache__", "attack.toml"))
        for name, text in self.files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text)
        for name, growth in self.grown.items():
            lines = (growth["line"].replace("{n}", str(n)) for n in range(growth["times"]))
            (target / name).write_text("".join(lines))
        for name, to in self.links.items():
            os.symlink(to, target / name)
        return target


def attacks() -> list[Attack]:
    """The whole corpus, in the order of its families and then of names."""
    return [
        _read(family, folder)
        for family in FAMILIES
        for folder in sorted((HERE / family).iterdir())
        if (folder / "attack.toml").is_file()
    ]


def honest(arena: str) -> Path:
    """The folder of the program that does what the arena asks, as far as that can be done."""
    return HERE / "arena" / arena / "honest"


# What becomes of the honest programs: they do the work, get no loot and outlive nothing.
HONEST = {
    "functions": {
        "doubles": Outcome.PASSED,
        "doubles-inside": Outcome.PASSED,
        "loot": Outcome.FAILED,
        "plants": Outcome.PASSED,
        "outlives": Outcome.FAILED,
    },
    "web": {
        "echoes": Outcome.PASSED,
        "echoes-raw": Outcome.PASSED,
        "loot": Outcome.FAILED,
        "plants": Outcome.PASSED,
        "outlives": Outcome.FAILED,
        "stops": Outcome.PASSED,
    },
    "sockets": {
        "acknowledges": Outcome.PASSED,
        "acknowledges-polls": Outcome.PASSED,
    },
}


def _read(family: str, folder: Path) -> Attack:
    table = tomllib.loads((folder / "attack.toml").read_text(encoding="utf-8"))
    outcomes = {
        check: frozenset(map(Outcome, [allowed] if isinstance(allowed, str) else allowed))
        for check, allowed in table.pop("outcomes", {}).items()
    }
    said = table.pop("says")
    says = (said,) if isinstance(said, str) else tuple(said)
    return Attack(says=says, family=family, slug=folder.name, folder=folder, outcomes=outcomes, **table)
