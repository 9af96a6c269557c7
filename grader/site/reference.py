"""The page of what a check may use: fixtures, marks, failures, labs and a report's nouns, in their sources' words.

What is new and public stands on the page by itself; what is public for others than checks is named here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.site.declarations import (
    Module,
    Type,
    decorated,
    given,
    home,
    modules,
    read,
    signature,
    text,
    type_of,
    words,
)

# What a fixture gives whose annotation does not say it: its library is imported when a check asks for it.
_BEHIND = {"redis": ("grader.services.redis_client", "Client")}
# Public for others than checks: the judge's own handling of what it hands out.
INTERNAL = {
    "Client": {"of", "execute_command", "leave"},
    "Program": {"close"},
    "Sockets": {"close"},
    "SocketClient": {"open", "say_goodbye", "close"},
    "MongoStore": {"leave"},
    "Mailbox": {
        *("start", "ports", "url", "lines", "lacks", "empty", "ended", "restart", "close"),
        *("connected", "lost", "received"),
    },
}
_FAILURES = ("ProgramFailure", "ProgramDied", "ProgramSilent", "NotData", "Raised")

_OPENING = """\
# Reference: what a check may use

For authors of exercises. [Contributing](../CONTRIBUTING.md#adding-an-exercise) says how a check is written and
what to use when; this page has every name, in the words of the sources. A check asks for a fixture by naming it as
an argument, as in `def test_greets(http, rng)`."""
_MARKS = """\
Marks stand above a check. They are read without running anything, so what stands in them is literal."""
_RAISED = """\
A check need not catch these: what comes out of it is the program's failure, in words. A check that wants one
imports it, and says `with pytest.raises(Raised)`:"""
_LABS = """\
What the notebook of a [lab](../CONTRIBUTING.md#labs) imports. Its checks are the command line's; marks are not made
here ([decision 10](decisions/0010-labs.md))."""
_NOUNS = """\
The data of one judgement, from `grader/model.py`, which every package knows. All of it is frozen. A report as JSON
has [a page of its own](report-schema.md)."""


@dataclass(frozen=True)
class _Writer:
    """The page so far, in paragraphs; ``places`` are links to where each class is described."""

    places: dict[str, str]
    parts: list[str] = field(default_factory=list)

    def say(self, *parts: str) -> None:
        self.parts.extend(part for part in parts if part)


def page() -> str:
    """The whole page as Markdown, as if it lay in docs/."""
    found = list(_fixtures())
    writer = _Writer(
        {kind.key: f"[`{node.name}`](#{node.name})" for module, node in found if (kind := _kind(module, node))}
    )
    writer.say(_OPENING, "## Fixtures")
    for module, node in found:
        _fixture(writer, module, node)
    writer.say("## Marks", _MARKS)
    for usage, meaning in _marks():
        writer.say(f"### {usage.partition('(')[0]}", _block(f"@pytest.mark.{usage}"), meaning)
    writer.say("## What a program may do instead of answering", _RAISED)
    writer.say(_block(f"from grader.sandbox import {', '.join(_FAILURES)}"))
    for name in _FAILURES:
        _describe(writer, _known("grader.sandbox", name))
    _describe(writer, _known("grader.checker.socket_client", "Refused"))
    writer.say("## Labs", _LABS, _block('from grader.notebooks import Lab\n\nlab = Lab("fundamentals-lab")'))
    _describe(writer, _known("grader.notebooks", "Lab"), owner="lab")
    _describe(writer, _known("grader.notebooks.kernel", "NotYet"))
    writer.say("## The nouns of a report", _NOUNS)
    for name in read("grader.model").classes:
        _describe(writer, _known("grader.model", name))
    return "\n\n".join(writer.parts) + "\n"


def _fixtures() -> Iterator[tuple[Module, ast.FunctionDef]]:
    """Every public fixture of the checker's, module by module."""
    for module in modules("checker"):
        for node in module.functions.values():
            if decorated(node, "fixture") and not node.name.startswith("_"):
                yield module, node


def _fixture(writer: _Writer, module: Module, node: ast.FunctionDef) -> None:
    """One fixture: how it is used, what it gives, and the classes that it leads to."""
    kind, function = _kind(module, node), _function(module, node)
    writer.say(f"### {node.name}")
    waiting: list[Type] = []
    if kind:
        called = next((each for each in kind.methods() if each.name == "__call__"), None)
        usage = signature(kind.module, called, node.name) if called else f"{node.name}: {kind.name}"
        writer.say(_block(usage), words(node), words(called or kind.node))
        waiting = _members(writer, kind, node.name)
    elif function:
        owner, inner = function
        writer.say(_block(signature(owner, inner, node.name)), words(node), words(inner))
        waiting = given(owner, inner)
    else:
        writer.say(_block(f"{node.name}: {_yielded(node)}"), words(node))
    while waiting:
        kind = waiting.pop(0)
        if kind.key not in writer.places:
            writer.places[kind.key] = _link(kind)
            waiting += _describe(writer, kind, heading="#### class ")


def _describe(writer: _Writer, kind: Type, heading: str = "### ", owner: str = "") -> list[Type]:
    """A class under a heading of its own; gives the classes that it leads to."""
    writer.say(f"{heading}{kind.name}", words(kind.node))
    return _members(writer, kind, owner)


def _members(writer: _Writer, kind: Type, owner: str) -> list[Type]:
    """Fields, properties and methods with their docstrings; gives the classes that they lead to."""
    # Only a library's class has a dot in its name, and pages of its own.
    libraries = [ast.unparse(base) for base in kind.node.bases if isinstance(base, ast.Attribute)]
    writer.say(*(f"It has all that `{library}` has, and besides:" for library in libraries))
    writer.say(_block("\n".join(kind.fields())))
    related: list[Type] = []
    for method in kind.methods():
        if method.name.startswith("_") or method.name in INTERNAL.get(kind.name, ()):
            continue
        called = f"{owner}.{method.name}"
        if decorated(method, "property", "cached_property") and method.returns:
            writer.say(_block(f"{called}: {text(method.returns)}"))
        else:
            writer.say(_block(signature(kind.module, method, called)))
        reached = [one for one in given(kind.module, method) if one.key != kind.key]
        see = " and ".join(writer.places.get(one.key, _link(one)) for one in reached)
        writer.say(words(method), f"See {see}." if see else "")
        related += reached
    return related


def _link(kind: Type) -> str:
    return f"[{kind.name}](#class-{kind.name.lower()})"


def _marks() -> Iterator[tuple[str, str]]:
    """How each mark is written, and what it means."""
    for line in ast.literal_eval(read("grader.checker.run").constants["_MARKS"]):
        usage, _, meaning = line.partition(": ")
        names = ", ".join(f"`{name}`" for name in _capabilities()) if usage.startswith("requires") else ""
        yield usage, f"{meaning[0].upper()}{meaning[1:]}." + (f" It knows {names}." if names else "")


def _capabilities() -> list[str]:
    """What ``requires`` may name: the capabilities of each service, in its own words."""
    services = {name: ast.literal_eval(value) for name, value in _known("grader.model", "Service").values()}
    found: set[str] = set()
    for module in modules("services"):
        for name in module.classes:
            values = dict(_known(module.name, name).values())
            service = values.get("service")
            if "capabilities" in values and isinstance(service, ast.Attribute):
                found |= {f"{services[service.attr]}.{each}" for each in ast.literal_eval(values["capabilities"])}
    return sorted(found)


def _kind(module: Module, node: ast.FunctionDef) -> Type | None:
    """The class of ours that a fixture gives an object of."""
    return type_of(*_BEHIND.get(node.name, (module.name, _yielded(node))))


def _function(module: Module, node: ast.FunctionDef) -> tuple[Module, ast.FunctionDef] | None:
    """The function that a fixture gives: one inside it, of its own name, or one that it returns by name."""
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef) and each is not node and each.name == node.name:
            return module, each
        if isinstance(each, ast.Return) and isinstance(each.value, ast.Name):
            where, name = home(module.name, each.value.id)
            if name in where.functions:
                return where, where.functions[name]
    return None


def _yielded(node: ast.FunctionDef) -> str:
    """What a fixture gives, as its annotation has it."""
    returns = ast.unparse(node.returns) if node.returns else "Any"
    return returns.removeprefix("Iterator[").removesuffix("]") if returns.startswith("Iterator[") else returns


def _known(module: str, name: str) -> Type:
    found = type_of(module, name)
    assert found, f"{module} has no class {name}"
    return found


def _block(code: str) -> str:
    return f"```py\n{code}\n```" if code else ""
