"""From a notebook that was handed in to a module whose functions can be called like any other's.

A notebook is a stranger's JSON of any shape; it is read here as data and runs in the sandbox alone.
What cannot be read becomes a module that says so to every check that calls it.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.model import Exercise

# What checks call, whatever the notebook is called: ``call("lab:split_url", …)``.
MODULE = "lab"
# Cells of a wrong or another right solution, in place of those with the same grade_id in the source.
INSTEAD = "cells.py"

_RUNNER = Path(__file__).resolve().parents[1] / "runner" / "notebook.py"
_PLAY = "# play"
_OURS = "grader.notebooks"
_CELL_LINE = re.compile(r"^# %%.*\n?", re.MULTILINE)
_GRADE_ID = re.compile(r'"grade_id": *"([a-z0-9-]+)"')
_PLACE = re.compile(r"[a-z0-9-]{1,64}")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)", re.MULTILINE)

# A place for tracebacks, how many lines stand above it there, and the text.
Cell = tuple[str, int, str]


class NotANotebook(ValueError):
    """Why a file is no notebook, as the end of a sentence that begins with its name."""


def sources(exercise: Exercise) -> tuple[str, ...]:
    """The files that authors write instead of a notebook."""
    return (f"{exercise.notebook}.py", INSTEAD) if exercise.notebook else ()


def lay_out(folder: Path, release: Path) -> None:
    """Write the module that runs the cells of the notebook in ``folder``, or of its source, beside it.

    ``release`` is the notebook that learners began with: what is given in it holds, whatever became of it.
    """
    complaint, cells = "", []
    try:
        cells = _cells(folder, release)
    except NotANotebook as error:
        complaint = f"{release.name} {error}"
    cells = [cell for cell in cells if not cell[2].lstrip().lower().startswith(_PLAY)]
    # Named as lines of their own, so that the sandbox has them imported before the program runs.
    wanted = sorted({module for _, _, text in cells for module in _IMPORT.findall(text)} - {_OURS})
    text = "".join(f"    import {module}\n" for module in wanted if _can_be_imported(module))
    text = f"if False:\n{text}" if text else ""
    runner = _RUNNER.read_text(encoding="utf-8")
    text += f'exec(compile({runner!r}, "<notebook>", "exec"), {{"CELLS": {cells!r}, "COMPLAINT": {complaint!r}}})\n'
    path = folder / f"{MODULE}.py"
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    path.chmod(0o644)


def script_cells(text: str) -> dict[str, tuple[int, str]]:
    """The code cells of a source in the percent format: a name → how many lines stand above it, and its text.

    A cell goes by its grade_id; one that has none, by its place.
    """
    found: dict[str, tuple[int, str]] = {}
    heads = list(_CELL_LINE.finditer(text))
    for number, (head, end) in enumerate(zip(heads, [*(h.start() for h in heads[1:]), len(text)], strict=True)):
        if "[markdown]" not in head[0]:
            named = _GRADE_ID.search(head[0])
            found[named[1] if named else f"#{number}"] = (text.count("\n", 0, head.end()), text[head.end() : end])
    return found


def notebook_cells(content: bytes, given: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The code cells of a notebook, each with a name for its place; raises NotANotebook.

    Those that are ``given``, by name, come with the text they were given with; one that is not there comes last.
    """
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        raise NotANotebook("is not a notebook: it cannot be read as JSON") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise NotANotebook("is not a notebook of version 4: it has no list of cells")
    found: list[tuple[str, str]] = []
    missing = dict(given or {})
    for cell in cells:
        match cell:
            case {"cell_type": "code", "source": str() | list() as source}:
                own = cell.get("id")
                name = own if isinstance(own, str) and _PLACE.fullmatch(own) else f"cell-{len(found) + 1}"
                text = _text(source)
                same = next((known for known, as_given in missing.items() if known == own or as_given == text), None)
                found.append((name, text if same is None else missing.pop(same)))
            case {"cell_type": "code"}:
                raise NotANotebook(f"has a code cell without text, behind {len(found)} others")
            case _:
                continue
    return [*found, *missing.items()]


def given_cells(release: Path) -> dict[str, str]:
    """The code cells of a release that nobody is to change, by their names; the cells that check are none of them.

    None before the release is built.
    """
    if not release.is_file():
        return {}
    cells = json.loads(release.read_bytes())["cells"]
    told = {cell["id"]: cell.get("metadata", {}).get("nbgrader", {}) for cell in cells}
    given = {name for name, words in told.items() if words.get("locked") and not words.get("grade")}
    return {cell["id"]: _text(cell["source"]) for cell in cells if cell["cell_type"] == "code" and cell["id"] in given}


def _cells(folder: Path, release: Path) -> list[Cell]:
    notebook = folder / release.name
    if notebook.is_file():
        cells = notebook_cells(notebook.read_bytes(), given_cells(release))
        return [(f"{notebook.name}#{place}", 0, text) for place, text in cells]
    source = folder / release.with_suffix(".py").name
    own = {place: (source.name, *cell) for place, cell in script_cells(_read(source)).items()}
    if (folder / INSTEAD).is_file():
        instead = script_cells(_read(folder / INSTEAD))
        if unknown := instead.keys() - own.keys():
            raise NotANotebook(f"has no cell {', '.join(sorted(unknown))}, which {INSTEAD} is to replace")
        own |= {place: (INSTEAD, *cell) for place, cell in instead.items()}
    return list(own.values())


def _can_be_imported(module: str) -> bool:
    """A line of prose may begin with from, too, and "from is" would keep the whole module from being read."""
    return all(word.isidentifier() and not keyword.iskeyword(word) for word in module.split("."))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _text(source: str | list[Any]) -> str:
    return source if isinstance(source, str) else "".join(line for line in source if isinstance(line, str))
