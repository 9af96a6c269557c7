"""What commands share: finding the course, the shape of the terminal, words for failures."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from grader.course import Course
from grader.errors import GraderFault, UsageError
from grader.model import Exercise
from grader.render.style import Style
from grader.services import VARIABLES, Sources

_WIDEST = 100


def course_of(ctx: click.Context) -> Course:
    """The course of ``--course``, or the one the current folder lies in."""
    named: Path | None = ctx.find_root().obj
    return Course.find((named or Path.cwd()).resolve())


def exercise_of(ctx: click.Context, course: Course, exercise_id: str | None) -> Exercise:
    """The exercise that was named, else the one whose folder we stand in.

    Raises UsageError when neither says which.
    """
    if exercise_id is None:
        here = Path.cwd().resolve()
        if here.is_relative_to(course.work) and here != course.work:
            exercise_id = here.relative_to(course.work).parts[0]
    if exercise_id is None:
        command = ctx.info_name or "check"
        raise UsageError(
            "which exercise? Name one, or stand in its folder",
            next_step=f"grader {command} ID   (grader list shows every ID)",
        )
    return course.exercise(exercise_id)


def short_name(lab: Exercise) -> str:
    """What a learner types for a lab: ``fundamentals`` for ``fundamentals-lab``."""
    return lab.id.removesuffix("-lab")


def sources() -> Sources:
    """The servers that the user's surroundings offer: what is on PATH, and what was named on purpose."""
    uris = {service.value: os.environ[name] for service, name in VARIABLES.items() if os.environ.get(name)}
    return Sources(os.environ.get("PATH", ""), uris)


def complete_id(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Exercise ids for the shell."""
    try:
        return [CompletionItem(name) for name in course_of(ctx).ids() if name.startswith(incomplete)]
    except GraderFault:
        return []


def complete_lab(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What labs are called, for the shell."""
    found = (item.value for item in complete_id(ctx, param, "") if item.value.endswith("-lab"))
    return [CompletionItem(name) for name in (one.removesuffix("-lab") for one in found) if name.startswith(incomplete)]


def style(*, err: bool = False) -> Style:
    """Colour only on a terminal, and never with NO_COLOR; at most 100 columns wide."""
    stream = sys.stderr if err else sys.stdout
    terminal = stream.isatty()
    colour = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
    encoding = (getattr(stream, "encoding", None) or "ascii").lower()
    return Style(max(40, min(width, _WIDEST)), colour or "FORCE_COLOR" in os.environ, encoding.startswith("utf"))


def say(text: str = "") -> None:
    """Print a line, in the signs this terminal has."""
    click.echo(style().plain(text))


def command_name() -> str:
    """How to type ``grader`` here: by its path while its folder is not on PATH."""
    ours = Path(sys.prefix) / "bin" / "grader"
    found = shutil.which("grader")
    if (found and Path(found).resolve() == ours.resolve()) or not ours.exists():
        return "grader"
    return short(ours)


def short(path: Path) -> str:
    """A path the way a person would type it from here."""
    here = Path.cwd().resolve()
    # Not resolved: .venv/bin/grader must not become wherever Python is installed.
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def complain(error: GraderFault) -> None:
    """Print a failure and whose move it is to standard error."""
    paint = style(err=True)
    where = f"{short(Path(error.where))}: " if error.where and "\n" not in error.where else ""
    click.echo(paint.plain(paint.paint("✗ ", "red") + where + error.what), err=True)
    lines = [f"Next: {_as_typed(error.next_step)}"] if error.next_step else []
    if error.whose_move != "yours":
        lines.append(f"This is {error.whose_move} to put right, not yours.")
    for line in lines:
        click.echo(paint.plain(f"  {line}"), err=True)


def apologise(error: Exception) -> None:
    """Say that we failed; keep the traceback in a file that can be sent to us."""
    with tempfile.NamedTemporaryFile("w", prefix="groundup-error-", suffix=".txt", delete=False) as file:
        traceback.print_exception(error, file=file)
    click.echo(f"✗ The grader itself failed: {type(error).__name__}: {error}", err=True)
    click.echo("  This is ours to put right, not yours; your work is untouched.", err=True)
    click.echo(f"  Next: report it with the file {file.name}", err=True)


def _as_typed(step: str) -> str:
    return re.sub(r"\bgrader (?=[a-z])", f"{command_name()} ", step)
