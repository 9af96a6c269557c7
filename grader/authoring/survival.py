"""What became of an exercise's mutants, kept beside its solution so that nobody pays twice.

solutions/…/mutants.json        written by ``grader verify --mutants``; keyed by the content
                                of exercise and reference
solutions/…/equivalent.toml     written by authors: survivors that are no fault, and why
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.authoring.content import digest
from grader.authoring.findings import Finding
from grader.authoring.mutants import Fate, Lines, Mutant, grade_mutants, lines_that_run, mutants_of, sample
from grader.course import Course
from grader.errors import AuthorError
from grader.model import Exercise

LOWEST_RATE = 0.95
# Of results that are kept, at most so many are computed again.
MOST = 3


@dataclass(frozen=True)
class Survivor:
    """A fault that no check notices, and where to read about it."""

    mutant: Mutant
    finding: Finding


@dataclass(frozen=True)
class Survival:
    """The result for one exercise. ``rate`` is caught / (all - equivalent)."""

    exercise_id: str
    mutants: int
    graded: int
    caught: int
    equivalent: int
    survivors: tuple[Survivor, ...]
    findings: tuple[Finding, ...]

    @property
    def rate(self) -> float:
        """The share of the mutants that count which some check caught."""
        counting = self.mutants - self.equivalent
        return self.caught / counting if counting else 1.0


def survival(
    course: Course,
    exercise: Exercise,
    *,
    recompute: bool = False,
    most: int = MOST,
    workers: int | None = None,
    on_fate: Callable[[Fate, int, int], None] | None = None,
) -> Survival:
    """Grade an exercise's mutants, or a random twentieth of them, ``most`` at most, where results are kept.

    ``recompute`` grades all of them whatever is kept. Findings: kept results that are not
    repeated, faults that were caught before a change and no longer are, equivalents that no
    longer exist or are caught, and a rate below 95 %.
    """
    reference = course.reference(exercise)
    folder = course.solutions(exercise)
    key = digest(exercise, [reference], f"mutmut {metadata.version('mutmut')}")
    path = folder / "equivalent.toml"
    reasons = _read_equivalent(path)
    before = _Kept() if recompute else _read_results(folder / "mutants.json")
    kept = before.fates if before.key == key else {}
    # Tracing every line that runs takes several times as long as grading.
    ran = (before.ran if kept else {}) or lines_that_run(exercise, reference)
    mutants = mutants_of(exercise, reference, course.starter(exercise), ran)
    findings: list[Finding] = []
    known = tuple(Fate(mutant, kept[mutant.id]) for mutant in mutants if mutant.id in kept)
    if len(known) == len(mutants):
        chosen = sample(known, random.SystemRandom(), most)
        again = grade_mutants(
            exercise, reference, tuple(f.mutant for f in chosen), kept=kept, workers=workers, on_fate=on_fate
        )
        findings += _differences(folder, chosen, again)
        fates, graded = known, len(again)
        if not before.ran:
            _write_results(folder / "mutants.json", key, ran, fates)
    else:
        fates = grade_mutants(exercise, reference, mutants, workers=workers, on_fate=on_fate)
        graded = len(fates)
        lost = [
            Finding(
                folder / "mutants.json",
                0,
                f"{before.fates[f.mutant.id]} noticed it, nothing does now: {_one_line(f.mutant.diff)}",
            )
            for f in fates
            if not f.caught_by and before.fates.get(f.mutant.id) and (f.mutant.file, f.mutant.diff) not in reasons
        ]
        findings += lost
        # Kept as they were until it is caught again, or --all accepts what is.
        if not lost:
            _write_results(folder / "mutants.json", key, ran, fates)
    survived = {fate.mutant.diff for fate in fates if not fate.caught_by}
    for (file, diff), line in reasons.items():
        if diff not in survived:
            there = any(mutant.diff == diff and mutant.file == file for mutant in mutants)
            what = "is caught, so it is not equivalent" if there else "is no mutant of the reference any more"
            findings.append(Finding(path, line, f"this {what}: {_one_line(diff)}"))
    left = [f for f in fates if not f.caught_by and (f.mutant.file, f.mutant.diff) not in reasons]
    result = Survival(
        exercise_id=exercise.id,
        mutants=len(fates),
        graded=graded,
        caught=sum(bool(fate.caught_by) for fate in fates),
        equivalent=sum(not fate.caught_by for fate in fates) - len(left),
        survivors=tuple(_survivor(reference.layers, fate.mutant) for fate in left),
        findings=(),
    )
    if result.rate < LOWEST_RATE:
        share = f"{result.rate:.0%} of the mutants are caught; at least {LOWEST_RATE:.0%} are wanted"
        findings += [Finding(folder, 0, share), *(survivor.finding for survivor in result.survivors)]
    return Survival(**{**result.__dict__, "findings": tuple(findings)})


@dataclass(frozen=True)
class _Kept:
    """Who caught which mutant, by its id, and which lines run: for the content of exercise and reference in ``key``."""

    key: str = ""
    ran: Lines = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)


def _read_results(path: Path) -> _Kept:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        ran = {name: _lines(ranges) for name, ranges in stored.get("ran", {}).items()}
        return _Kept(stored["key"], ran, dict(stored["fates"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # What cannot be read is computed again.
        return _Kept()


def _write_results(path: Path, key: str, ran: Lines, fates: tuple[Fate, ...]) -> None:
    # The same fault on several lines has one id: it is caught only if it is caught everywhere.
    by_id: dict[str, str] = {}
    for fate in fates:
        by_id[fate.mutant.id] = fate.caught_by and by_id.get(fate.mutant.id, fate.caught_by)
    ranges = {name: _ranges(lines) for name, lines in ran.items()}
    content = {"key": key, "ran": ranges, "fates": dict(sorted(by_id.items()))}
    path.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")


def _ranges(lines: frozenset[int]) -> str:
    """``1-3,7`` for 1, 2, 3 and 7."""
    starts = sorted(line for line in lines if line - 1 not in lines)
    ends = sorted(line for line in lines if line + 1 not in lines)
    return ",".join(f"{start}-{end}" if end > start else str(start) for start, end in zip(starts, ends, strict=True))


def _lines(ranges: str) -> frozenset[int]:
    pairs = (part.partition("-") for part in ranges.split(","))
    return frozenset(line for start, _, end in pairs for line in range(int(start), int(end or start) + 1))


def _read_equivalent(path: Path) -> dict[tuple[str, str], int]:
    """``(file, diff)`` of every recorded equivalent, with the line it stands on."""
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        entries: list[dict[str, Any]] = tomllib.loads(text).get("equivalent", [])
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(f"this is not TOML: {error}", where=str(path)) from None
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if line.startswith("[[equivalent]]")]
    found: dict[tuple[str, str], int] = {}
    for entry, line in zip(entries, lines, strict=True):
        if set(entry) != {"file", "diff", "reason"} or not str(entry["reason"]).strip():
            raise AuthorError("an equivalent has a file, a diff and a reason", where=f"{path}:{line}")
        found[entry["file"], str(entry["diff"]).strip("\n")] = line
    return found


def _differences(folder: Path, kept: tuple[Fate, ...], again: tuple[Fate, ...]) -> Iterator[Finding]:
    for old, new in zip(kept, again, strict=True):
        if bool(old.caught_by) != bool(new.caught_by):
            now = f"caught by {new.caught_by}" if new.caught_by else "not caught"
            what = f"kept as {old.caught_by or 'not caught'}, now {now}: {_one_line(old.mutant.diff)}"
            yield Finding(folder / "mutants.json", 0, what)


def _survivor(layers: tuple[Path, ...], mutant: Mutant) -> Survivor:
    path = next(layer / mutant.file for layer in reversed(layers) if (layer / mutant.file).is_file())
    return Survivor(mutant, Finding(path, mutant.line, f"no check notices {_one_line(mutant.diff)}"))


def _one_line(diff: str) -> str:
    removed = " ".join(line[1:].strip() for line in diff.splitlines() if line.startswith("-"))
    added = " ".join(line[1:].strip() for line in diff.splitlines() if line.startswith("+"))
    return f"`{removed}` → `{added}`"
