"""Which checks an exercise declares, read from the source without running any of it.

A report lists what was declared: a check that produces no event is shown as not run,
so nothing a check run does or fails to do can shorten the list.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from grader.errors import AuthorError
from grader.model import Check

_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n\s*\n")


def check_id(function: str) -> str:
    """``test_ids_are_never_reused`` → ``ids-are-never-reused``."""
    return function.removeprefix("test_").replace("_", "-")


def read(folder: Path) -> tuple[Check, ...]:
    """Every ``test_…`` function of ``folder``'s modules, in the order they stand.

    Raises AuthorError with ``path:line`` for a module that does not parse, a check
    without a docstring or a task, a mark with something else than literals, and a name
    used twice.
    """
    checks: list[Check] = []
    for path in sorted(folder.glob("*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            raise AuthorError(f"this module of checks does not parse: {error}", where=f"{path}:{line}") from None
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                check = _declared(path, node)
                if any(other.id == check.id for other in checks):
                    raise AuthorError(f"{node.name} is declared twice", where=f"{path}:{node.lineno}")
                checks.append(check)
    return tuple(checks)


def _declared(path: Path, node: ast.FunctionDef) -> Check:
    where = f"{path}:{node.lineno}"
    docstring = ast.get_docstring(node)
    if not docstring:
        raise AuthorError(f"{node.name} has no docstring; its first sentence is what the learner reads", where=where)
    marks: dict[str, tuple[object, ...]] = {}
    for decorator in node.decorator_list:
        name, arguments = _mark(decorator, where)
        if name:
            marks[name] = marks.get(name, ()) + arguments
    task = marks.get("task", (None,))[0]
    points = marks.get("points", (1,))[0]
    if type(task) is not int:
        raise AuthorError(f"{node.name} names no task; add @pytest.mark.task(1)", where=where)
    if type(points) is not int or points < 1:
        raise AuthorError(f"the points of {node.name} must be a whole number of at least 1", where=where)
    sentence = " ".join(_SENTENCE_END.split(docstring.strip())[0].split()).rstrip(".")
    return Check(
        id=check_id(node.name),
        function=node.name,
        sentence=sentence,
        task=task,
        points=points,
        after=tuple(check_id(str(name)) for name in marks.get("after", ())),
        fresh="fresh" in marks,
        path=path,
        line=node.lineno,
    )


def _mark(decorator: ast.expr, where: str) -> tuple[str | None, tuple[object, ...]]:
    call = decorator if isinstance(decorator, ast.Call) else None
    dotted = ast.unparse(call.func if call else decorator)
    if not dotted.startswith("pytest.mark."):
        return None, ()
    name = dotted.removeprefix("pytest.mark.")
    if name not in ("task", "after", "points", "fresh"):
        return None, ()
    try:
        return name, tuple(ast.literal_eval(argument) for argument in (call.args if call else ()))
    except ValueError:
        raise AuthorError(f"the mark '{name}' takes plain values only", where=where) from None
