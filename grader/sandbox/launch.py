"""Start a sandbox, fork programs and calls in it, and leave nothing of it behind."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader import wire
from grader.model import Limits, Process
from grader.sandbox import answers, bubblewrap, procfile
from grader.sandbox.failures import ProgramDied, ProgramFailure, SandboxUnavailable
from grader.sandbox.nursery import PATH, Nursery
from grader.sandbox.process import Ending, Log, Running

_START_SECONDS = 20.0
_COPY_IN = """
def probe(name, content):
    with open(name, "wb") as file:
        file.write(content)
"""


class Sandbox:
    """The world one submission's programs live in. Use as a context manager.

    ``submission`` is the nursery's folder of plain files, readable by anyone, that the programs
    get a fresh copy of; with ``empty`` not before :meth:`clear`. With ``trace`` every log says
    which lines ran.
    ``asked`` holds the processes of calls and probes, and how long their logs were before,
    for whoever wants to read what they printed. ``settings`` are added to the environment of
    everything that starts from now on.
    """

    def __init__(
        self, nursery: Nursery, submission: Path, limits: Limits, *, trace: bool = False, empty: bool = False
    ) -> None:
        self.contained = nursery.contained
        self._nursery = nursery
        self._trace = trace
        self._endings: dict[int, Ending] = {}
        self._changed = threading.Condition()
        self._replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._asking = threading.Lock()
        self._lost = False
        # Beside the submission, so that whoever removes that removes this, whatever becomes of us.
        self._folder = Path(tempfile.mkdtemp(prefix="app-", dir=submission.parent)).resolve()
        self.app = bubblewrap.APP if self.contained else str(self._folder)
        self.asked: dict[Running, int] = {}
        self.settings: dict[str, str] = {}
        self._respondent: answers.Respondent | None = None
        limited = {"seconds": limits.seconds, "memory_mb": limits.memory_mb, "processes": limits.processes}
        self._control, theirs = socket.socketpair()
        with theirs:
            self._order = nursery.bear(
                theirs.fileno(),
                {
                    "limits": limited,
                    "trace": trace,
                    "empty": empty,
                    "writable": bubblewrap.WRITABLE if self.contained else [self.app],
                },
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_until_ready(self) -> None:
        """Block until programs can be started.

        Raises SandboxUnavailable with the reason, which is none of the submission's doing,
        and ProgramDied if the sandbox ended over the submission.
        """
        reply = self._reply(_START_SECONDS)
        if reply is None or not reply.get("alive"):
            if reply and "error" in reply:
                raise SandboxUnavailable(str(reply["error"]))
            raise self._nursery.failure(self._order)
        reply = self._reply(_START_SECONDS)
        if reply is None or not reply.get("ready"):
            raise ProgramDied("the sandbox ended while it read your files")

    def start(self, process: Process, environ: Mapping[str, str], *, port: int = 0) -> Running:
        """Start one line of a Procfile with ``environ`` and, if not 0, ``PORT``."""
        env = self._environment() | dict(environ)
        if port:
            env["PORT"] = str(port)
        words, env = procfile.argv(process, env)
        running, channel = self._fork(process.name, port)
        with channel:
            channel.sendall(wire.encode({"kind": "command", "argv": words, "env": env}).encode() + b"\n")
        return running

    def call(self, target: str, args: list[Any], kwargs: dict[str, Any], seconds: float = 5.0) -> Any:
        """Run ``module:function`` of the learner's; calls share a process until the world is cleared."""
        if self._respondent is None or self._respondent.finished or self._respondent.running.ended:
            self.forget()
            self._respondent = answers.Respondent(*self._fork(target, 0))
        job = {"kind": "call", "target": target, "args": args, "kwargs": kwargs}
        return self._ask(self._respondent, target, job, seconds)

    def probe(self, name: str, source: str, data: dict[str, Any], seconds: float = 5.0) -> Any:
        """Run ``probe(**data)`` of ``source`` in a process of the learner's that does nothing else."""
        respondent = answers.Respondent(*self._fork(name, 0))
        try:
            return self._ask(respondent, name, {"kind": "probe", "name": name, "source": source, "data": data}, seconds)
        finally:
            respondent.finish()

    def copy_out(self, path: str, largest: int) -> bytes | None:
        """The content of a plain file of the program's folder, None if there is none of that size.

        Whatever the program put there: it may be anything, and may be changing.
        """
        with tempfile.TemporaryFile() as file:
            reply = self._request({"op": "copy", "path": path, "largest": largest}, [file.fileno()])
            if not reply["copied"]:
                return None
            file.seek(0)
            return file.read()

    def copy_in(self, name: str, content: bytes) -> None:
        """Put a file into the program's folder, as its own; for before anything of it has run."""
        asked = dict(self.asked)
        self.probe(name, _COPY_IN, {"name": name, "content": content})
        self.asked = asked

    def clear(self) -> None:
        """Kill every process of the learner's and lay their files out anew."""
        self.forget()
        self._request({"op": "clear"})

    def close(self) -> None:
        """End everything; safe to call twice."""
        self._lost = True
        self.forget()
        # Not close(): the listening thread holds the socket open, and the runner leaves
        # only when it reads the end of it.
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        self._nursery.end(self._order)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        own = {"PATH": PATH, "HOME": self.app, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        return own | self.settings

    def _ask(self, respondent: answers.Respondent, name: str, job: dict[str, Any], seconds: float) -> Any:
        self.asked.setdefault(respondent.running, len(respondent.running.log))
        return respondent.ask(name, job | {"env": self._environment()}, seconds)

    def _fork(self, name: str, port: int) -> tuple[Running, socket.socket]:
        reading, writing = os.pipe()
        ours, theirs = socket.socketpair()
        with theirs:
            if self._nursery.uid != os.getuid():
                # So that the program may open /dev/stdout, as it could at home.
                os.fchown(writing, self._nursery.uid, -1)
            try:
                reply = self._request({"op": "fork"}, [writing, theirs.fileno()])
            except ProgramFailure:
                os.close(reading)
                ours.close()
                raise
            finally:
                os.close(writing)
        if "error" in reply:
            os.close(reading)
            ours.close()
            raise ProgramDied(str(reply["error"]))
        return Running(name, reply["forked"], port, Log(reading, traced=self._trace), self._ending, self._signal), ours

    def forget(self) -> None:
        """Let the process that calls share end; the next call begins another."""
        if self._respondent:
            self._respondent.finish()
        self._respondent = None

    def _signal(self, pid: int, number: int) -> bool:
        return bool(self._request({"op": "signal", "pid": pid, "signal": int(number)})["signalled"])

    def _ending(self, pid: int, seconds: float) -> Ending | None:
        with self._changed:
            self._changed.wait_for(lambda: pid in self._endings or self._lost, seconds)
            return self._endings.get(pid, Ending() if self._lost else None)

    def _request(self, message: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        with self._asking:
            try:
                socket.send_fds(self._control, [json.dumps(message).encode() + b"\n"], descriptors or [])
                reply = self._reply(_START_SECONDS)
            except OSError:
                reply = None
        if reply is None:
            raise ProgramDied("the sandbox ended")
        return reply

    def _reply(self, seconds: float) -> dict[str, Any] | None:
        try:
            return self._replies.get(timeout=seconds)
        except queue.Empty:
            return None

    def _listen(self) -> None:
        with self._control.makefile("rb") as lines:
            try:
                for line in lines:
                    self._hear(json.loads(line))
            except (OSError, ValueError, KeyError, TypeError):
                pass
        with self._changed:
            self._lost = True
            self._changed.notify_all()
        self._replies.put(None)

    def _hear(self, message: dict[str, Any]) -> None:
        if "exited" in message:
            with self._changed:
                ending = Ending(message.get("code"), message.get("signal"), message.get("cause", ""))
                self._endings[message["exited"]] = ending
                self._changed.notify_all()
            return
        if "forked" in message:
            with self._changed:
                self._endings.pop(message["forked"], None)
        self._replies.put(message)
