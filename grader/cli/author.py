"""``new``, ``verify`` and ``coverage``: what authors and the gate run."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import click

from grader.cli.terminal import command_name, complete_id, course_of, say, short, style
from grader.errors import AuthorError, UsageError

if TYPE_CHECKING:
    from grader.authoring.mutants import Fate
    from grader.authoring.survival import Survival
    from grader.authoring.trials import Trial
    from grader.course import Course
    from grader.model import Exercise


@click.command(
    epilog="""\b
Examples:
  grader new 02-rest/tags-api                        a program, judged over HTTP
  grader new 01-fundamentals/lru-cache --functions   functions, called one by one
  grader new 80-extra/morse --new-stage "For fun"    the first exercise of a new stage

Nothing that exists is overwritten. CONTRIBUTING.md leads from here to a sound exercise."""
)
@click.argument("place", metavar="NN-STAGE/ID")
@click.option("--functions", is_flag=True, help="An exercise about functions: a module, and no Procfile.")
@click.option("--new-stage", metavar="TITLE", help="Add the stage, too, with a lesson to fill.")
@click.pass_context
def new(ctx: click.Context, place: str, functions: bool, new_stage: str | None) -> None:
    """Write the files of a new exercise, ready to fill.

    They make a tiny exercise that works. What is still to be written is marked [[FILL: ...]],
    and 'grader verify' lists it in the order of the work.
    """
    from grader.authoring import scaffold

    course = course_of(ctx)
    planned = scaffold.draft(course, place, functions=functions, new_stage=new_stage)
    scaffold.write(course, planned)
    for folder, files in planned.folders:
        say(f"{short(course.root / folder)}/")
        for name in sorted(files):
            say(f"    {name}")
    say("It works as it is, about an example. Replace the example, and every [[FILL: ...]].")
    say(f"Next   {style().paint(f'{command_name()} verify {planned.id}', 'cyan')}   (says what is still to be written)")


@click.command(
    epilog="""\b
Examples:
  grader verify                          every exercise
  grader verify notes-crud               one of them
  grader verify notes-crud --repeat 100  its right solutions a hundred times: seeds, orders, load
  grader verify --mutants                also what the checks make of small faults in the references
  grader verify --all                    the same, believing no result that is kept
  grader verify --changed main           what differs from main, committed or not
  grader verify --changed HEAD           what is not committed yet

--changed picks the exercises with a changed file, and those that continue them; a change of
grader/, pyproject.toml or requirements.lock picks every one. With IDs, only those of them.

Exit codes: 0 sound, 2 wrong command, 3 there are findings."""
)
@click.argument("exercise_ids", metavar="[ID]...", nargs=-1, shell_complete=complete_id)
@click.option("--repeat", default=1, metavar="N", type=click.IntRange(min=1), help="Grade right solutions N times.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Gradings at once; two for each core unless said."
)
@click.option("--mutants", is_flag=True, help="Grade small faults of each reference, too; 95 % must be caught.")
@click.option(
    "--sample", is_flag=True, help="Where results are kept, grade the reference, one more and a mutant, by chance."
)
@click.option("--all", "recompute", is_flag=True, help="Believe no results that are kept; includes --mutants.")
@click.option("--changed", metavar="REV", help="Only exercises that git's changes since REV touch.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def verify(
    ctx: click.Context,
    exercise_ids: tuple[str, ...],
    repeat: int,
    jobs: int | None,
    mutants: bool,
    sample: bool,
    recompute: bool,
    changed: str | None,
    as_json: bool,
) -> None:
    """Prove that exercises are sound.

    The reference passes, the starter fails, each wrong solution fails the check it is named
    after, every check is proved by one, and pages, hints and checks agree.
    """
    from grader.authoring.findings import orphan_solutions
    from grader.authoring.trials import at_once
    from grader.authoring.verify import verify as run

    course = course_of(ctx)
    ids = exercise_ids or tuple(course.ids())
    drafts = sorted(set(course.ids(drafts=True)) - set(course.ids())) if not exercise_ids else []
    if drafts and not as_json:
        say(f"drafts, verified only by name: {', '.join(drafts)}")
    orphans = [] if exercise_ids else orphan_solutions(course)
    if changed is not None:
        from grader.authoring.changed import touched

        for exercise_id in exercise_ids:
            course.exercise(exercise_id)
        names = touched(course, changed)
        ids = tuple(exercise_id for exercise_id in ids if exercise_id in names)
        orphans = [orphan for orphan in orphans if orphan.path.name in names]
        if not ids and not orphans and not as_json:
            which = "any of these" if exercise_ids else "an exercise"
            say(f"no change since {changed} touches {which}: nothing to verify")
            return
        if not as_json:
            which = "every exercise" if ids == tuple(course.ids()) else ", ".join(ids) or "none that is there"
            say(f"touched since {changed}: {which}")
    exercises = tuple(course.exercise(exercise_id) for exercise_id in ids)
    started = time.monotonic()
    progress = _Progress()
    if mutants or recompute:
        _mutants_can_be_made()
    if sample and not recompute:
        from grader.authoring.sampling import sampled

        verification, survivals = sampled(
            course, exercises, repeat=repeat, mutants=mutants, workers=jobs or at_once(), on_exercise=progress
        )
    else:
        verification = run(course, exercises, repeat=repeat, relearn=recompute, workers=jobs, on_trial=progress)
        survivals = _survivals(course, exercises, recompute, jobs, progress) if mutants or recompute else []
    findings = [*verification.findings, *orphans]
    findings += [finding for survival in survivals for finding in survival.findings]
    progress.finish()
    if as_json:
        rows = [{"path": str(f.path), "line": f.line, "what": f.what} for f in findings]
        counts = [
            {
                "exercise": survival.exercise_id,
                "mutants": survival.mutants,
                "caught": survival.caught,
                "equivalent": survival.equivalent,
                "survivors": [
                    {"what": s.finding.shown(course.root), "file": s.mutant.file, "diff": s.mutant.diff}
                    for s in survival.survivors
                ],
            }
            for survival in survivals
        ]
        click.echo(json.dumps({"trials": verification.trials, "findings": rows, "mutants": counts}, indent=2))
    else:
        for survival in survivals:
            say(
                f"{survival.exercise_id}: {survival.caught} of {survival.mutants} mutants caught, "
                f"{survival.equivalent} equivalent, {survival.rate:.0%}; {survival.graded} graded now"
            )
            for survivor in survival.survivors if not survival.findings else ():
                say(f"  {survivor.finding.shown(course.root)}")
        for finding in findings:
            say(finding.shown(course.root))
        paint = style()
        verdict = paint.paint(f"{len(findings)} findings", "red") if findings else paint.paint("sound", "green")
        seconds = time.monotonic() - started
        say(f"{len(ids)} exercises, {verification.trials} gradings, {seconds:.0f} s: {verdict}")
    ctx.exit(3 if findings else 0)


@click.command(
    epilog="""\b
Examples:
  grader coverage                       every topic of the roadmaps, and what teaches it
  grader coverage --stage 02            those of one stage
  grader coverage --stage 02 --missing  those that nothing teaches yet
  grader coverage --json                for a program to read

A tick stands before what exists, a dot before what is planned."""
)
@click.option("--stage", metavar="NN", help="Only this stage: its number or its folder.")
@click.option("--missing", is_flag=True, help="Only topics that nothing teaches yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the topics as JSON.")
@click.pass_context
def coverage(ctx: click.Context, stage: str | None, missing: bool, as_json: bool) -> None:
    """Show which topics of the roadmaps the course teaches.

    A topic is taught once any exercise, milestone, lesson, lab or checklist that its row in
    curriculum/roadmap.toml names exists.
    """
    from grader.render import coverage as render

    course = course_of(ctx)
    roadmap = course.roadmap
    if roadmap is None:
        raise AuthorError("the course has no curriculum/roadmap.toml", where=str(course.root))
    parts = tuple(part for part in roadmap.parts if stage in (None, part.folder, part.folder[:2]))
    if not parts:
        numbers = f"{roadmap.parts[0].folder[:2]} to {roadmap.parts[-1].folder[:2]}"
        raise UsageError(f"there is no stage '{stage}'; there are {numbers}", next_step="grader coverage --stage 02")
    if as_json:
        click.echo(json.dumps(render.document(roadmap, parts, missing=missing), indent=2, ensure_ascii=False))
    else:
        say(render.coverage(parts, style(), missing=missing))


def _survivals(
    course: Course, exercises: tuple[Exercise, ...], recompute: bool, jobs: int | None, progress: _Progress
) -> list[Survival]:
    from grader.authoring.survival import survival

    found: list[Survival] = []
    for exercise in exercises:
        progress.begin()
        found.append(survival(course, exercise, recompute=recompute, workers=jobs, on_fate=progress))
    return found


def _mutants_can_be_made() -> None:
    try:
        import grader.authoring.survival  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(
            f"mutants are made with {error.name}, which is not installed here",
            next_step="make test   (it installs what authors need)",
        ) from None


class _Progress:
    def __init__(self) -> None:
        self._shown = False
        self.begin()

    def begin(self) -> None:
        self._started = time.monotonic()

    def __call__(self, what: Trial | Fate | str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self._shown = True
            left = (time.monotonic() - self._started) / done * (total - done)
            name = what if isinstance(what, str) else what.name
            click.echo(f"\r\x1b[K  {done} of {total} · {left:.0f} s left · {name}"[:110], nl=False, err=True)

    def finish(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
