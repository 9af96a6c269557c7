"""The nursery: a warm interpreter that none of a submission ever runs in, and that forks sandboxes.

``argv[1]`` holds the settings as JSON. Says {"alive": true}, then reads one request a line from its
control socket:

    {"op": "sandbox", …} + a socket   → {"born": pid}      a zygote (zygote.py) that serves this socket
    {"op": "end", "pid": n}           → {"ended": true}    it and everything in it is gone

and leaves when the socket closes. Importing third-party packages is what takes long when a
program starts; here it is done once for any number of sandboxes, each a fork behind walls
of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from typing import Any, NoReturn

from grader.runner import job, walls, warm
from grader.runner.zygote import Zygote


def main() -> NoReturn:
    """Be the nursery; in each fork, be the zygote; in each of the zygote's, the learner's program."""
    settings = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not settings["contained"]:
        job.die_with_parent()
    elif settings["uid"] is not None:
        # Before anything is imported: some packages look once who they are.
        walls.give_up_root(settings["uid"])
    # Before anything of the submission is touched: from here on, silence is no reason to
    # believe that there are no sandboxes here.
    control.sendall(b'{"alive": true}\n')
    warm.import_always()
    born = serve(control, settings)
    if born is None:
        os._exit(0)
    control.close()
    raise SystemExit(_grow_up(*born, settings))


def serve(control: socket.socket, settings: dict[str, Any]) -> tuple[socket.socket, dict[str, Any]] | None:
    """Answer requests until the socket closes: None then, and in each fork its socket and what it is to be."""
    alive: set[int] = set()
    pending = b""
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not data:
            for pid in alive:
                _end(pid)
            return None
        pending += data
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            request = json.loads(line)
            if request["op"] == "end":
                if request["pid"] in alive:
                    alive.discard(request["pid"])
                    _end(request["pid"])
                answer: dict[str, Any] = {"ended": True}
            else:
                # What cannot be warmed up for is the program's to meet.
                with contextlib.suppress(Exception):
                    warm.import_packages(settings["submission"], settings["scripts"], trusted_only=True)
                warm.settle()
                try:
                    pid = walls.fork() if settings["contained"] else os.fork()
                except OSError as error:
                    pid, answer = -1, {"error": f"no sandbox can be made ({error.strerror})"}
                if pid == 0:
                    return socket.socket(fileno=descriptors[0]), request
                if pid > 0:
                    alive.add(pid)
                    answer = {"born": pid}
                for descriptor in descriptors:
                    os.close(descriptor)
                descriptors = []
            control.sendall(json.dumps(answer).encode() + b"\n")


def _grow_up(own: socket.socket, request: dict[str, Any], settings: dict[str, Any]) -> int:
    settings = settings | request
    try:
        if settings["contained"]:
            walls.enclose(settings["disk"], settings["writable"])
            walls.lock(settings["filter"])
        job.hide(contained=settings["contained"])
    except OSError as error:
        with contextlib.suppress(OSError):
            own.sendall(json.dumps({"error": f"no walls can be raised ({error.strerror})"}).encode() + b"\n")
        os._exit(1)
    zygote = Zygote(own, settings)
    zygote.say({"alive": True})
    if not settings["empty"]:
        zygote.lay_out_files()
    warm.remember_entry_points()
    zygote.say({"ready": True, "python": sys.version.split()[0]})
    forked = zygote.serve()
    if forked is None:
        os._exit(0)
    return job.run(*forked, settings)


def _end(pid: int) -> None:
    # Of a pid namespace, its process 1: with it the kernel ends every other process in there.
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
