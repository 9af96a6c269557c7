"""``verify``: what authors and the gate run."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from grader.cli.terminal import complete_id, course_of, say, style

if TYPE_CHECKING:
    from grader.authoring.verify import Trial


@click.command(
    epilog="""\b
Examples:
  grader verify                          every exercise
  grader verify notes-crud               one of them
  grader verify notes-crud --repeat 100  its right solutions a hundred times, each with a new seed

Exit codes: 0 sound, 2 wrong command, 3 there are findings."""
)
@click.argument("exercise_ids", metavar="[ID]...", nargs=-1, shell_complete=complete_id)
@click.option("--repeat", default=1, metavar="N", type=click.IntRange(min=1), help="Grade right solutions N times.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Gradings at once; one for each core unless said."
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def verify(ctx: click.Context, exercise_ids: tuple[str, ...], repeat: int, jobs: int | None, as_json: bool) -> None:
    """Prove that exercises are sound.

    The reference passes, the starter fails, each wrong solution fails the check it is named
    after, every check is proved by one, and pages, hints and checks agree.
    """
    from grader.authoring.findings import orphan_solutions
    from grader.authoring.verify import verify as run

    course = course_of(ctx)
    ids = exercise_ids or tuple(course.ids())
    exercises = tuple(course.exercise(exercise_id) for exercise_id in ids)
    started = time.monotonic()
    progress = _Progress()
    verification = run(course, exercises, repeat=repeat, workers=jobs, on_trial=progress)
    progress.finish()
    findings = list(verification.findings)
    if not exercise_ids:
        findings += orphan_solutions(course)
    if as_json:
        rows = [{"path": str(f.path), "line": f.line, "what": f.what} for f in findings]
        click.echo(json.dumps({"trials": verification.trials, "findings": rows}, indent=2))
    else:
        for finding in findings:
            say(finding.shown(course.root))
        paint = style()
        verdict = paint.paint(f"{len(findings)} findings", "red") if findings else paint.paint("sound", "green")
        seconds = time.monotonic() - started
        say(f"{len(ids)} exercises, {verification.trials} gradings, {seconds:.0f} s: {verdict}")
    ctx.exit(3 if findings else 0)


class _Progress:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = False

    def __call__(self, trial: Trial, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._shown = True
            left = (time.monotonic() - self._started) / done * (total - done)
            click.echo(f"\r\x1b[K  {done} of {total} · {left:.0f} s left · {trial.name}"[:110], nl=False, err=True)

    def finish(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
