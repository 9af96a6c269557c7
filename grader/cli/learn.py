"""A learner's way through the course: where they are, what is next, pages, hints, solutions."""

from __future__ import annotations

import json

import click

from grader import workspace
from grader.cli.terminal import command_name, complete_id, course_of, exercise_of, say, short, short_name, style
from grader.course import RUNGS, Course
from grader.errors import UsageError
from grader.grading import collect
from grader.model import Exercise, Outcome
from grader.workspace.progress import HONEST_TRIES, Progress, Record, solution_is_open, task_to_do


@click.command()
@click.pass_context
def where_you_are(ctx: click.Context) -> None:
    """Say where the learner is and what to type next."""
    course = course_of(ctx)
    records = Progress(course).records()
    everything = [exercise for stage in course.stages for exercise in stage.exercises]
    passed = sum(1 for exercise in everything if _record(records, exercise).passed_at)
    paint = style()
    say(f"{paint.paint('Groundup', 'bold')} · {passed} of {len(everything)} exercises passed")
    following = _next(course, records)
    if following is None:
        say("Every exercise is done. What now? Build something of your own with it.")
        return
    stage = next(stage for stage in course.stages if following in stage.exercises)
    say(f"Stage  {stage.title}   ({short(course.root / 'curriculum' / stage.id / 'index.md')})")
    folder = workspace.folder(course, following)
    record = _record(records, following)
    command = command_name()
    if not folder.exists():
        say(f"Next   {following.title} ({following.level}, {following.minutes} min)")
        say(f"       {paint.paint(f'{command} start {following.id}', 'cyan')}")
        for lab in stage.exercises:
            if lab.lab and not workspace.folder(course, lab).exists():
                say(f"Lab    {lab.title}, a notebook to play in first ({lab.minutes} min)")
                say(f"       {paint.paint(f'{command} lab {short_name(lab)}', 'cyan')}")
        return
    held = sum(1 for outcome in record.last.values() if outcome == Outcome.PASSED)
    state = f"{held} of {len(following.checks)} checks hold" if record.tries else "not checked yet"
    say(f"Now    {following.title}")
    say(f"       {short(folder)}, {state}")
    say(f"       {paint.paint(f'{command} show {following.id}', 'cyan')}     the tasks")
    say(f"       {paint.paint(f'{command} check {following.id}', 'cyan')}    the verdict")


@click.command(
    epilog="""\b
Examples:
  grader learn    begin, or go on where you stopped"""
)
@click.pass_context
def learn(ctx: click.Context) -> None:
    """Start the next exercise if you have none, check it, and say what to do next."""
    from grader.cli.judge import judge_and_show

    course = course_of(ctx)
    exercise = _next(course, Progress(course).records())
    if exercise is None:
        ctx.invoke(where_you_are)
        return
    folder = workspace.folder(course, exercise)
    if not folder.exists():
        workspace.start(course, exercise)
        say(f"Your first look at {style().paint(exercise.id, 'bold')}: the starter is in {short(folder)}.")
    report = judge_and_show(course, exercise)
    command = command_name()
    say()
    if report.passed:
        say(f"Passed. Next:  {command}")
        return
    files = ", ".join(name for name, _ in collect(exercise, folder).files)
    say("That is what a verdict looks like. From here:")
    say(f"  1. read the tasks      {command} show {exercise.id}")
    say(f"  2. edit                {short(folder)}/  ({files})")
    say(f"  3. check again         {command} check {exercise.id}")
    say(f"     or on every save    {command} watch {exercise.id}")
    if command != "grader":
        say("To type just 'grader':   source .venv/bin/activate")


@click.command(
    epilog="""\b
Examples:
  grader start event-emitter    copies the starter to work/event-emitter/"""
)
@click.argument("exercise_id", metavar="ID", shell_complete=complete_id)
@click.pass_context
def start(ctx: click.Context, exercise_id: str) -> None:
    """Copy an exercise's starter to work/ID, where you edit it."""
    course = course_of(ctx)
    exercise = course.exercise(exercise_id)
    folder = workspace.start(course, exercise)
    say(f"{exercise.title} is in {short(folder)}:")
    for name, _ in collect(exercise, folder).files:
        say(f"  {name}")
    _say_what_it_goes_on_from(course, exercise)
    records = Progress(course).records()
    open_needs = [
        need for need in exercise.needs if need != exercise.continues and not records.get(need, Record()).passed_at
    ]
    if open_needs:
        say(f"It builds on {', '.join(open_needs)}, which you have not passed yet.")
    then = f"lab {short_name(exercise)}" if exercise.lab else f"check {exercise.id}"
    say(f"Next: {command_name()} show {exercise.id}   then   {command_name()} {then}")


@click.command(
    epilog="""\b
Examples:
  grader show notes-crud
  grader show             the exercise whose folder you are in"""
)
@click.argument("exercise_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.pass_context
def show(ctx: click.Context, exercise_id: str | None) -> None:
    """Read an exercise's page: the contract, the tasks, and how you will be judged."""
    course = course_of(ctx)
    exercise = exercise_of(ctx, course, exercise_id)
    page = course.page(exercise).path.read_text(encoding="utf-8")
    if not style().colour:
        click.echo(page)
        return
    from grader.render.page import rendered

    click.echo_via_pager(rendered(page, style()))


@click.command(
    epilog="""\b
Examples:
  grader hint notes-crud      the next hint for the first task that fails
  grader hint notes-crud 4    the next hint for task 4"""
)
@click.argument("exercise_id", metavar="ID", shell_complete=complete_id)
@click.argument("task", type=int, required=False)
@click.pass_context
def hint(ctx: click.Context, exercise_id: str, task: int | None) -> None:
    """Read the next hint for a task: first an idea, then an approach, then a skeleton."""
    course = course_of(ctx)
    exercise = course.exercise(exercise_id)
    progress = Progress(course)
    record = progress.record(exercise.id)
    task = task or task_to_do(exercise, record)
    hints = [hint for hint in course.hints(exercise) if hint.task == task]
    if not hints:
        tasks = ", ".join(str(item.number) for item in course.page(exercise).tasks)
        raise UsageError(f"{exercise.id} has the tasks {tasks}, not {task}", next_step=f"grader show {exercise.id}")
    shown = min(record.hints.get(str(task), 0) + 1, len(hints))
    paint = style()
    for number, rung in enumerate(hints[:shown], start=1):
        title = f"Task {task} · hint {number} of {len(hints)}: {rung.rung}"
        say(paint.paint(title, "bold" if number == shown else "dim"))
        say(rung.text if number == shown else paint.paint(rung.text, "dim"))
        say()
    progress.hint_shown(exercise.id, task, shown)
    if shown < len(hints):
        say(f"Still stuck? {command_name()} hint {exercise.id} {task}   shows the {hints[shown].rung.lower()}")
    else:
        say(f"That was the last one. After {HONEST_TRIES} honest tries: {command_name()} solution {exercise.id}")


@click.command(
    "list",
    epilog="""\b
Examples:
  grader list
  grader list --json""",
)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.pass_context
def list_exercises(ctx: click.Context, as_json: bool) -> None:
    """Every exercise by stage, and how far you are."""
    course = course_of(ctx)
    records = Progress(course).records()
    if as_json:
        rows = [
            {
                "id": exercise.id,
                "stage": stage.id,
                "title": exercise.title,
                "level": exercise.level.value,
                "minutes": exercise.minutes,
                "needs": list(exercise.needs),
                "started": workspace.folder(course, exercise).exists(),
                "passed": _record(records, exercise).passed_at is not None,
                "points": _record(records, exercise).points,
                "possible": sum(check.points for check in exercise.checks),
            }
            for stage in course.stages
            for exercise in stage.exercises
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    paint = style()
    wide = max((len(name) for name in course.ids()), default=0)
    for stage in course.stages:
        say(paint.paint(f"{stage.id[:2]} · {stage.title}", "bold"))
        for exercise in stage.exercises:
            record = _record(records, exercise)
            held = sum(1 for outcome in record.last.values() if outcome == Outcome.PASSED)
            if record.passed_at:
                mark, state = paint.symbol(Outcome.PASSED), "passed"
            elif record.tries:
                mark, state = paint.paint("…", "yellow"), f"{held} of {len(exercise.checks)}"
            elif workspace.folder(course, exercise).exists():
                mark, state = paint.paint("…", "yellow"), "started"
            else:
                mark, state = " ", f"{exercise.level}, {exercise.minutes} min"
            room = max(paint.width - wide - 24, 12)
            title = exercise.title if len(exercise.title) <= room else exercise.title[: room - 1] + "…"
            say(f"  {mark} {exercise.id:<{wide}}  {title:<{room}}  {paint.paint(state, 'dim')}")


@click.command(
    epilog="""\b
Examples:
  grader solution notes-crud    opens after you passed, or after the last
                                hint for a task that fails and three honest tries"""
)
@click.argument("exercise_id", metavar="ID", shell_complete=complete_id)
@click.pass_context
def solution(ctx: click.Context, exercise_id: str) -> None:
    """Read the authors' solution, once you have passed or honestly tried."""
    course = course_of(ctx)
    exercise = course.exercise(exercise_id)
    record = Progress(course).record(exercise.id)
    if not solution_is_open(exercise, record):
        task = task_to_do(exercise, record)
        tries = f"{min(record.honest_tries, HONEST_TRIES)} of {HONEST_TRIES} honest tries"
        read = f"{record.hints.get(str(task), 0)} of {len(RUNGS)} hints for task {task}"
        raise UsageError(
            f"the solution of {exercise.id} opens after you pass, or after {tries} and {read}",
            next_step=f"grader hint {exercise.id} {task}",
        )
    reference = course.reference(exercise)
    paint = style()
    for name, path in collect(exercise, *reference.layers).files:
        say(paint.paint(f"── {name} ({short(path)})", "bold"))
        say(path.read_text(encoding="utf-8"))
    notes = course.solutions(exercise) / "notes.md"
    if notes.is_file():
        say(f"About it: {short(notes)}. Other right answers: {short(course.solutions(exercise) / 'also')}/")


@click.command(
    epilog="""\b
Examples:
  grader reset notes-crud    what was there is kept in work/.replaced/"""
)
@click.argument("exercise_id", metavar="ID", shell_complete=complete_id)
@click.pass_context
def reset(ctx: click.Context, exercise_id: str) -> None:
    """Begin an exercise again with its starter; what was there is kept."""
    course = course_of(ctx)
    exercise = course.exercise(exercise_id)
    folder, kept = workspace.reset(course, exercise)
    say(f"{short(folder)} is the untouched starter again.")
    _say_what_it_goes_on_from(course, exercise)
    if kept:
        say(f"Your own version is kept in {short(kept)}")
    say(f"Next: {command_name()} check {exercise.id}")


def _say_what_it_goes_on_from(course: Course, exercise: Exercise) -> None:
    if not exercise.continues:
        return
    before = course.exercise(exercise.continues)
    theirs = short(workspace.folder(course, before))
    if workspace.carried(course, exercise):
        say(f"It goes on from your own {before.id}.")
        names = workspace.displaced(course, exercise)
        if names:
            files, still = (names[0], "is") if len(names) == 1 else (", ".join(names), "are")
            say(f"The starter brings its own {files}; yours {still} still in {theirs}.")
        return
    if Progress(course).record(before.id).passed_at:
        say(f"It goes on from the authors' {before.id}: you have passed it, but {theirs} is gone.")
        return
    say(f"It goes on from the authors' {before.id}, as yours has not passed yet.")
    say(f"Once it has:  {command_name()} reset {exercise.id}   begins again from yours.")


def _record(records: dict[str, Record], exercise: Exercise) -> Record:
    return records.get(exercise.id, Record())


def _next(course: Course, records: dict[str, Record]) -> Exercise | None:
    """What to work on: the exercise checked last if it is not passed, else the first open one that is no lab."""
    everything = [exercise for stage in course.stages for exercise in stage.exercises]
    waiting = [exercise for exercise in everything if not _record(records, exercise).passed_at]
    begun = [exercise for exercise in waiting if workspace.folder(course, exercise).exists()]
    latest = max(begun, key=lambda exercise: _record(records, exercise).checked_at or "", default=None)
    return latest or next((exercise for exercise in waiting if not exercise.lab), None)
