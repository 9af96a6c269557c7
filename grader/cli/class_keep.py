"""``grader class import``, ``list``, ``due``, ``rules``, ``set``, ``forget``: the gradebook, but for verdicts."""

from __future__ import annotations

import json
import math
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from grader.classroom import marks
from grader.classroom.gradebook import Gradebook
from grader.classroom.importers import read
from grader.classroom.model import LateRule, Problem
from grader.classroom.roster import Roster
from grader.cli.class_book import gradebook_of, marks_of, warn
from grader.cli.terminal import course_of, say, short
from grader.errors import UsageError

_ROSTER = "roster"
_STATES = ("graded", "waiting", "refused", "broken", "missing")


@click.command(
    name="import",
    epilog="""\b
Examples:
  grader class import submissions/                     a folder for each student, a folder for each exercise in it
  grader class import canvas.zip --exercise notes-crud --roster roster.csv
  grader class import course/ --kind nbgrader
  grader class import repositories.csv --kind git      columns student,url,ref,exercise
Importing again takes only what is new. Nothing that was graded is touched.""",
)
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--kind", default="auto", help="folders, nbgrader, canvas, moodle, gradescope or git; found out if not said."
)
@click.option("--exercise", metavar="ID", help="Which exercise all of it is for, where the source does not say.")
@click.option(
    "--roster",
    "roster_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV: id, and any of name, email, canvas, moodle, gradescope, nbgrader, git. It is remembered.",
)
@click.pass_context
def import_(ctx: click.Context, source: Path, kind: str, exercise: str | None, roster_file: Path | None) -> None:
    """Take in what students handed in."""
    course = course_of(ctx)
    if exercise is not None:
        exercise = course.exercise(exercise).id
    known = set(course.ids())
    new = again = problems = refused = 0
    with closing(gradebook_of(ctx)) as gradebook:
        roster, bad = Roster.read(roster_file) if roster_file else (_remembered(gradebook), ())
        for problem in bad:
            warn(f"{short(Path(problem.where.partition(':')[0]))}{_line(problem.where)}: {problem.what}")
        if roster_file:
            gradebook.enrol(roster.students)
            gradebook.set(_ROSTER, value=True)
        for one in read(source, kind=kind, exercise=exercise, exercises=known, roster=roster):
            if isinstance(one, Problem):
                problems += 1
                warn(f"{one.where}: {one.what}")
                continue
            for reason in one.refused:
                refused += 1
                warn(f"{one.source}: not taken: {reason}")
            if gradebook.receive(one):
                new += 1
            else:
                again += 1
        students = len(gradebook.students())
    say(f"{new} new submissions, {again} that were here already, {students} students in the gradebook.")
    if refused or problems or bad:
        say(f"{refused} files were not taken, and there are {problems + len(bad)} remarks: see above.")
    if new:
        say("Next: grader class grade")
    if not new and not again:
        ctx.exit(1)


@click.command(name="list", epilog="Example:\n\n  grader class list --json")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """Say how far the class is: each student, each exercise."""
    found, _ = marks_of(ctx)
    if as_json:
        for mark in found:
            told = {"student": mark.student.id, "exercise": mark.exercise, "state": mark.state}
            click.echo(json.dumps(told | {"points": mark.points, "possible": mark.possible, "attempts": mark.attempts}))
        return
    counts: dict[str, dict[str, int]] = {}
    for mark in found:
        counts.setdefault(mark.exercise, dict.fromkeys(_STATES, 0))[mark.state] += 1
    width = max((len(name) for name in counts), default=8)
    say(f"{'':{width}}  " + "  ".join(f"{state:>7}" for state in _STATES))
    for name, each in counts.items():
        say(f"{name:{width}}  " + "  ".join(f"{each[state]:7}" for state in _STATES))
    if not counts:
        say("Nobody is in this gradebook yet.\nNext: grader class import FOLDER")


@click.command(
    epilog="""\b
Examples:
  grader class due notes-crud 2027-02-01T23:59+01:00
  grader class due notes-crud never
  grader class due --late 10 --grace 2 --most 5     10 % for each day begun after two hours, nothing after five days"""
)
@click.argument("exercise_id", metavar="[ID]", required=False)
@click.argument("when", metavar="[MOMENT]", required=False)
@click.option("--late", type=float, metavar="PERCENT", help="What each day begun costs.")
@click.option("--grace", type=float, metavar="HOURS", default=0.0, help="How much lateness costs nothing.")
@click.option("--most", type=int, metavar="DAYS", help="After so many days nothing counts.")
@click.pass_context
def due(
    ctx: click.Context, exercise_id: str | None, when: str | None, late: float | None, grace: float, most: int | None
) -> None:
    """Say when an exercise is due, and what lateness costs."""
    if late is None and (exercise_id is None or when is None):
        raise UsageError("what is due, and when?", next_step="grader class due ID 2027-02-01T23:59+01:00")
    with closing(gradebook_of(ctx)) as gradebook:
        if late is not None:
            marks.set_late_rule(gradebook, LateRule(late, timedelta(hours=grace), most))
        if exercise_id and when:
            marks.set_due(gradebook, course_of(ctx).exercise(exercise_id).id, _moment(when))
    say("Kept. Marks follow it at once.")


@click.command(
    name="set",
    epilog="""\b
Examples:
  grader class set mika notes-crud --points 7 --comment "shown in person"
  grader class set mika notes-crud --extension 48
  grader class set mika notes-crud --points none      takes it back
A regrade keeps all of these.""",
)
@click.argument("student")
@click.argument("exercise_id", metavar="ID")
@click.option("--points", metavar="NUMBER", help="Count these instead of what was graded; 'none' takes it back.")
@click.option("--comment", help="What the student reads; empty takes it back.")
@click.option("--extension", type=float, metavar="HOURS", help="So much later is still in time.")
@click.pass_context
def set_(
    ctx: click.Context, student: str, exercise_id: str, points: str | None, comment: str | None, extension: float | None
) -> None:
    """Decide about one mark by hand."""
    exercise = course_of(ctx).exercise(exercise_id).id
    given: dict[str, Any] = {"comment": comment, "extension": extension}
    decisions = {name: value for name, value in given.items() if value is not None}
    if points is not None:
        decisions["points"] = None if points == "none" else _number(points)
    if not decisions:
        raise UsageError("what is to be decided?", next_step="grader class set --help")
    with closing(gradebook_of(ctx)) as gradebook:
        for what, value in decisions.items():
            gradebook.decide(student, exercise, what, value)
    say("Kept.")


@click.command(
    epilog="""\b
Examples:
  grader class rules                       those that hold
  grader class rules --counts best         of several attempts the best one counts, after lateness
  grader class rules --title "Backend, autumn 2027"    what stands on the pages
What is due when, and what lateness costs: grader class due --help"""
)
@click.option("--counts", type=click.Choice(marks.WAYS), help="Which of several attempts.")
@click.option("--title", help="The name of the class.")
@click.pass_context
def rules(ctx: click.Context, counts: str | None, title: str | None) -> None:
    """Say by which rules marks are made, or change them."""
    with closing(gradebook_of(ctx)) as gradebook:
        for name, value in ((marks.COUNTS, counts), (marks.TITLE, title and " ".join(title.split()))):
            if value is not None:
                gradebook.set(name, value or None)
        rule, counting = marks.late_rule(gradebook), marks.counting(gradebook)
        dates = {name: marks.due(gradebook, name) for _, name in gradebook.handed_in()}
        say(f"title    {marks.title(gradebook)}")
    say(f"counts   the {counting} of several attempts")
    late = f"{rule.percent:g} % for each day begun after {rule.grace.total_seconds() / 3600:g} hours"
    ending = f"; nothing counts after {rule.most} days" if rule.most is not None else ""
    say(f"late     {late}{ending}" if rule.percent or ending else "late     costs nothing")
    for name, when in sorted(dates.items()):
        say(f"due      {name}  {when.isoformat(timespec='minutes') if when else 'never'}")


@click.command(
    epilog="""\b
Examples:
  grader class forget mika          asks before anything is deleted
  grader class forget mika --yes
Pages, exports and what you imported are files of yours, and stay."""
)
@click.argument("student")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def forget(ctx: click.Context, student: str, yes: bool) -> None:
    """Delete a student with all their submissions, reports and decisions."""
    with closing(gradebook_of(ctx)) as gradebook:
        theirs = sum(len(rows) for (who, _), rows in gradebook.attempts().items() if who == student)
        known = any(one.id == student for one in gradebook.students())
        question = f"Delete {student} and {theirs} submissions for good?"
        if known and not yes and not (sys.stdin.isatty() and click.confirm(question)):
            say(f"Nothing was deleted. To delete {student}: grader class forget {student} --yes")
            return
        gone = gradebook.forget(student)
    say(f"{student} and {gone} submissions are deleted.")
    say(f"Yours to delete: feedback/{student}.html, exports, the report, what you imported, their line in a roster.")


def _remembered(gradebook: Gradebook) -> Roster:
    """Everybody, once a roster has said who they are."""
    return Roster(tuple(gradebook.students()), given=True) if gradebook.get(_ROSTER) else Roster()


def _line(where: str) -> str:
    return where[len(where.partition(":")[0]) :]


def _moment(text: str) -> datetime | None:
    if text == "never":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no moment", next_step="2027-02-01T23:59+01:00") from None
    return moment if moment.tzinfo else moment.astimezone()


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise UsageError(f"'{text}' is no number of points", next_step="--points 7")
    return number
