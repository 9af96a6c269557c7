"""``grader class export``, ``feedback``, ``report`` and ``serve``: what others are told of the marks."""

from __future__ import annotations

from contextlib import closing
from itertools import groupby
from pathlib import Path

import click

from grader.classroom.exporters import FORMATS
from grader.classroom.exporters import export as write
from grader.classroom.exporters.files import folder, put
from grader.classroom.exporters.text import safe_names
from grader.classroom.overview import Overview
from grader.classroom.pages import feedback as page_for
from grader.cli.class_book import exercises_of, gradebook_of, marks_of, warn
from grader.cli.terminal import course_of, say, short
from grader.errors import GraderError

_FORMATS = "\n".join(f"  {name:10} {exporter.about}" for name, exporter in FORMATS.items())


@click.command(
    epilog=f"""\b
Formats:
{_FORMATS}

\b
Examples:
  grader class export csv -o marks.csv
  grader class export canvas --template exported-from-canvas.csv -o marks.csv
  grader class export gradescope -o results/
The same marks give the same bytes. What is replaced stays beside it as NAME~."""
)
@click.argument("kind", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file or folder to write.")
@click.option(
    "--template",
    type=click.Path(exists=True, path_type=Path),
    help="A file of the other system, to be filled in.",
)
@click.pass_context
def export(ctx: click.Context, kind: str, output: Path | None, template: Path | None) -> None:
    """Write marks in the form that another program reads."""
    marks, exercises = marks_of(ctx)
    target = output or Path(f"marks-{kind}") if FORMATS[kind].folder else output or Path()
    done = write(marks, kind, target.resolve(), template=template, exercises=exercises)
    for problem in done.warnings:
        warn(f"{problem.where}: {problem.what}")
    where = short(done.paths[0]) if len(done.paths) == 1 else f"{len(done.paths)} files in {short(target.resolve())}"
    say(f"{len(marks)} marks in {where}.")


@click.command(epilog="Example:\n\n  grader class feedback -o pages/")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("feedback"), show_default=True
)
@click.pass_context
def feedback(ctx: click.Context, output: Path) -> None:
    """Write one page for each student, to be read without a network."""
    with closing(gradebook_of(ctx)) as gradebook:
        overview = Overview(course_of(ctx), gradebook, exercises_of(ctx, gradebook))
        marks, title = overview.marks(), overview.title
    names = safe_names(mark.student.id for mark in marks)
    target = folder(output.resolve())
    for student, own in groupby(marks, key=lambda mark: mark.student.id):
        html = page_for(list(own), overview.exercises, title=title)
        put(target / f"{names[student]}.html", html.encode())
    say(f"{len(names)} pages in {short(target)}.")


@click.command(epilog="Example:\n\n  grader class report -o report.html")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("report.html"), show_default=True
)
@click.pass_context
def report(ctx: click.Context, output: Path) -> None:
    """Write the instructor's page: what to teach again, who has what, which checks fail, who is alike."""
    with closing(gradebook_of(ctx)) as gradebook:
        html = Overview(course_of(ctx), gradebook, exercises_of(ctx, gradebook)).page()
    path = put(output.resolve(), html.encode())
    say(f"Written: {short(path)}   (open it in a browser; it needs no network)")


@click.command(
    epilog="""\b
Examples:
  grader class serve
  grader class serve --port 8001
The page asks for itself anew every few seconds. Ctrl-C stops."""
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; marks are private.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.pass_context
def serve(ctx: click.Context, host: str, port: int) -> None:
    """Show the instructor's page while grading runs."""
    from werkzeug.serving import make_server

    from grader.classroom.live import create_app

    with closing(gradebook_of(ctx)) as gradebook:
        app = create_app(Overview(course_of(ctx), gradebook, exercises_of(ctx, gradebook)))
        try:
            server = make_server(host, port, app, threaded=True)
        except (OSError, SystemExit) as error:
            raise GraderError(
                f"{host}:{port} cannot be listened at: {error}", next_step="grader class serve --port 0"
            ) from None
        say(f"http://{host}:{server.server_port}/?token={app.config['TOKEN']}")
        say("Ctrl-C stops.")
        try:
            server.serve_forever()
        finally:
            server.server_close()
