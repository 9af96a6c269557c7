"""One server as a process of ours: confined as far as this machine allows, alone with its folder.

Knows nothing of what the server serves. It ends when its ``Server`` is closed and, whatever
becomes of us, with this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from grader.sandbox import bubblewrap, namespace
from grader.services.failures import NotStarted

_CONFINE = Path(__file__).with_name("confine.py")
_CONFINE_INSIDE = "/confine.py"
_INTERPRETER = [sys.executable, "-I", "-S"]
_DISK_MB = 512
_DISK_FILES = 50_000
_POLL = 0.003
_GONE_SECONDS = 5.0
_LOG_TAIL = 8000
# The kernel kills a child when the thread that started it ends. This one never does.
_nursery = ThreadPoolExecutor(1, thread_name_prefix="nursery")


@dataclass(frozen=True)
class Ground:
    """Where servers of one judgement stand: ``folder`` is theirs alone.

    ``confined``: inside bubblewrap, on a memory disk of a bounded size, as ``uid`` where we are
    root. Without walls they run as we do.
    """

    folder: Path
    confined: bool
    uid: int | None

    @classmethod
    def prepare(cls, folder: Path, *, confined: bool) -> Ground:
        """Make ``folder`` ready; its parent must be there. Only after entering a namespace if ``confined``."""
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        ground = cls(folder, confined, None)
        if confined:
            # Where no disk can be mounted, their files lie on the machine's, and nothing else changes.
            with contextlib.suppress(OSError):
                namespace.mount_disk(folder, _DISK_MB, _DISK_FILES)
            ground = ground.without_root()
        return ground

    def without_root(self) -> Ground:
        """The same for a server that must not run as root, as another user if we are root."""
        if os.getuid() or self.uid is not None:
            return self
        if not self.confined:
            # That user has to find its way there.
            self.folder.parent.chmod(0o711)
        # Nobody's, and not the one of the learner's program.
        return replace(self, uid=60_000 + os.getpid() % 1_000)

    def plot(self, name: str) -> Path:
        """A new, empty folder for one server, which nobody else may read."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        self.make(folder)
        return folder

    def make(self, folder: Path) -> None:
        """One more folder inside a server's own."""
        folder.mkdir(mode=0o700)
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)

    def seen(self, folder: Path) -> str:
        """What a server in ``folder`` has to call it."""
        return bubblewrap.SERVER_DATA if self.confined else str(folder)

    def give(self, file: Path, content: str) -> None:
        """Write a file that the server alone may read."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as target:
            target.write(content)
        if self.uid is not None:
            os.chown(file, self.uid, self.uid)

    def clear_away(self) -> None:
        """Remove everything; nothing may run there any more."""
        if self.confined:
            with contextlib.suppress(OSError):
                namespace.unmount(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """A started process. Raises NotStarted when there is nothing to execute.

    ``programs`` are folders beyond the system's and the interpreter's that it has to see,
    ``reads`` is its standard input.
    """

    def __init__(
        self,
        ground: Ground,
        folder: Path,
        words: Sequence[str],
        *,
        memory_mb: int,
        programs: Iterable[Path] = (),
        reads: IO[bytes] | None = None,
    ) -> None:
        self.folder = folder
        self._log = folder / "log"
        self._popen = _nursery.submit(_start, ground, folder, list(words), memory_mb, tuple(programs), reads).result()

    @property
    def ended(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._popen.poll()

    def wait(self, seconds: float) -> int:
        """Its exit code; NotStarted if it still runs after ``seconds``."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.close()
            raise NotStarted(f"it was not done after {seconds:g} s") from None

    def wait_until_listening(self, port: int, seconds: float) -> None:
        """Block until somebody accepts connections; NotStarted if it ends or does not within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not accepts(port):
            if self.ended is not None:
                raise NotStarted(self.last_words())
            if time.monotonic() > deadline:
                raise NotStarted(f"it did not listen within {seconds:g} s")
            time.sleep(_POLL)

    def last_words(self) -> str:
        """Why it ended, as far as it said so."""
        lines = [line.strip() for line in self.log().splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
        said = (telling or lines or [""])[-1][:300]
        how = f"it ended with exit code {self.ended}"
        return f"{how}: {said}" if said else how

    def log(self) -> str:
        """The end of what it printed."""
        try:
            with open(self._log, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_TAIL))
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def close(self) -> None:
        """Kill it and wait until it is gone. Safe to call twice."""
        if self._popen.stdin:
            # Whoever stands between us ends it then, and itself.
            self._popen.stdin.close()
        else:
            self._popen.kill()
        self._popen.wait()


def _start(
    ground: Ground,
    folder: Path,
    words: list[str],
    memory_mb: int,
    programs: tuple[Path, ...],
    reads: IO[bytes] | None,
) -> subprocess.Popen[bytes]:
    # What reads its input to the end needs nobody to end it.
    ends_with = "walls" if ground.confined else "parent" if sys.platform == "linux" else "nothing" if reads else "input"
    settings = {"uid": ground.uid, "memory_mb": memory_mb, "folder": ground.seen(folder), "ends_with": ends_with}
    if ground.confined:
        bwrap = bubblewrap.find()
        if bwrap is None:
            raise NotStarted("bubblewrap is not installed")
        passwd = ground.folder / "passwd"
        if not passwd.exists():
            passwd.write_text(f"service:x:{os.getuid() if ground.uid is None else ground.uid}:0::/:/usr/sbin/nologin\n")
            passwd.chmod(0o644)
        files = {"/etc/passwd": passwd, _CONFINE_INSIDE: _CONFINE}
        walls = bubblewrap.around_a_server(bwrap, folder, programs, files, as_root=ground.uid is not None)
        command = [*walls, *_INTERPRETER, _CONFINE_INSIDE]
    else:
        command = [*_INTERPRETER, str(_CONFINE)]
    with open(folder / "log", "ab") as log:
        try:
            return subprocess.Popen(
                [*command, json.dumps(settings), *words],
                stdin=reads or (subprocess.PIPE if ends_with == "input" else subprocess.DEVNULL),
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},
                start_new_session=True,
            )
        except OSError as error:
            raise NotStarted(f"it cannot be executed: {error.strerror}") from None


def accepts(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_free(port: int) -> None:
    """Block until a port that a killed server listened on can be listened on again; NotStarted if it cannot."""
    deadline = time.monotonic() + _GONE_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise NotStarted(f"port {port} is taken") from error
        time.sleep(_POLL)
