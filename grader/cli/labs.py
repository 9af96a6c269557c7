"""``lab`` opens a notebook for its learner; ``labs`` builds notebooks for authors and instructors."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from pathlib import Path

import click

from grader import workspace
from grader.cli.terminal import command_name, complete_lab, course_of, say, short, short_name, style
from grader.course import Course
from grader.errors import GraderError, UsageError
from grader.model import Exercise

_ENDING = "-lab"


@click.command(
    epilog="""\b
Examples:
  grader lab                   which labs there are
  grader lab fundamentals      copies the notebook to work/fundamentals-lab/ and opens it
  grader lab fundamentals --no-browser   prints the address instead
  grader check fundamentals-lab          the verdict, judged in the sandbox
Stop with Ctrl-C."""
)
@click.argument("name", required=False, shell_complete=complete_lab)
@click.option("--no-browser", is_flag=True, help="Say where Jupyter is instead of opening a browser.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where Jupyter listens; else the first free one from 8888.")
@click.pass_context
def lab(ctx: click.Context, name: str | None, no_browser: bool, port: int | None) -> None:
    """Open a lab in Jupyter, with your own copy of its notebook in work/."""
    course = course_of(ctx)
    if name is None:
        _list(course)
        return
    exercise = _lab(course, name)
    jupyter = Path(sys.executable).parent / "jupyter-lab"
    if not jupyter.exists():
        raise GraderError("labs open in Jupyter, which is not installed", next_step="make labs   (in your clone)")
    folder = workspace.folder(course, exercise)
    if not folder.exists():
        workspace.start(course, exercise)
        say(f"{exercise.title}: your own copy is {short(folder / f'{exercise.notebook}.ipynb')}")
    workspace.submission(course, exercise)
    say(f"When you are done, or in between:  {command_name()} check {exercise.id}")
    # Of what Jupyter tells, its address is what is of use here, and every error.
    words = [str(jupyter), "--ServerApp.ip=127.0.0.1", "--log-level=ERROR"]
    words.append(f"--LabApp.default_url=/lab/tree/{exercise.notebook}.ipynb")
    words += ["--no-browser"] if no_browser else []
    words += [f"--port={port}"] if port else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    # Kernels and what they start find the same Python and the same programs.
    path = os.pathsep.join([str(jupyter.parent), os.environ.get("PATH", os.defpath)])
    with subprocess.Popen(words, cwd=folder, env=os.environ | {"PATH": path}) as server:
        while server.poll() is None:
            try:
                server.wait()
            except KeyboardInterrupt:
                # Jupyter was interrupted by the same Ctrl-C and is asked no question in return.
                server.terminate()
    say("Jupyter has ended. What you saved is in " + short(folder))


@click.group(
    epilog="""\b
Examples:
  grader labs build             notebooks and pages from their sources
  grader labs nbgrader ~/labs   a folder for nbgrader"""
)
def labs() -> None:
    """Build notebooks from their sources, and make a course for nbgrader."""


@labs.command(
    epilog="""\b
Examples:
  grader labs build                     every lab
  grader labs build fundamentals        one of them
  grader labs build --check             say which files are out of date, and write nothing

Exit codes: 0 up to date, 2 wrong command, 3 a source is wrong or, with --check, a file is out of date."""
)
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_lab)
@click.option("--check", is_flag=True, help="Write nothing; fail if something would be written.")
@click.pass_context
def build(ctx: click.Context, names: tuple[str, ...], check: bool) -> None:
    """Write each lab's notebook for learners and its page for the site from its one source."""
    from grader.notebooks.build import labs as every
    from grader.notebooks.build import products

    course = course_of(ctx)
    stale = 0
    for exercise in [_lab(course, name) for name in names] or every(course):
        for product in products(course, exercise):
            if product.current:
                continue
            stale += 1
            if not check:
                product.path.write_text(product.text, encoding="utf-8")
            say(f"{'out of date' if check else 'written'}: {short(product.path)}")
    if stale and check:
        say(f"Next: {command_name()} labs build")
        ctx.exit(3)
    if not stale:
        say("Every notebook and every page is what its source says.")


@labs.command(
    epilog="""\b
Examples:
  grader labs nbgrader ~/labs                   every lab
  grader labs nbgrader ~/labs fundamentals      one of them
  cd ~/labs && nbgrader generate_assignment fundamentals-lab

docs/nbgrader.md goes on from there."""
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_lab)
@click.pass_context
def nbgrader(ctx: click.Context, folder: Path, names: tuple[str, ...]) -> None:
    """Make a folder that nbgrader works in: its configuration, and the labs with their answers."""
    from grader.notebooks import nbcourse
    from grader.notebooks.build import labs as every

    course = course_of(ctx)
    folder = folder.resolve()
    if folder.is_relative_to(course.root / "curriculum") or folder.is_relative_to(course.work):
        raise UsageError("these notebooks hold the answers, and learners look here", where=str(folder))
    for path in nbcourse.write(course, folder, [_lab(course, name) for name in names] or every(course)):
        say(f"written: {short(path)}")
    first = names[0] if names else every(course)[0].id
    say(f"Next: cd {short(folder)} && nbgrader generate_assignment {first.removesuffix(_ENDING)}{_ENDING}")


def _lab(course: Course, name: str) -> Exercise:
    """The lab of this name, ``fundamentals`` or ``fundamentals-lab``; raises UsageError with the nearest."""
    known = [exercise.id for stage in course.stages for exercise in stage.exercises if exercise.lab]
    wanted = name if name.endswith(_ENDING) else name + _ENDING
    found = course.exercise(wanted) if wanted in course.ids(drafts=True) else None
    if found is None or not found.lab:
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.4)
        meant = near[0].removesuffix(_ENDING) if near else ""
        raise UsageError(
            f"there is no lab '{name}'" + (f"; did you mean '{meant}'?" if meant else ""),
            next_step=f"grader lab {meant}".rstrip(),
        )
    return found


def _list(course: Course) -> None:
    paint = style()
    for stage in course.stages:
        for exercise in stage.exercises:
            if exercise.lab:
                command = f"{command_name()} lab {short_name(exercise):<22}"
                say(f"  {paint.paint(command, 'cyan')}  {exercise.title}, {exercise.minutes} min")
