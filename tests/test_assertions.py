"""Every assertion earns its place: take any one away, and a solution that must fail passes."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.course import Course, Variant
from grader.course.declared import check_id
from grader.grading import Options, Preparation, collect
from grader.model import Check, Exercise, Outcome
from tests.conftest import REPOSITORY

EXERCISES = ("event-emitter", "notes-crud")


@dataclass(frozen=True)
class Deletion:
    """A module of checks without one assertion; ``functions`` are the checks that run it.

    Every check in ``source`` has ``suffix`` behind its name, so that it can stand beside the original.
    """

    module: str
    line: int
    source: str
    functions: frozenset[str]

    @property
    def suffix(self) -> str:
        return f"_without_{self.module}_{self.line}"

    @property
    def place(self) -> str:
        return f"{self.module}.py:{self.line}"


def deletions(path: Path) -> Iterator[Deletion]:
    """One for each ``assert`` of a check or of a function that checks call, and for each call of such a function."""
    source = path.read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    asserting = {name for name in functions if any(isinstance(part, ast.Assert) for part in ast.walk(functions[name]))}
    while more := {name for name, node in functions.items() if names(node) & asserting} - asserting:
        asserting |= more
    lines = source.splitlines()
    for name, function in functions.items():
        users = frozenset(user for user in functions if user.startswith("test_") and name in reached(user, functions))
        for node in ast.walk(function):
            called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.func
            if isinstance(node, ast.Assert) or (isinstance(called, ast.Name) and called.id in asserting):
                assert isinstance(node, ast.stmt) and node.end_lineno
                without = [*lines[: node.lineno - 1], " " * node.col_offset + "pass", *lines[node.end_lineno :]]
                found = Deletion(path.stem, node.lineno, "", users)
                renamed = re.sub(r"(?m)^def (test_\w+)", rf"def \1{found.suffix}", "\n".join(without) + "\n")
                yield replace(found, source=renamed)


def names(function: ast.FunctionDef) -> set[str]:
    """Every name that a function mentions."""
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def reached(name: str, functions: dict[str, ast.FunctionDef]) -> set[str]:
    """The functions of its module that a function mentions, directly or not, itself included."""
    found = {name}
    while more := {other for known in found for other in names(functions[known]) & functions.keys()} - found:
        found |= more
    return found


def with_all(exercise: Exercise, every: Sequence[Deletion], folder: Path) -> Exercise:
    """The exercise with a module for each deletion beside its checks, and time to run them all."""
    shutil.copytree(exercise.path / "checks", folder / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    for deletion in every:
        # These names come behind the original's, so that the ground of a check is judged before it.
        name = f"{deletion.module}_without_{deletion.line:04}.py"
        (folder / "checks" / name).write_text(deletion.source, encoding="utf-8")
    return replace(exercise, path=folder, limits=replace(exercise.limits, seconds=120))


def ground(exercise: Exercise, check: Check) -> tuple[Check, ...]:
    """Everything that must pass before a check."""
    wanted = set(check.after)
    while more := {needed for other in exercise.checks if other.id in wanted for needed in other.after} - wanted:
        wanted |= more
    return tuple(other for other in exercise.checks if other.id in wanted)


def passing(exercise: Exercise, wrong: Sequence[Variant], every: Sequence[Deletion]) -> set[str]:
    """Where the deletions are without which some wrong solution passes the check it is named after."""
    found: set[str] = set()
    if not wrong:
        return found
    with Preparation.of(exercise, collect(exercise, *wrong[0].layers)) as preparation:
        for variant in wrong:
            check = next(check for check in exercise.checks if check.id == variant.check)
            without = {
                check_id(check.function + deletion.suffix): deletion
                for deletion in every
                if check.function in deletion.functions
            }
            changed = (
                replace(check, id=name, function=check.function + deletion.suffix) for name, deletion in without.items()
            )
            options = Options("deleted", (*ground(exercise, check), *changed))
            report = preparation.judge(exercise, collect(exercise, *variant.layers), options)
            assert not report.incomplete, report.notes
            passed = {result.check.id for result in report.results if result.outcome is Outcome.PASSED}
            found |= {deletion.place for name, deletion in without.items() if name in passed}
    return found


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_deleting_any_one_assertion_is_noticed(exercise_id: str, tmp_path: Path) -> None:
    """Without it, a wrong solution passes the check it is named after."""
    course = Course(REPOSITORY)
    exercise = course.exercise(exercise_id)
    every = [deletion for path in sorted((exercise.path / "checks").glob("test_*.py")) for deletion in deletions(path)]
    assert {check.function for check in exercise.checks} == set().union(*(d.functions for d in every))
    changed, wrong = with_all(exercise, every, tmp_path), course.wrong(exercise)
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(lambda half: passing(changed, half, every), (wrong[::2], wrong[1::2])))
    idle = [deletion.place for deletion in every if deletion.place not in set().union(*halves)]
    assert not idle, f"these assertions catch nothing that the others do not: {idle}"
