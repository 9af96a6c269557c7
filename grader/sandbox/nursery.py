"""The warm process that sandboxes are forked from, and the outer walls around it."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from grader.sandbox import bubblewrap, seccomp
from grader.sandbox.failures import ProgramDied, SandboxUnavailable

_PACKAGE = Path(__file__).resolve().parent.parent
_SCRIPTS = str(Path(sys.prefix) / "bin")
PATH = os.pathsep.join([_SCRIPTS, "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin"])
_SECONDS = 20.0
_DISK_MB = 128
_DISK_FILES = 20_000
_FIRST_UID, _UIDS = 20_000, 40_000
# Beginning anywhere, so that checkers side by side take different ones.
_uids = (_FIRST_UID + number % _UIDS for number in itertools.count(os.getpid() * 7))
_BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from grader.runner.main import main; main()"


class Nursery:
    """Started once, it gives any number of sandboxes; nothing of a submission ever runs in it.

    ``submission`` is the folder that every sandbox takes its files from; they may change
    between one and the next. With ``contained`` false everything is an ordinary process of
    the user's: fit for one's own code only. Raises SandboxUnavailable.
    """

    def __init__(self, submission: Path, *, contained: bool) -> None:
        self.contained = contained
        # As root every nursery gets a uid of its own, so that process limits do not add up.
        self.uid = next(_uids) if contained and os.getuid() == 0 else os.getuid()
        self._asking = threading.Lock()
        self._orders = 0
        self._heard: dict[int, dict[str, Any]] = {}
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_SECONDS)
        self._replies = self._control.makefile("rb")
        self._errors = tempfile.TemporaryFile()
        with theirs:
            command = self._command(submission, theirs.fileno())
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=self._errors,
                    stderr=self._errors,
                    pass_fds=[theirs.fileno()],
                    env={"PATH": PATH, "LANG": "C.UTF-8"},
                )
            except OSError as error:
                raise SandboxUnavailable(f"{command[0]} cannot be started ({error.strerror})") from None

    def _command(self, submission: Path, control: int) -> list[str]:
        settings: dict[str, Any] = {
            "control": control,
            "contained": self.contained,
            "uid": self.uid if self.uid != os.getuid() else None,
            "scripts": _SCRIPTS,
            "submission": bubblewrap.SUBMISSION if self.contained else str(submission),
        }
        if not self.contained:
            return [sys.executable, "-I", "-c", _BOOT, str(_PACKAGE.parent), json.dumps(settings)]
        bwrap = bubblewrap.find()
        if bwrap is None:
            raise SandboxUnavailable("bubblewrap is not installed")
        rules = seccomp.program()
        settings["disk"] = {"megabytes": _DISK_MB, "files": _DISK_FILES}
        settings["filter"] = base64.b64encode(rules).decode() if rules else None
        walls = bubblewrap.command(bwrap, submission, as_root=os.getuid() == 0)
        return [*walls, sys.executable, "-I", "-c", _BOOT, bubblewrap.RUNNER, json.dumps(settings)]

    def bear(self, control: int, settings: dict[str, Any]) -> int:
        """Order one more sandbox, which will listen on the socket ``control``; the number of the order.

        Returns at once: everything else goes on while the nursery warms up. Should nothing
        come of it, the socket closes, and :meth:`failure` says why.
        """
        return self._send({"op": "sandbox", **settings}, [control])

    def end(self, order: int) -> None:
        """End a sandbox and everything in it; returns when nothing of it is left."""
        born = self._reply(order)
        if "born" in born and "ended" not in self._reply(self._send({"op": "end", "pid": born["born"]}, [])):
            self.close()

    def failure(self, order: int) -> ProgramDied | SandboxUnavailable:
        """Why nothing came of an order.

        A nursery that never lived, or says itself that it cannot, is a machine without sandboxes.
        One that lived and fell silent did so over a submission, which must not gain by it.
        """
        reason = self._reply(order).get("error")
        if not reason and "alive" in self._reply(0):
            return ProgramDied("the sandbox ended while it read your files")
        return SandboxUnavailable(str(reason or self._last_words()))

    def close(self) -> None:
        """End the nursery and every sandbox of it; safe to call twice."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._replies.close()
        self._errors.close()

    def _send(self, request: dict[str, Any], descriptors: list[int]) -> int:
        with self._asking:
            self._orders += 1
            with contextlib.suppress(OSError):
                # That nobody is there shows when the reply is read.
                socket.send_fds(self._control, [json.dumps(request).encode() + b"\n"], descriptors)
            return self._orders

    def _reply(self, order: int) -> dict[str, Any]:
        with self._asking:
            while order not in self._heard:
                try:
                    line = self._replies.readline()
                except (OSError, ValueError):
                    line = b""
                if not line:
                    return {}
                self._heard[len(self._heard)] = json.loads(line)
            return self._heard[order]

    def _last_words(self) -> str:
        if self._errors.closed:
            return "it has ended"
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        words = self._errors.read(4000).decode(errors="replace").strip().splitlines()
        return words[-1] if words else "it did not start"
