"""What a kept result depends on, as one digest: the same content, the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from grader.course import Variant
from grader.grading import collect, fingerprint
from grader.model import Exercise


def digest(exercise: Exercise, variants: Iterable[Variant], salt: str) -> str:
    """Of an exercise's checks and limits, of these solutions, and of ``salt``."""
    found = hashlib.sha256()
    for variant in variants:
        found.update(f"{variant.name}\0{fingerprint(collect(exercise, *variant.layers))}\0".encode())
    for path in sorted((exercise.path / "checks").rglob("*.py")):
        found.update(path.relative_to(exercise.path).as_posix().encode() + path.read_bytes())
    found.update(f"{exercise.limits} {salt}".encode())
    return found.hexdigest()
