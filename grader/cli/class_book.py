"""What the commands about a class share: its gradebook, its exercises and its marks."""

from __future__ import annotations

from contextlib import closing

import click

from grader.classroom.gradebook import Gradebook
from grader.classroom.judging import possible
from grader.classroom.marks import marks
from grader.classroom.model import Mark
from grader.cli.terminal import course_of, style


def gradebook_of(ctx: click.Context) -> Gradebook:
    """The one that was named, else the one in this folder."""
    return Gradebook(ctx.meta["gradebook"])


def exercises_of(ctx: click.Context, gradebook: Gradebook) -> list[tuple[str, str, int]]:
    """Id, title and points of each exercise that somebody handed in, in the order of the course."""
    course = course_of(ctx)
    handed_in = {exercise for _, exercise in gradebook.handed_in()}
    found = [course.exercise(name) for name in course.ids() if name in handed_in]
    return [(exercise.id, exercise.title, possible(exercise)) for exercise in found]


def marks_of(ctx: click.Context) -> tuple[list[Mark], list[tuple[str, str, int]]]:
    """Every mark, and the exercises they are for."""
    with closing(gradebook_of(ctx)) as gradebook:
        exercises = exercises_of(ctx, gradebook)
        return marks(gradebook, exercises), exercises


def warn(what: str) -> None:
    """A line to standard error about something that was left out."""
    paint = style(err=True)
    # What people wrote may hold anything, and a terminal obeys some of it.
    plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in what)
    click.echo(paint.plain(paint.paint("! ", "yellow") + plain), err=True)
