"""What our sources declare: classes and functions with their signatures and docstrings, read and never imported.

A library that a fixture needs may be missing where the site is built, and some cost a third of a second.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GRADER = Path(__file__).parents[1]
_WIDEST = 88
_ROLE = re.compile(r":(\w+):`~?(?:[\w.]+\.)?(\w+)`")


@dataclass(frozen=True)
class Module:
    """One source: what it defines, in its order; what it imports by name; its constants."""

    name: str
    classes: dict[str, ast.ClassDef]
    functions: dict[str, ast.FunctionDef]
    imported: dict[str, tuple[str, str]]
    constants: dict[str, ast.expr]


@dataclass(frozen=True)
class Type:
    """A class and the module that defines it."""

    module: Module
    node: ast.ClassDef

    @property
    def name(self) -> str:
        """What it is called."""
        return self.node.name

    @property
    def key(self) -> str:
        """Its name, different from every other's."""
        return f"{self.module.name}.{self.name}"

    def methods(self) -> Iterator[ast.FunctionDef]:
        """Its own methods and properties, in their order."""
        return (each for each in self.node.body if isinstance(each, ast.FunctionDef))

    def values(self) -> Iterator[tuple[str, ast.expr]]:
        """What its body assigns."""
        for each in self.node.body:
            if isinstance(each, ast.Assign):
                yield ast.unparse(each.targets[0]), each.value
            elif isinstance(each, ast.AnnAssign) and each.value:
                yield ast.unparse(each.target), each.value

    def fields(self) -> Iterator[str]:
        """The members of an enumeration, or the fields of a dataclass."""
        listed = any(ast.unparse(base) == "StrEnum" for base in self.node.bases)
        for each in self.node.body:
            if isinstance(each, ast.Assign) and listed:
                yield text(each)
            elif isinstance(each, ast.AnnAssign) and decorated(self.node, "dataclass"):
                default = f" = {text(each.value)}" if each.value else ""
                yield f"{text(each.target)}: {text(each.annotation)}{default}"


@cache
def read(name: str) -> Module:
    """The source of a module or a package of ours."""
    path = GRADER.parent.joinpath(*name.split("."))
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return Module(
        name,
        {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)},
        {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)},
        {one.asname or one.name: (str(node.module), one.name) for node in imports for one in node.names},
        {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)},
    )


def modules(package: str) -> Iterator[Module]:
    """The modules of a package of ours, by name."""
    for path in sorted((GRADER / package).glob("*.py")):
        yield read(f"grader.{package}.{path.stem}")


def home(module: str, name: str) -> tuple[Module, str]:
    """The module of ours that defines a name, through whatever imports it, and the name there."""
    found = read(module)
    place = found.imported.get(name)
    return home(*place) if place and place[0].startswith("grader") else (found, name)


def type_of(module: str, name: str) -> Type | None:
    """The class of ours that a name means in a module, if it means one."""
    where, known = home(module, name)
    return Type(where, where.classes[known]) if known in where.classes else None


def given(module: Module, function: ast.FunctionDef) -> list[Type]:
    """The classes of ours in what a function gives."""
    names = [each.id for each in ast.walk(function.returns or ast.Constant(None)) if isinstance(each, ast.Name)]
    return [found for name in names if (found := type_of(module.name, name))]


def decorated(node: ast.FunctionDef | ast.ClassDef, *names: str) -> bool:
    """Whether one of these decorators stands above it, from whatever module and with whatever arguments."""
    return any(ast.unparse(each).partition("(")[0].rpartition(".")[2] in names for each in node.decorator_list)


def signature(module: Module, function: ast.FunctionDef, called: str) -> str:
    """How to call a function by the name ``called``: on one line, or an argument a line."""
    arguments = list(_arguments(module, function.args))
    returns = f" -> {text(function.returns)}" if function.returns else ""
    line = f"{called}({', '.join(arguments)}){returns}"
    if len(line) <= _WIDEST:
        return line
    return f"{called}(\n" + "".join(f"    {each},\n" for each in arguments) + f"){returns}"


def _arguments(module: Module, declared: ast.arguments) -> Iterator[str]:
    def shown(argument: ast.arg, default: ast.expr | None, stars: str = "") -> str:
        if isinstance(default, ast.Name):
            # What a caller wants to know is the number, not what we call it.
            where, known = home(module.name, default.id)
            default = where.constants[known]
        kind = f": {text(argument.annotation)}" if argument.annotation else ""
        return f"{stars}{argument.arg}{kind}" + (f" = {text(default)}" if default else "")

    ordinary = [*declared.posonlyargs, *declared.args]
    defaults = [None] * (len(ordinary) - len(declared.defaults)) + declared.defaults
    pairs = zip(ordinary, defaults, strict=True)
    yield from (shown(argument, default) for argument, default in pairs if argument.arg not in ("self", "cls"))
    if declared.vararg:
        yield shown(declared.vararg, None, "*")
    elif declared.kwonlyargs:
        yield "*"
    yield from (shown(*pair) for pair in zip(declared.kwonlyargs, declared.kw_defaults, strict=True))
    if declared.kwarg:
        yield shown(declared.kwarg, None, "**")


def text(node: ast.AST) -> str:
    """Source the way we write it."""
    return ast.unparse(node).replace("'", '"')


def words(node: ast.ClassDef | ast.FunctionDef) -> str:
    """A docstring as Markdown, empty where there is none."""
    found = _ROLE.sub(lambda role: f"`{role[2]}{'()' * (role[1] == 'meth')}`", ast.get_docstring(node) or "")
    return inspect.cleandoc(found).replace("``", "`")
