"""``grader class``: the group; its commands are imported when they are called."""

from __future__ import annotations

import click

from grader.cli import LazyGroup

_DEFAULT = "sqlite:///gradebook.sqlite"
# Name → (module:function, what the list of commands says).
_COMMANDS = {
    "import": ("grader.cli.class_keep:import_", "Take in what students handed in."),
    "grade": ("grader.cli.class_grade:grade", "Grade what has no mark yet; each submission once."),
    "work": ("grader.cli.class_grade:work", "Grade what waits in a queue, on this machine."),
    "list": ("grader.cli.class_keep:list_", "Say how far the class is."),
    "due": ("grader.cli.class_keep:due", "Say when an exercise is due, and what lateness costs."),
    "rules": ("grader.cli.class_keep:rules", "Say by which rules marks are made, or change them."),
    "set": ("grader.cli.class_keep:set_", "Decide about one mark by hand."),
    "forget": ("grader.cli.class_keep:forget", "Delete a student with all that is kept about them."),
    "export": ("grader.cli.class_tell:export", "Write marks for a spreadsheet, Canvas, Moodle, Gradescope."),
    "feedback": ("grader.cli.class_tell:feedback", "Write a page for each student."),
    "report": ("grader.cli.class_tell:report", "Write the instructor's page: what to teach again."),
    "serve": ("grader.cli.class_tell:serve", "Show the instructor's page while grading runs."),
}


@click.group(
    name="class",
    cls=LazyGroup,
    table=_COMMANDS,
    epilog="""\b
Examples:
  grader class import submissions/    a folder for each student, a folder for each exercise in it
  grader class grade                  each once, on all cores
  grader class report                 what to teach again
  grader class export csv -o marks.csv
Every command has --help with more of them.""",
)
@click.option(
    "--gradebook",
    "url",
    metavar="URL",
    default=_DEFAULT,
    envvar="GROUNDUP_GRADEBOOK",
    show_default=True,
    help="Where marks are kept: any SQLAlchemy address.",
)
@click.pass_context
def classes(ctx: click.Context, url: str) -> None:
    """Grade a whole class: import submissions, grade each once, export marks."""
    ctx.meta["gradebook"] = url
