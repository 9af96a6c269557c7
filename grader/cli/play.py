"""``run``: the learner's program as they will deploy it, with its services, to play with it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from grader import workspace
from grader.cli.terminal import (
    command_name,
    complete_id,
    course_of,
    exercise_of,
    say,
    short,
    short_name,
    sources,
    style,
)
from grader.errors import GraderError, LearnerError
from grader.model import Process, Service
from grader.sandbox import procfile
from grader.services import ServiceFailure, Services
from grader.services.mailbox import Mail, Mailbox
from grader.services.relay import Relay, nowhere

_STOP_SECONDS = 3.0
_FIRST_PORT = 8000
_RELEASE = "release"


@click.command(
    epilog="""\b
Examples:
  grader run notes-crud               http://127.0.0.1:8000
  grader run notes-crud --port 5001
Stop with Ctrl-C. It runs as you, in work/ID, without the sandbox: it is your own code.
Servers that the exercise names run beside it and are empty; what is in them goes when you stop."""
)
@click.argument("exercise_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("--port", type=click.IntRange(1, 65535), help="Where it listens; else the first free one from 8000.")
@click.pass_context
def run(ctx: click.Context, exercise_id: str | None, port: int | None) -> None:
    """Run every process of your Procfile and the servers they need, and say where to find them."""
    course = course_of(ctx)
    exercise = exercise_of(ctx, course, exercise_id)
    folder = workspace.submission(course, exercise).folder
    path = folder / "Procfile"
    if exercise.lab:
        raise LearnerError(
            "a lab is a notebook, not a program", where=str(folder), next_step=f"grader lab {short_name(exercise)}"
        )
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
        with _services(exercise.services) as lines:
            environ |= lines
            running = _released(processes, folder, environ, started)
            started.extend(_start(process, folder, environ) for process in running)
            say(f"{exercise.title}: http://127.0.0.1:{port}   (Ctrl-C stops it)")
            _wait_for_any(running, started)
    except _Ended as ended:
        say(f"{ended.name} ended with exit code {ended.code}.")
        say(f"Next: read what it printed above, then {command_name()} run {exercise.id}")
        ctx.exit(1)
    except KeyboardInterrupt:
        say("\nStopped.")
    finally:
        _stop(started)


class _Ended(Exception):
    """A process ended that should not have."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(name)
        self.name = name
        self.code = code


@contextlib.contextmanager
def _services(names: tuple[Service, ...]) -> Iterator[dict[str, str]]:
    """Start them, say where each is, and give what the program finds in its environment."""
    offered = sources()
    folder = Path(tempfile.mkdtemp(prefix="groundup-run-"))
    relay = Relay() if names and offered.uris else None
    services = None
    try:
        reach = relay.reach if relay else nowhere
        services = Services(names, folder, confined=False, sources=offered, reach=reach)
        services.place(str(folder), lambda _name, _largest: None)
        for name in names:
            resident = services.of(name)
            if isinstance(resident, Mailbox):
                resident.on_mail = _show
            for variable, value in resident.lines().items():
                say(f"  {variable}={value}")
        yield {"SECRET_KEY": secrets.token_hex(32), **services.lines()}
    except ServiceFailure as error:
        raise GraderError(error.what, next_step=error.remedy or None) from None
    finally:
        if services:
            services.close()
        if relay:
            relay.close()
        shutil.rmtree(folder, ignore_errors=True)


def _show(mail: Mail) -> None:
    """A mail on the terminal, as it arrives."""
    with contextlib.suppress(AssertionError):
        label = style().paint("mail | ", "yellow")
        for line in (f"to {', '.join(mail.to)}: {mail.subject}", *mail.text.strip().splitlines()):
            click.echo(label + line)


def _released(
    processes: tuple[Process, ...], folder: Path, environ: dict[str, str], started: list[subprocess.Popen[bytes]]
) -> list[Process]:
    """Run the release command to its end, if there is one; the processes that are left to start."""
    for process in processes:
        if process.name == _RELEASE:
            child = _start(process, folder, environ)
            started.append(child)
            code = child.wait()
            started.remove(child)
            if code:
                raise _Ended(_RELEASE, code)
    return [process for process in processes if process.name != _RELEASE]


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


def _wait_for_any(processes: list[Process], children: list[subprocess.Popen[bytes]]) -> None:
    """Block until one of them ends, and raise _Ended for it."""
    ended = threading.Event()

    def wait(child: subprocess.Popen[bytes]) -> None:
        child.wait()
        ended.set()

    for child in children:
        threading.Thread(target=wait, args=(child,), daemon=True).start()
    ended.wait()
    for process, child in zip(processes, children, strict=True):
        if child.poll() is not None:
            raise _Ended(process.name, child.returncode)


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
