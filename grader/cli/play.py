"""``run``: the learner's program as they will deploy it, to play with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click

from grader import workspace
from grader.cli.terminal import command_name, complete_id, course_of, exercise_of, say, short, style
from grader.errors import LearnerError
from grader.model import Process
from grader.sandbox import procfile

_STOP_SECONDS = 3.0
_FIRST_PORT = 8000


@click.command(
    epilog="""\b
Examples:
  grader run notes-crud               http://127.0.0.1:8000
  grader run notes-crud --port 5001
Stop with Ctrl-C. It runs as you, in work/ID, without the sandbox: it is your own code."""
)
@click.argument("exercise_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("--port", type=click.IntRange(1, 65535), help="Where it listens; else the first free one from 8000.")
@click.pass_context
def run(ctx: click.Context, exercise_id: str | None, port: int | None) -> None:
    """Run every process of your Procfile, show what they print, and say where to find them."""
    course = course_of(ctx)
    exercise = exercise_of(ctx, course, exercise_id)
    folder = workspace.submission(course, exercise).folder
    path = folder / "Procfile"
    if not path.is_file():
        functions = next(iter(sorted(folder.glob("*.py"))), folder)
        raise LearnerError(
            "there is no Procfile here, so there is no program to start",
            where=str(folder),
            next_step=f"play with the functions instead: python -i {short(functions)}",
        )
    processes = procfile.parse(path.read_text(encoding="utf-8", errors="replace"), str(path))
    port = port or _free_port()
    environ = dict(os.environ) | {
        "PORT": str(port),
        "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.extend(_start(process, folder, environ) for process in processes)
        say(f"{exercise.title}: http://127.0.0.1:{port}   (Ctrl-C stops it)")
        _wait_for_any(started)
        ended = next(p for p in started if p.poll() is not None)
        say(f"{processes[started.index(ended)].name} ended with exit code {ended.returncode}.")
        say(f"Next: read what it printed above, then {command_name()} run {exercise.id}")
        ctx.exit(1)
    except KeyboardInterrupt:
        say("\nStopped.")
    finally:
        _stop(started)


def _start(process: Process, folder: Path, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    words, env = procfile.argv(process, environ)
    try:
        child = subprocess.Popen(
            words,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise LearnerError(
            f"'{process.name}' cannot be started: {words[0]}: {error.strerror}",
            where=f"{folder / 'Procfile'}:{process.line}",
            next_step=f"is {words[0]} installed, and spelled like this?",
        ) from None
    threading.Thread(target=_relay, args=(process.name, child), daemon=True).start()
    return child


def _relay(name: str, child: subprocess.Popen[bytes]) -> None:
    label = style().paint(f"{name} │ " if style().unicode else f"{name} | ", "cyan")
    assert child.stdout
    for line in child.stdout:
        click.echo(label + line.decode(errors="replace").rstrip())


def _wait_for_any(children: list[subprocess.Popen[bytes]]) -> None:
    ended = threading.Event()

    def wait(child: subprocess.Popen[bytes]) -> None:
        child.wait()
        ended.set()

    for child in children:
        threading.Thread(target=wait, args=(child,), daemon=True).start()
    ended.wait()


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in children:
            # The group, because a reloader or a shell has children of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, number)
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)


def _free_port() -> int:
    import socket

    for port in (*range(_FIRST_PORT, _FIRST_PORT + 20), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                free: int = probe.getsockname()[1]
                return free
    return _FIRST_PORT
