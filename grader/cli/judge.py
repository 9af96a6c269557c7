"""``check`` and ``watch``: judge the learner's program, once or on every save."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import click

from grader import workspace
from grader.cli.terminal import command_name, complain, complete_id, course_of, exercise_of, say, short, sources, style
from grader.course import Course
from grader.errors import GraderError, GraderFault, UsageError
from grader.grading import Options, Preparation, collect, fingerprint, grade, new_seed
from grader.model import Check, CheckResult, Exercise, Report, Submission
from grader.render import document, text

_QUIET_SECONDS = 1.0


@click.command(
    epilog="""\b
Examples:
  grader check notes-crud            every check
  grader check                       the exercise whose folder you are in
  grader check notes-crud -k 4       only the checks of task 4
  grader check notes-crud -k delete  only checks with 'delete' in their name
  grader check notes-crud --seed 5c1e   the same random data as last time
  grader check notes-crud --json     for programs; docs/report-schema.md
  grader check notes-crud --submission ~/class/mika   somebody else's program

Exit codes: 0 all passed, 1 not yet, 2 wrong command, 3 the exercise, the grader or this machine is at fault."""
)
@click.argument("exercise_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("-k", "only", metavar="WORD", help="Only the checks of this task number, or with this word.")
@click.option("--seed", metavar="HEX", help="Repeat the random data of an earlier report.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--fresh", is_flag=True, help="Start your program anew for every check.")
@click.option(
    "--submission",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Judge somebody else's program, and only in the sandbox.",
)
@click.option("--trust", is_flag=True, help="With --submission: judge it even where there is no sandbox.")
@click.pass_context
def check(
    ctx: click.Context,
    exercise_id: str | None,
    only: str | None,
    seed: str | None,
    as_json: bool,
    fresh: bool,
    folder: Path | None,
    trust: bool,
) -> None:
    """Judge your program in work/ID and say what holds and what does not."""
    course = course_of(ctx)
    exercise = exercise_of(ctx, course, exercise_id)
    if trust and folder is None:
        raise UsageError("--trust is about other people's programs", next_step="grader check ID --submission FOLDER")
    submission = collect(exercise, folder.resolve()) if folder else workspace.submission(course, exercise)
    handed_in = fingerprint(submission)
    isolation = "sandbox" if folder and not trust else "auto"
    options = Options(
        seed or new_seed(), _selected(exercise, only), always_fresh=fresh, isolation=isolation, sources=sources()
    )
    progress = None if as_json else _Progress()
    try:
        report = grade(exercise, submission, options, progress)
    except GraderError as error:
        if isolation != "sandbox":
            raise
        raise GraderError(
            f"{error.what}; other people's programs are not run without the sandbox",
            next_step="grader doctor   (says what is missing; --trust runs the program as you, with all your rights)",
        ) from None
    report = _with_guesses(course, report)
    if progress:
        progress.finish()
    if folder is None:
        _remember(course, report, handed_in)
    if as_json:
        click.echo(document.dumps(report))
    else:
        show_report(report)
    ctx.exit(exit_code(report))


@click.command(
    epilog="""\b
Examples:
  grader watch notes-crud        judge it now and after every save
  grader watch notes-crud -k 4   only the checks of task 4
Stop with Ctrl-C."""
)
@click.argument("exercise_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("-k", "only", metavar="WORD", help="Only the checks of this task number, or with this word.")
@click.pass_context
def watch(ctx: click.Context, exercise_id: str | None, only: str | None) -> None:
    """Judge your program now, and again whenever you save a file."""
    import watchfiles

    course = course_of(ctx)
    exercise = exercise_of(ctx, course, exercise_id)
    folder = workspace.submission(course, exercise).folder
    selected = _selected(exercise, only)
    watcher = _Watcher(course, exercise, selected)
    try:
        watcher.judge()
        # Every second even without an event: some file systems, and saves made while the
        # first check ran, give none.
        for _ in watchfiles.watch(folder, debounce=50, step=10, rust_timeout=1000, yield_on_timeout=True):
            watcher.judge()
    finally:
        watcher.close()


class _Watcher:
    """Judges what is there whenever it differs from what was judged last."""

    def __init__(self, course: Course, exercise: Exercise, selected: tuple[Check, ...] | None) -> None:
        self._course = course
        self._exercise = exercise
        self._selected = selected
        self._judged = ""
        self._complaint = ""
        self._ready: Preparation | None = None

    def judge(self) -> None:
        """Judge and show, unless nothing that is handed in has changed."""
        try:
            submission = workspace.submission(self._course, self._exercise)
            now = fingerprint(submission)
            if now == self._judged:
                return
            self._judged = now
            ready, self._ready = self._ready, None
            with ready or self._prepare(submission) as preparation:
                report = preparation.judge(self._exercise, submission, Options(new_seed(), self._selected))
            report = _with_guesses(self._course, report)
        except GraderFault as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                complain(error)
            return
        self._complaint = ""
        if sys.stdout.isatty():
            click.clear()
        _remember(self._course, report, now)
        show_report(report)
        # The next interpreter and sandbox warm up while the learner reads and types.
        # If files are going away at this moment, the next look at them will say so.
        with contextlib.suppress(GraderFault):
            self._ready = self._prepare(submission)
        say(style().paint(f"  {time.strftime('%H:%M:%S')} · waiting for the next save, Ctrl-C stops", "dim"))

    def _prepare(self, submission: Submission) -> Preparation:
        return Preparation.of(self._exercise, submission, sources=sources())

    def close(self) -> None:
        """End the judge that was waiting for a next save."""
        if self._ready:
            self._ready.close()


def show_report(report: Report) -> None:
    """Print a report the way learners read it."""
    say()
    say(text.report(report, style(), folder=short(report.folder), command=command_name()))


def exit_code(report: Report) -> int:
    """0 all passed, 1 not yet, 3 not the learner's fault."""
    return 3 if report.broken or report.lacking else 0 if report.passed else 1


def judge_and_show(course: Course, exercise: Exercise) -> Report:
    """One plain check of the learner's program, shown and remembered."""
    submission = workspace.submission(course, exercise)
    handed_in = fingerprint(submission)
    progress = _Progress()
    report = grade(exercise, submission, Options(new_seed(), sources=sources()), progress)
    progress.finish()
    _remember(course, report, handed_in)
    show_report(report)
    return report


def _selected(exercise: Exercise, only: str | None) -> tuple[Check, ...] | None:
    if only is None:
        return None
    word = only.lower()
    chosen = tuple(
        check
        for check in exercise.checks
        if (str(check.task) == word if word.isdigit() else word in check.id or word in check.sentence.lower())
    )
    if not chosen:
        raise UsageError(
            f"no check of {exercise.id} belongs to task {only}"
            if word.isdigit()
            else f"no check of {exercise.id} has '{only}' in its name",
            next_step=f"grader show {exercise.id}",
        )
    return chosen


def _with_guesses(course: Course, report: Report) -> Report:
    if report.passed:
        return report
    from grader.grading.recognition import recognise

    return recognise(report, course.signatures(report.exercise))


def _remember(course: Course, report: Report, handed_in: str) -> None:
    starter = collect(report.exercise, *course.starter(report.exercise).layers)
    workspace.Progress(course).checked(report, handed_in, fingerprint(starter))


class _Progress:
    """A line on the terminal while a check run takes longer than a moment."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._done = 0
        self._shown = False

    def __call__(self, result: CheckResult) -> None:
        self._done += 1
        if sys.stderr.isatty() and time.monotonic() - self._started > _QUIET_SECONDS:
            self._shown = True
            click.echo(f"\r\x1b[K  {self._done} checks judged …", nl=False, err=True)

    def finish(self) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
