"""``grader class grade`` and ``work``: every submission once, on this machine or on many."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing

import click
from click.core import ParameterSource

from grader.classroom import queue, runs
from grader.classroom.gradebook import Gradebook
from grader.classroom.model import Task, Verdict
from grader.classroom.tables import CURRENT, PROPOSED
from grader.cli.class_book import gradebook_of, warn
from grader.cli.terminal import course_of, say, sources

# Addresses hold passwords, and arguments are for all eyes.
_REDIS = "GROUNDUP_CLASS_REDIS"


@click.command(
    epilog="""\b
Examples:
  grader class grade                      what has no mark yet, on all cores
  grader class grade --exercise notes-crud
  grader class grade --redis redis://10.0.0.5/0    by every machine that runs: grader class work --redis …
  grader class grade --regrade            everything again; says first who would change, and why
Ctrl-C, a crash or a power cut lose nothing: the same command goes on.""",
)
@click.option("--exercise", "exercises", metavar="ID", multiple=True, help="Only this one; may be given several times.")
@click.option("--jobs", type=click.IntRange(1, 256), help="How many at once; twice the cores if not said.")
@click.option(
    "--redis",
    "redis_url",
    metavar="URL",
    envvar=_REDIS,
    show_envvar=True,
    help="Hand the work to whoever works at this Redis.",
)
@click.option("--regrade", is_flag=True, help="Grade again what has a mark, and show what would change.")
@click.option("--yes", is_flag=True, help="With --regrade: take the changes over without asking.")
@click.pass_context
def grade(
    ctx: click.Context, exercises: Sequence[str], jobs: int | None, redis_url: str | None, regrade: bool, yes: bool
) -> None:
    """Grade what has no mark yet; each submission once."""
    course = course_of(ctx)
    chosen = [course.exercise(name).id for name in exercises]
    with closing(gradebook_of(ctx)) as gradebook:
        plan = runs.plan(course, gradebook, chosen)
        for name in plan.unknown:
            warn(f"{name} is no exercise of this course; what was handed in for it is kept")
        if redis_url:
            redis = queue.connect(redis_url)
            runner = queue.through(redis, gradebook)
            if plan.tasks and not queue.workers(redis):
                say("Nobody works at this queue yet; what is ordered waits there.")
                typed = ctx.get_parameter_source("redis_url") is ParameterSource.COMMANDLINE
                command = f"grader class work --redis {redis_url}" if typed else f"{_REDIS}=… grader class work"
                say(f"Next, on any machine with the course: {command}")
        else:
            runner = runs.here(course, gradebook, sources(), jobs or runs.jobs_of_this_machine())
        tasks = runs.again(course, gradebook, chosen) if regrade else plan.tasks
        progress = _Progress(len(tasks))
        try:
            runs.run(gradebook, tasks, runner, progress, PROPOSED if regrade else CURRENT)
        except KeyboardInterrupt:
            progress.finish()
            say(f"Stopped after {progress.done} of {len(tasks)}; they are kept. The same command goes on from there.")
            raise
        progress.finish()
        if regrade:
            _settle(gradebook, yes=yes)
            return
        say(f"{progress.done} submissions graded in {time.monotonic() - progress.started:.0f} s.")
        if progress.broken:
            say(f"{progress.broken} could not be judged, by no fault of the students: the same command tries again.")
        if plan.older:
            say(f"{len(plan.older)} marks were made with an earlier version of their exercise and stay as they are.")
            say("Next: grader class grade --regrade   (shows who would change)")
    ctx.exit(3 if progress.broken else 0)


@click.command(
    epilog="""\b
Examples:
  grader class work --redis redis://10.0.0.5/0
  grader class work --redis redis://10.0.0.5/0 --jobs 4
Start it on as many machines as you like, each with its own clone of the same version of the course.
A machine that fails or is cut off loses nothing: what it was at is given to another one. Ctrl-C stops."""
)
@click.option(
    "--redis", "redis_url", metavar="URL", envvar=_REDIS, show_envvar=True, required=True, help="Where the work waits."
)
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="How many at once.")
@click.option("--once", is_flag=True, help="End when nothing waits.")
@click.pass_context
def work(ctx: click.Context, redis_url: str, jobs: int, once: bool) -> None:
    """Grade what waits in a queue, on this machine."""
    course = course_of(ctx)
    queue.connect(redis_url).close()
    say(f"{socket.gethostname()} grades what waits at {redis_url.rpartition('@')[2]}; Ctrl-C stops.")
    if jobs == 1:
        queue.work(course, redis_url, sources(), once=once, on_task=say)
        return
    words = [sys.executable, "-m", "grader", "--course", str(course.root), "class", "work", *["--once"] * once]
    # Not as an argument, which every user of this machine could read.
    others = [subprocess.Popen(words, env=os.environ | {_REDIS: redis_url}) for _ in range(jobs)]
    try:
        for process in others:
            process.wait()
    finally:
        for process in others:
            process.terminate()
        for process in others:
            process.wait()


def _settle(gradebook: Gradebook, *, yes: bool) -> None:
    found = runs.changes(gradebook)
    if not found:
        gradebook.forget_proposals()
        say("Nobody would change.")
        return
    for change in found:
        who = ", ".join(change.students)
        say(f"{who}  {change.exercise}: {change.before.earned} → {change.after.earned} of {change.after.possible}")
        say(f"    {change.why}")
        for check, before, after in change.checks:
            say(f"    {check}: {before} → {after}")
    if not yes and not (sys.stdin.isatty() and click.confirm(f"Take {len(found)} changes over?")):
        say("Nothing was changed. To take them over: grader class grade --regrade --yes")
        return
    gradebook.adopt(one for one, (_, verdict) in gradebook.verdicts(PROPOSED).items() if verdict.state != "broken")
    gradebook.forget_proposals()
    say(f"{len(found)} marks changed; what they were is kept.")


class _Progress:
    """A line on the terminal while a class is graded; without a terminal a line for every fiftieth."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.broken = total, 0, 0
        self.started = time.monotonic()

    def __call__(self, task: Task, verdict: Verdict, kept: int, total: int) -> None:
        self.done += 1
        self.broken += verdict.state == "broken"
        line = f"{self.done} of {self.total} graded, {self._rest()} to go"
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K  {line} · {task.exercise}", nl=False, err=True)
        elif self.done % 50 == 0:
            click.echo(line, err=True)

    def _rest(self) -> str:
        seconds = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"

    def finish(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
