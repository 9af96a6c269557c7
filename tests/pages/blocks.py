"""Blocks of code on a page: closed, named, and of the language that they say they are."""

from __future__ import annotations

import builtins
import json
import symtable
import tomllib
import warnings
from collections.abc import Callable, Iterator
from itertools import zip_longest

import yaml  # type: ignore[import-untyped]

from tests.conftest import REPOSITORY
from tests.markdown import Fence, Page
from tests.pages import Found

# Each is coloured by the site and means something to a reader.
_DATA = ("json", "toml", "yaml", "ini", "http", "html", "css", "sql", "diff", "dockerfile", "nginx", "mermaid")
LANGUAGES = frozenset(["python", "js", "sh", "bash", "shell", "console", "text", *_DATA])


def _json(text: str) -> object:
    """One document, or one on each line."""
    try:
        return json.loads(text)
    except ValueError:
        if not text.count("\n}") and text.count("\n") > 1:
            return [json.loads(line) for line in text.splitlines()]
        raise


_PARSERS: dict[str, Callable[[str], object]] = {
    "json": _json,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}
_ALWAYS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__builtins__"}


def fences(page: Page) -> Iterator[Found]:
    """Each block is closed and names a language that is known here, and nothing else."""
    if page.unclosed:
        yield page.unclosed, "this block is never closed"
    for fence in page.fences:
        if not fence.language:
            yield fence.line, "this block names no language; plain text is ```text"
        elif fence.language not in LANGUAGES:
            yield fence.line, f"the language {fence.language} is not known: {', '.join(sorted(LANGUAGES))}"
        if fence.language and fence.more:
            yield fence.line, f"'{fence.more}' after the language means nothing to GitHub"


def data(page: Page) -> Iterator[Found]:
    """Each block of JSON, TOML or YAML can be read by a machine."""
    for fence in page.fences:
        if parse := _PARSERS.get(fence.language):
            try:
                parse(fence.text)
            except (ValueError, yaml.YAMLError) as error:
                yield fence.line, f"this is no {fence.language.upper()}: {' '.join(str(error).split())}"


def python(page: Page) -> Iterator[Found]:
    """Each block of Python compiles, alone or as the body of a function; those of lessons and labs are run elsewhere."""
    if page.path.is_relative_to(REPOSITORY / "curriculum"):
        return
    for fence in page.fences:
        refused = _refused_but_for_gaps if page.path.name == "hints.md" else _refused
        if fence.language == "python" and (error := refused(fence.text)):
            yield fence.line + (error.lineno or 1), f"this does not compile: {error.msg}"


def _refused(text: str) -> SyntaxError | None:
    """Why a text is neither a program nor the body of a function; None if it is one of them."""
    errors = []
    body = "".join(f"    {line}" for line in text.splitlines(keepends=True))
    for head in ("", "def _():\n", "async def _():\n"):
        try:
            _compile(head + (body if head else text))
        except SyntaxError as error:
            error.lineno = (error.lineno or 1) - bool(head)
            errors.append(error)
        else:
            return None
    return errors["outside function" in errors[0].msg]


def _refused_but_for_gaps(text: str) -> SyntaxError | None:
    """The same of a skeleton, in which ``...`` is a gap for whatever the learner will write there."""
    lines = text.splitlines()
    filled = [line.replace("...", "_") for line in lines]
    for _ in lines:
        error = _refused("\n".join(filled))
        number = (error.lineno or 1) - 1 if error else -1
        if error is None or number >= len(lines) or "..." not in lines[number]:
            return error
        # No name would do here: the whole line is a gap, or the head of a block.
        start = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        filled[number] = f"{start}if _:" if lines[number].endswith(":") else f"{start}_"
    return _refused("\n".join(filled))


def _compile(text: str) -> None:
    with warnings.catch_warnings():
        # An escape that means nothing is a fault, too.
        warnings.simplefilter("error", SyntaxWarning)
        warnings.simplefilter("error", DeprecationWarning)
        compile(text, "a block", "exec", dont_inherit=True)


def programs(page: Page) -> Iterator[tuple[Fence, str | None]]:
    """Every block of Python that binds each name it uses, and what the page shows below it (None if it shows nothing).

    A block that uses names from elsewhere is a fragment, of which nobody expects that it runs.
    """
    for fence, following in zip_longest(page.fences, page.fences[1:]):
        if fence.language == "python" and not _refused(fence.text) and not borrowed(fence.text):
            shown = following and following.language == "text"
            between = "".join(page.prose[fence.line : following.line - 1]) if shown else ""
            yield fence, following.text if shown and not between.strip() else None


def borrowed(text: str) -> set[str]:
    """The names that a program uses and neither binds itself nor has from Python."""
    try:
        top = symtable.symtable(text, "a block", "exec")
    except SyntaxError:
        return {"return"}  # compiles as the body of a function only
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    bound |= {symbol.get_name() for symbol in top.get_symbols() if symbol.is_namespace()}
    used: set[str] = set()
    waiting = [top]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        everywhere = table is top
        used |= {
            each.get_name() for each in table.get_symbols() if each.is_referenced() and (everywhere or each.is_global())
        }
        bound |= {each.get_name() for each in table.get_symbols() if each.is_declared_global() and each.is_assigned()}
    return used - bound - _ALWAYS
