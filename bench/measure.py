"""Running a command for its time or for its memory; whatever is started here is also ended here."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.02
_LONGEST_SECONDS = 600.0
_QUIET_SECONDS = 0.3

# What runs now, for ``end_all``: commands are run from several threads.
_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Command:
    """What to type, in which folder; nothing of the caller's environment but what is named."""

    words: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


@dataclass(frozen=True)
class Finished:
    """How a command ended and how long it took; ``said`` is all that it printed."""

    seconds: float
    code: int
    said: str


def run(command: Command) -> Finished:
    """Run a command to its end and time it; on Ctrl-C everything it started ends, too."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = _start(command, said.fileno())
        _running.add(process)
        # Not wait(timeout): it polls, and would round what is measured up.
        too_long = threading.Timer(_LONGEST_SECONDS, end, [process])
        too_long.daemon = True
        too_long.start()
        try:
            _wait_unreaped(process)
            taken = time.perf_counter() - started
            _end_group(process)
            code = process.wait()
        finally:
            too_long.cancel()
            end(process)
            _running.discard(process)
        said.seek(0)
        return Finished(taken, code, said.read().decode(errors="replace"))


def peak_memory(commands: Sequence[Command]) -> float:
    """The most memory in MB that the commands held at one moment when run side by side.

    Counted is the proportional share (PSS) of every process of their trees, sampled every
    20 ms: a page that several processes share counts once in all. Where the kernel does not
    tell (other systems than Linux) this raises OSError.
    """
    if not tells_memory():
        raise OSError("this system does not tell how much memory processes share")
    with tempfile.TemporaryFile() as said:
        processes: list[subprocess.Popen[bytes]] = []
        peak = 0
        try:
            processes.extend(_start(command, said.fileno()) for command in commands)
            deadline = time.monotonic() + _LONGEST_SECONDS
            while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
                found = tree([process.pid for process in processes])
                peak = max(peak, sum(_share(pid) for pid in found))
                time.sleep(_SAMPLE_SECONDS)
        finally:
            for process in processes:
                end(process)
    return peak / 1024


def tells_memory() -> bool:
    """Whether ``peak_memory`` works on this system."""
    return Path("/proc/self/smaps_rollup").exists()


def settle() -> None:
    """Wait until every process below this one has come to rest: asleep, and no time used for 0.3 s."""
    if not Path("/proc/self/stat").exists():
        time.sleep(2)
        return
    deadline = time.monotonic() + 30
    quiet_since = time.monotonic()
    before: tuple[str, ...] = ("",)
    while time.monotonic() - quiet_since < _QUIET_SECONDS and time.monotonic() < deadline:
        now = tuple(_activity(pid) for pid in tree([os.getpid()])[1:])
        if now != before or any(activity.startswith(("R", "D")) for activity in now):
            quiet_since, before = time.monotonic(), now
        time.sleep(_SAMPLE_SECONDS)


def end_all() -> None:
    """End every command that is running now, from whatever thread."""
    for process in list(_running):
        end(process)


def tree(roots: Sequence[int]) -> list[int]:
    """The processes with these ids and all that descend from them."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            # The name of a program, in parentheses, may itself hold anything.
            fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(roots)
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _activity(pid: int) -> str:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return f"{fields[0]} {pid} {fields[11]} {fields[12]}"
    return ""


def end(process: subprocess.Popen[bytes]) -> None:
    """End a command and every process below it; nothing to do if it has ended."""
    if process.poll() is not None:
        return
    below = tree([process.pid])[1:] if Path("/proc").is_dir() else []
    process.send_signal(signal.SIGINT)
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in below:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 3
    while any(_activity(pid)[:1] not in ("", "Z") for pid in below) and time.monotonic() < deadline:
        time.sleep(_SAMPLE_SECONDS)


def _wait_unreaped(process: subprocess.Popen[bytes]) -> None:
    # Until it is reaped, no other process or group can have its number.
    if hasattr(os, "waitid"):
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what a command left running: a pool's workers, when a submission has ended the pool's owner."""
    if process.returncode is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def _start(command: Command, said: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.words,
        cwd=command.cwd,
        env=dict(command.env),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        # Ctrl-C is for the bench to hear; it ends what runs.
        start_new_session=True,
    )


def _share(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
