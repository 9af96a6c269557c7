"""Commands that a page tells people to type: click knows them, the Makefile knows its targets, exercises exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache

import click

from grader.cli import cli
from tests.conftest import REPOSITORY
from tests.markdown import Page
from tests.pages import Found, ids

_TYPED = ("sh", "bash", "shell")
_COMMENT = re.compile(r"(?:^|\s)#(?!\d).*")
_NEXT = re.compile(r"&&|\|\|?|;|&(?=\s|$)")
# <id>, …, …/x, NN-stage and FILE stand for something of the reader's.
_PLACEHOLDER = re.compile(r".*[<>…].*|\.\.\.|.*\bNN\b.*|[A-Z][A-Z_]*\d?(?:\.[a-z]+)?")
_IDS = {"exercise_id", "exercise_ids", "exercise", "exercises"}
_LABS = {"name", "names"}  # of `grader lab` and `grader labs`: an id without its -lab


def commands(page: Page) -> Iterator[Found]:
    """Each ``grader …`` and ``make …`` in a block for the shell or in a span of code is one that works."""
    new = set(re.findall(r"grader new [\w-]+/([\w-]+)", page.text))
    for line, words, whole in typed(page):
        if words[0] == "grader":
            yield from ((line, what) for what in _grader(words[1:], new, whole=whole))
        elif words[0] == "make":
            targets = [word for word in words[1:] if not re.match(r"-|\d+$|\w+=", word)]
            yield from (
                (line, f"make {target}: the Makefile has no such target")
                for target in targets
                if target not in makeable() and not _PLACEHOLDER.fullmatch(target)
            )


def typed(page: Page) -> Iterator[tuple[int, list[str], bool]]:
    """``(line, words, whole)``: in a block a command is whole; a span of code may name only its beginning."""
    for fence in page.fences:
        lines = list(enumerate(fence.text.splitlines(), start=fence.line + 1))
        while lines:
            number, text = lines.pop(0)
            if fence.language == "console":
                if not re.match(r"[$#] ", text):
                    continue
                text = text[2:]
            elif fence.language not in _TYPED:
                break
            while text.endswith("\\") and lines:
                text = f"{text[:-1]} {re.sub(r'^> ', '', lines.pop(0)[1])}"
            yield from ((number, words, True) for words in _words(text))
    for span in page.spans:
        if re.match(r"(?:\.venv/bin/)?grader \S|make \S", span.text):
            yield from ((span.line, words, False) for words in _words(span.text))


def _words(text: str) -> Iterator[list[str]]:
    for part in _NEXT.split(_COMMENT.sub("", text)):
        try:
            words = shlex.split(part)
        except ValueError:
            words = part.split()
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words.pop(0)
        if words and words[0].rpartition("/")[2] in ("grader", "make"):
            yield [words[0].rpartition("/")[2], *words[1:]]


@cache
def makeable() -> frozenset[str]:
    """The targets of the Makefile."""
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for name, value in re.findall(r"^(\w+) :?= (\S+)$", text, re.MULTILINE):
        text = text.replace(f"$({name})", value)
    return frozenset(re.findall(r"^([^\s:#=]+):(?!=)", text, re.MULTILINE)) - {".PHONY"}


def _grader(words: list[str], new: set[str], *, whole: bool) -> Iterator[str]:
    command: click.Command = cli
    context = click.Context(cli, info_name="grader", **cli.context_settings)
    while isinstance(command, click.Group):
        here, words = _options_before(command, context, words)
        if here:
            yield here
        if not words or _PLACEHOLDER.fullmatch(words[0]):
            return
        found = command.get_command(context, words[0])
        if found is None:
            yield f"{context.command_path} has no command '{words[0]}'"
            return
        context = click.Context(found, info_name=words[0], parent=context)
        command, words = found, words[1:]
    yield from _arguments(command, context, words, new, whole=whole)


def _options_before(group: click.Group, context: click.Context, words: list[str]) -> tuple[str, list[str]]:
    try:
        _, rest, _ = group.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        return f"{context.command_path}: {error.format_message()}", []
    return "", rest


def _arguments(
    command: click.Command, context: click.Context, words: list[str], new: set[str], *, whole: bool
) -> Iterator[str]:
    try:
        given, left, _ = command.make_parser(context).parse_args(list(words))
    except click.NoSuchOption as error:
        yield f"{context.command_path} has no option {error.option_name}"
        return
    except click.BadOptionUsage as error:
        if whole or not words or words[-1] != error.option_name:
            yield f"{context.command_path}: {error.format_message()}"
        return
    except click.UsageError as error:
        if whole:
            yield f"{context.command_path}: {error.format_message()}"
        return
    if left and not any(map(_PLACEHOLDER.fullmatch, left)):
        yield f"{context.command_path} takes no '{' '.join(left)}'"
    for parameter in command.get_params(context):
        values = _values(given.get(parameter.name or ""))
        elsewhere = given.get("help") or parameter.envvar
        if whole and parameter.required and not values and not elsewhere:
            yield f"{context.command_path} needs {parameter.make_metavar(context)}"
        for value in values:
            if not _PLACEHOLDER.fullmatch(value):
                yield from _value(context, parameter, value, new)


def _values(given: object) -> list[str]:
    several = given if isinstance(given, list | tuple) else [given]
    return [value for value in several if isinstance(value, str)]


def _value(context: click.Context, parameter: click.Parameter, value: str, new: set[str]) -> Iterator[str]:
    if parameter.name in _IDS:
        # What `grader new` writes on the same page exists for whoever follows it.
        if value not in ids() | new:
            yield f"{context.command_path}: there is no exercise '{value}'"
    elif parameter.name in _LABS and context.command_path.startswith("grader lab"):
        if f"{value.removesuffix('-lab')}-lab" not in ids():
            yield f"{context.command_path}: there is no lab '{value}'"
    elif isinstance(parameter.type, click.Choice) and value not in parameter.type.choices:
        yield f"{context.command_path}: '{value}' is none of {', '.join(map(str, parameter.type.choices))}"
