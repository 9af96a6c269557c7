"""What an author has still to write, found by its mark, and in which order an author writes.

Knows nothing of why a text is needed, nor whether what replaced it is any good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

# Two brackets, capitals and a colon: no language a learner may use reads this as code,
# so it stands in a file only because ``grader new`` put it there.
_MARK = re.compile(r"\[\[FILL:\s*(.*?)\s*(?:\]\]|$)")

# The order of the work: what is asked, how it is judged, what is right, what is not.
_EXERCISE = ("exercise.toml", "README.md", "checks", "starter")
_SOLUTION = ("reference",)
_AFTER = ("hints.md", "wrong", "also", "notes.md")
_ORDER = {name: rank for rank, name in enumerate((*_EXERCISE, *_SOLUTION, *_AFTER))}


def marked(*places: Path) -> Iterator[tuple[Path, int, str]]:
    """``(path, line, what to write there)`` for each mark in these files and folders."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            content = path.read_bytes()
            if b"[[FILL:" not in content:
                continue
            for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
                for mark in _MARK.finditer(line):
                    yield path, number, mark[1]


def writing_order(path: Path, root: Path) -> tuple[str, str, int]:
    """A key that sorts places by exercise and, within one, in the order of the work."""
    parts = path.relative_to(root).parts if path.is_relative_to(root) else path.parts
    stage, exercise_id, name = (*parts[1:4], "", "", "")[:3]
    if parts[:1] == ("curriculum",):
        exercise_id = ""
    return stage, exercise_id, _ORDER.get(name, len(_ORDER) if name else -1)
