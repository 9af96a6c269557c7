"""The page of what a check may use holds all of it, from the sources' own words."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import model
from grader.checker import fixtures, run, stores
from grader.notebooks import Lab
from grader.site import declarations, reference
from tests.conftest import REPOSITORY

_PAGE = reference.page()
# pytest's own, which checks may use, too.
_OF_PYTEST = {"request", "pytestconfig"}


def _entries() -> dict[str, str]:
    """What stands under each heading, by its words."""
    found = re.split(r"^#{2,4} (?:class )?(.+)$", _PAGE, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def _defined() -> dict[str, Callable[..., Any]]:
    """The checker's fixtures as pytest finds them."""
    given = [*vars(fixtures).items(), *vars(stores).items()]
    return {
        name: value._get_wrapped_function()
        for name, value in given
        if type(value).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }


def _asked_for(path: Path) -> Iterator[str]:
    """The fixtures that a module of checks asks for and does not define itself."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    own = {node.name for node in functions if declarations.decorated(node, "fixture")}
    for node in functions:
        if node.name.startswith("test_") or node.name in own:
            given = {value for mark in node.decorator_list for value in _parameters(mark)}
            yield from ({argument.arg for argument in node.args.args} - own - given)


def _parameters(mark: ast.expr) -> list[str]:
    """What ``parametrize`` gives to a check."""
    if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith("parametrize"):
        return []
    names = ast.literal_eval(mark.args[0])
    return [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]


def test_every_fixture_of_the_checker_stands_there() -> None:
    """Each fixture that pytest finds in the plugin's modules has an entry that begins with how it is used."""
    entries = _entries()
    assert _defined().keys() >= {"http", "program", "call", "probe", "redis", "sql", "rng"}
    for name in _defined():
        assert re.match(rf"\s+```py\n{name}[:(]", entries[name]), name


def test_every_fixture_says_what_its_docstring_says() -> None:
    """The first sentence of a fixture's docstring is on the page, in Markdown."""
    flat = " ".join(_PAGE.split())
    for name, function in _defined().items():
        first = (inspect.getdoc(function) or "").split("\n")[0].replace("``", "`")
        assert first and first in flat, name


@pytest.mark.parametrize("checks", sorted(REPOSITORY.glob("exercises/*/*/checks/test_*.py")), ids=lambda p: p.stem)
def test_what_checks_ask_for_stands_there(checks: Path) -> None:
    """No check of the course uses a fixture that authors cannot look up."""
    assert set(_asked_for(checks)) - _OF_PYTEST <= _entries().keys()


def test_every_mark_stands_there() -> None:
    """The marks that the checker registers are those of the page."""
    assert {re.split(r"[:(]", line)[0] for line in run._MARKS} <= _entries().keys()


def test_every_noun_of_a_report_stands_there_with_its_fields() -> None:
    """Each public class of the model is there, with every field and property."""
    entries = _entries()
    for name, kind in vars(model).items():
        if inspect.isclass(kind) and kind.__module__ == model.__name__:
            members = [
                member
                for member, value in vars(kind).items()
                if isinstance(value, property) or member in getattr(kind, "__dataclass_fields__", {})
            ]
            for member in members:
                assert re.search(rf"^\.?{member}: ", entries[name], re.MULTILINE), f"{name}.{member}"


def test_a_lab_stands_there_as_notebooks_use_it() -> None:
    """Whatever a notebook may ask of its lab has an entry."""
    methods = [name for name, value in vars(Lab).items() if inspect.isfunction(value) and not name.startswith("_")]
    assert set(methods) == {"check", "url"}
    assert all(f"lab.{name}(" in _entries()["Lab"] for name in methods)


def test_nothing_stands_there_without_a_docstring() -> None:
    """Behind each signature comes a sentence, so every public method that an author meets has one."""
    blocks = re.findall(r"```py\n([^`]+)\n```\n\n(.*)", _PAGE)
    bare = [code for code, words in blocks if re.match(r"[\w.@]+[(:]", code) and re.match(r"```|#|See \[", words)]
    # Fields are explained by the docstring of their class, above them.
    assert [code for code in bare if not re.fullmatch(r"(\w+: .+\n?)+", code)] == []
    empty = [name for name, words in _entries().items() if not re.search(r"^[A-Z`]", words, re.MULTILINE)]
    assert set(empty) <= {"Fixtures"}


def test_what_is_left_out_exists() -> None:
    """A name that is not for checks is one that some class of that name really has."""
    sources = [*declarations.modules("checker"), *declarations.modules("services")]
    for kind, names in reference.INTERNAL.items():
        classes = [declarations.Type(module, module.classes[kind]) for module in sources if kind in module.classes]
        assert names <= {method.name for each in classes for method in each.methods()}, kind


def test_links_inside_the_page_lead_somewhere() -> None:
    """Each class and fixture that an entry points at has a heading, and only one."""
    headings = [re.sub(r"\s", "-", title.lower()) for title in re.findall(r"^#+ (.+)$", _PAGE, re.MULTILINE)]
    for anchor in re.findall(r"\]\(#([^)]+)\)", _PAGE):
        assert headings.count(anchor) == 1, anchor


def test_the_page_is_the_same_in_every_process() -> None:
    """Another process, with another order of its sets and no library of any service, writes the same page."""
    program = (
        "import sys; from grader.site.reference import page; sys.stdout.buffer.write(page().encode());"
        "assert not {'pytest', 'httpx', 'redis', 'pymongo', 'socketio'} & sys.modules.keys()"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, check=True)
    assert ran.stdout.decode() == _PAGE
