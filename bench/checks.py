"""The checks of an exercise as plain functions, for graders that do not run pytest's tests."""

from __future__ import annotations

import ast
from pathlib import Path

BENCH = Path(__file__).resolve().parent
REPOSITORY = BENCH.parent
NOTES = REPOSITORY / "exercises" / "02-rest" / "notes-crud"
NOTES_REFERENCE = REPOSITORY / "solutions" / "02-rest" / "notes-crud" / "reference"
NOTES_CHECKS = NOTES / "checks" / "test_notes.py"
TOOLS = BENCH / "peers" / "notes_tools.py"


def plain(source: str) -> list[ast.stmt]:
    """The statements of a file of checks without pytest: no import of it and no marks."""
    kept: list[ast.stmt] = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import) and statement.names[0].name == "pytest":
            continue
        if isinstance(statement, ast.FunctionDef):
            statement.decorator_list = []
        kept.append(statement)
    return kept


def is_check(statement: ast.stmt) -> bool:
    """Whether this is a check, not something that checks use."""
    return isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_")


def names(source: str) -> list[str]:
    """The names of the checks, in order."""
    return [
        statement.name for statement in plain(source) if isinstance(statement, ast.FunctionDef) and is_check(statement)
    ]


def marked(source: str, word: str) -> str:
    """The same checks with a word in each body, where no report shows it."""
    tree = ast.parse(source)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and is_check(statement):
            statement.body.insert(1, ast.parse(f"marked = {word!r}").body[0])
    return ast.unparse(tree)


def module(source: str) -> str:
    """One module of plain checks with the tools that they need, for graders inside the learner's process."""
    return TOOLS.read_text() + "\n\n" + "\n\n\n".join(ast.unparse(statement) for statement in plain(source)) + "\n"


def cells(source: str) -> tuple[str, dict[str, str]]:
    """The same for a notebook: what goes first, and one cell a check by its name."""
    statements = plain(source)
    first = [ast.unparse(statement) for statement in statements if not is_check(statement)]
    setup = TOOLS.read_text() + "\n\n" + "\n\n\n".join([*first, "from app import app"]) + "\n"
    each = {
        statement.name: f"{ast.unparse(statement)}\n\nrun({statement.name}, app)\n"
        for statement in statements
        if isinstance(statement, ast.FunctionDef) and is_check(statement)
    }
    return setup, each
