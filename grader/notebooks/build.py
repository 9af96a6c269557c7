"""From a lab's one source to what is published: the notebook without answers, and its page for the site.

The source is a script in the percent format: jupytext reads it, nbgrader takes the answers out. What is
written depends on the source, the exercise and nothing else, so a second build changes no byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.errors import AuthorError, GraderError
from grader.grading.notebook import script_cells
from grader.model import Exercise

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CHECK = re.compile(r"lab\.check\((\d+)\)")
_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
INSTALL = "make labs"


@dataclass(frozen=True)
class Product:
    """A file that a lab is published as, and what belongs in it."""

    path: Path
    text: str

    @property
    def current(self) -> bool:
        """The file holds that already."""
        return self.path.is_file() and self.path.read_text(encoding="utf-8") == self.text


def labs(course: Course) -> list[Exercise]:
    """Every lab of the course, drafts included, in the order of stages."""
    found = [course.exercise(name) for name in course.ids(drafts=True)]
    return [exercise for exercise in found if exercise.lab]


def products(course: Course, exercise: Exercise) -> tuple[Product, Product]:
    """The notebook for learners and its page. Raises AuthorError, with its line, for a source that is wrong."""
    released = _released(instructors_notebook(course, exercise))
    path = exercise.release
    return Product(path, _dumped(released)), Product(path.with_suffix(".md"), _page(exercise, released))


def instructors_notebook(course: Course, exercise: Exercise) -> Any:
    """The source as a notebook with its answers, points filled in from the checks; not for publication."""
    jupytext = _library("jupytext")
    path = course.reference(exercise).path
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    # What jupytext notes about itself would tie the file to its version.
    notebook["metadata"] = _KERNEL
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    above = {name: line for name, (line, _) in script_cells(text).items()}
    seen: set[str] = set()
    for number, cell in enumerate(notebook["cells"], 1):
        told = cell["metadata"].get("nbgrader")
        cell["id"] = f"{'text' if cell['cell_type'] == 'markdown' else 'play'}-{number}"
        cell["metadata"] = {}
        if told is None:
            continue
        name = str(told.get("grade_id", ""))
        where = f"{path}:{above.get(name, 0)}"
        if not _NAME.fullmatch(name) or name in seen:
            raise AuthorError(f"'{name}' is not a kebab-case grade_id of one cell alone", where=where)
        seen.add(name)
        cell["id"] = name
        cell["metadata"] = {"nbgrader": _told(exercise, cell, told, where)}
    asked = {int(task) for cell in notebook["cells"] for task in _CHECK.findall(cell["source"])}
    if missing := sorted({check.task for check in exercise.checks} - asked):
        raise AuthorError(f"no cell asks lab.check({missing[0]})", where=str(path))
    return notebook


def script(notebook: Any) -> str:
    """The code of a notebook in the percent format, for whoever compares lines."""
    return "".join(f"# %%\n{cell['source']}\n\n" for cell in notebook["cells"] if cell["cell_type"] == "code")


def _told(exercise: Exercise, cell: Any, told: dict[str, Any], where: str) -> dict[str, Any]:
    graded = bool(told.get("grade"))
    full = {
        "grade": graded,
        "grade_id": told["grade_id"],
        "locked": graded or bool(told.get("locked")),
        "schema_version": 3,
        "solution": bool(told.get("solution")),
        "task": False,
    }
    if graded:
        asked = _CHECK.fullmatch(cell["source"].strip())
        points = sum(check.points for check in exercise.checks if asked and check.task == int(asked[1]))
        if not points:
            raise AuthorError("a graded cell is lab.check(N), for a task that has checks", where=where)
        full["points"] = points
    elif full["solution"] and "### BEGIN SOLUTION" not in cell["source"]:
        raise AuthorError("an answer's cell has no ### BEGIN SOLUTION", where=where)
    return full


def _released(notebook: Any) -> Any:
    preprocessors = _library("nbgrader.preprocessors")
    resources: dict[str, Any] = {}
    for name in ("LockCells", "ClearSolutions", "ClearHiddenTests", "ClearOutput", "CheckCellMetadata"):
        notebook, resources = getattr(preprocessors, name)().preprocess(notebook, resources)
    notebook, _ = preprocessors.ComputeChecksums().preprocess(notebook, resources)
    return notebook


def _dumped(notebook: Any) -> str:
    cells = []
    for cell in notebook["cells"]:
        kept = {name: cell[name] for name in ("cell_type", "id", "metadata")}
        code: dict[str, Any] = {"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}
        cells.append(kept | code | {"source": cell["source"].splitlines(keepends=True)})
    whole = {"cells": cells, "metadata": _KERNEL, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _page(exercise: Exercise, notebook: Any) -> str:
    return "\n".join(_lines(exercise, notebook)).rstrip() + "\n"


def _lines(exercise: Exercise, notebook: Any) -> Iterator[str]:
    name = exercise.id.removesuffix("-lab")
    yield "---"
    yield f"id: {exercise.lab}"
    yield f"stage: {exercise.stage}"
    yield "kind: lab"
    yield f"level: {exercise.level}"
    yield f"minutes: {exercise.minutes}"
    yield f"topics: [{', '.join(exercise.topics)}]"
    yield "---"
    yield ""
    for number, cell in enumerate(notebook["cells"]):
        code = cell["cell_type"] == "code"
        yield from ["```python", *cell["source"].split("\n"), "```", ""] if code else [cell["source"], ""]
        if number == 0:
            yield f"This page is for reading. `grader lab {name}` opens your own copy in Jupyter, to work in."
            yield ""


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise GraderError(f"labs are built with {error.name}, which is not installed", next_step=INSTALL) from None
