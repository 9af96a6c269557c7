"""One sandbox from inside: forks for each start, ends everything, lays the files out anew.

Reads one JSON request a line from its control socket and answers each in order:

    {"op": "fork"} + 2 descriptors   → {"forked": pid}         output pipe, job channel
    {"op": "signal", pid, signal}    → {"signalled": bool}     to the whole process group
    {"op": "clear"}                  → {"cleared": true}       everything killed, files anew
    {"op": "copy"} + 1 descriptor    → {"copied": bool}        a file of the program's, to there

and says {"exited": pid, "code": n} or {"exited": pid, "signal": n} unasked. When the
socket closes it kills what it started and leaves. It never imports the learner's code:
only the forks do.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import time
from typing import Any

from grader.runner import warm

_KILL_SECONDS = 5.0
# How often the memory of all processes together is looked at while any runs.
_MEMORY_SECONDS = 0.05
# Open by all of them together. Behind each may stand 200 KB of buffers, the kernel's own memory.
_MOST_DESCRIPTORS = 2000
_PF_EXITING = 0x4


class Zygote:
    """The state of the sandbox: which forks are alive and where the files go."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        self.control = control
        self.app = settings["writable"][0]
        self.settings = settings
        self.alive: set[int] = set()
        self.cause = ""
        self.own_memory = 0
        self.looked = 0.0
        self.wakeup, alarm = socket.socketpair()
        self.wakeup.setblocking(False)
        alarm.setblocking(False)
        self.alarm = alarm
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)

    def serve(self) -> tuple[int, int] | None:
        """Answer requests until the socket closes.

        Returns None then, and ``(output, channel)`` in each fork: the caller runs the
        job at the top of the stack, so that the learner's program ends as any would.
        """
        pending = b""
        while True:
            pause = _MEMORY_SECONDS if self.alive and self.settings["contained"] else None
            readable, _, _ = select.select([self.control, self.wakeup], [], [], pause)
            if pause and time.monotonic() - self.looked > pause:
                self._watch_memory()
                self.looked = time.monotonic()
            if self.wakeup in readable:
                self._drain_wakeups()
                self._reap()
            if self.control not in readable:
                continue
            data, descriptors, _, _ = socket.recv_fds(self.control, 65536, 4)
            if not data:
                self._kill_everything()
                return None
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                forked = self._answer(json.loads(line), descriptors)
                if forked:
                    return forked
                descriptors = []

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> tuple[int, int] | None:
        if request["op"] == "fork":
            output, channel = descriptors
            try:
                pid = os.fork()
            except OSError as error:
                self.say({"error": f"cannot start a process: {error.strerror}"})
                pid = -1
            if pid == 0:
                self._become_a_child()
                return output, channel
            os.close(output)
            os.close(channel)
            if pid > 0:
                self.alive.add(pid)
                self.cause = ""
                self.say({"forked": pid})
        elif request["op"] == "signal":
            self.say({"signalled": self._signal(request["pid"], request["signal"])})
        elif request["op"] == "clear":
            self._kill_everything()
            self.lay_out_files()
            self.say({"cleared": True})
        elif request["op"] == "copy":
            [target] = descriptors
            self.say({"copied": _copy(self.app, request["path"], request["largest"], target)})
            os.close(target)
        return None

    def lay_out_files(self) -> None:
        """Copy the submission to where the program runs, replacing what was left there."""
        for folder in self.settings["writable"]:
            _empty(folder)
        for entry in list(os.scandir(self.settings["submission"])):
            if entry.is_dir():
                shutil.copytree(entry.path, os.path.join(self.app, entry.name))
            else:
                shutil.copy(entry.path, self.app)
        warm.import_packages(self.app, self.settings["scripts"])
        warm.settle()
        self.own_memory = _memory("self")

    def _become_a_child(self) -> None:
        signal.set_wakeup_fd(-1)
        for handled in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(handled, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.wakeup.close()
        self.alarm.close()
        self.control.close()

    def say(self, message: dict[str, Any]) -> None:
        """Send one message to the judge."""
        self.control.sendall(json.dumps(message).encode() + b"\n")

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self.wakeup.recv(4096):
                pass

    def _reap(self) -> bool:
        """Collect what has ended; True when nothing is left running."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid in self.alive:
                self.alive.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                how = {"code": code} if code >= 0 else {"signal": -code}
                self.say({"exited": pid, "cause": self.cause} | how)

    def _signal(self, pid: int, number: int) -> bool:
        if pid not in self.alive:
            return False
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            # Forked a moment ago and not yet the leader of its own group.
            os.kill(pid, number)
        return True

    def _watch_memory(self) -> None:
        """End everything when all processes together use more than the limit; each alone has its own."""
        limit = self.settings["limits"]["memory_mb"]
        used = descriptors = 0
        for entry in os.listdir("/proc"):
            if entry.isdigit() and entry != "1" and (speaker := _speaker(entry)):
                used += max(0, _memory(speaker) - self.own_memory)
                descriptors += _descriptors(speaker)
        if used > limit * 1024:
            self.cause = f"all its processes together used more than {limit} MB of memory"
        elif descriptors > _MOST_DESCRIPTORS:
            self.cause = f"all its processes together had more than {_MOST_DESCRIPTORS} files and sockets open"
        if self.cause:
            self._kill_everything()

    def _kill_everything(self) -> None:
        # As process 1 of a pid namespace, -1 means every other process in the sandbox.
        # Anywhere else it would mean every process of the user, so there only groups.
        contained = os.getpid() == 1
        deadline = time.monotonic() + _KILL_SECONDS
        while time.monotonic() < deadline:
            if contained:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            else:
                for pid in list(self.alive):
                    self._signal(pid, signal.SIGKILL)
            if self._reap():
                return
            select.select([self.wakeup], [], [], 0.02)
            self._drain_wakeups()


def _memory(process: str) -> int:
    """Kilobytes that a process has written to, shared ones included; 0 if it is gone."""
    try:
        with open(f"/proc/{process}/status", "rb") as file:
            fields = dict(line.split(b":", 1) for line in file if line.startswith((b"RssAnon", b"RssShmem")))
    except (OSError, ValueError):
        return 0
    return sum(int(value.split()[0]) for value in fields.values())


def _descriptors(process: str) -> int:
    """How many a process has open; many, if it hides them."""
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except PermissionError:
        return 512
    except OSError:
        return 0


def _speaker(pid: str) -> str | None:
    """Where in /proc a process can be looked at: a thread of it that is not on its way out.

    Of one that has left nothing can be seen any more, though others may still have it all.
    """
    if not _leaves(pid):
        return pid
    try:
        threads = [f"{pid}/task/{thread}" for thread in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return None
    return next((thread for thread in threads if not _leaves(thread)), None)


def _leaves(thread: str) -> bool:
    try:
        with open(f"/proc/{thread}/stat", "rb") as file:
            # The name may hold anything, spaces and parentheses included.
            flags = int(file.read().rpartition(b")")[2].split()[6])
    except (OSError, ValueError, IndexError):
        return True
    return bool(flags & _PF_EXITING)


def _copy(folder: str, path: str, largest: int, target: int) -> bool:
    """Copy one plain file, and nothing that a link of the program's leads to."""
    with contextlib.ExitStack() as opened:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        opened.callback(os.close, place)
        try:
            for name in path.split("/"):
                place = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
                opened.callback(os.close, place)
            about = os.fstat(place)
            if not stat.S_ISREG(about.st_mode) or about.st_size > largest:
                return False
            with open(place, "rb", closefd=False) as file, open(target, "wb", closefd=False) as copy:
                copy.write(file.read(largest))
        except OSError:
            return False
    return True


def _empty(folder: str) -> None:
    """Remove what is in a folder, however its owner has protected it; what is mounted there is somebody else's."""
    device = os.lstat(folder).st_dev
    for entry in list(os.scandir(folder)):
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.path)
            continue
        if _is_elsewhere(entry.path, device):
            continue
        mounted = False
        for parent, folders, _ in os.walk(entry.path, onerror=None):
            with contextlib.suppress(OSError):
                os.chmod(parent, 0o700)
            own = [name for name in folders if not _is_elsewhere(os.path.join(parent, name), device)]
            mounted = mounted or len(own) < len(folders)
            folders[:] = own
        if not mounted:
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            # The way to a mount stays, and with it nothing but folders.
            _empty(entry.path)


def _is_elsewhere(path: str, device: int) -> bool:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_dev != device
    return False
