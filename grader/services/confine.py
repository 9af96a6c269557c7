"""What stands between us and a server's first instruction: gives up root, takes limits, becomes it.

A script, started with ``-I -S``: the judge has threads by then, and between fork and exec a
process with threads may do almost nothing. Standard library only.

    confine.py '{"uid": 60123, "memory_mb": 512, "folder": "/data", "ends_with": "walls"}' /usr/bin/redis-server …

``ends_with`` says what ends the server when the judge is gone: ``walls`` (bubblewrap sees to
it), ``parent`` (Linux kills it) or ``input`` (elsewhere this script stays, reads its standard
input, whose other end only the judge has, and kills the server at the end of it).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_LARGEST_FILE = 1024 * 1024 * 1024


def main() -> None:
    """Do what ``argv[1]`` says, then execute the rest."""
    settings = json.loads(sys.argv[1])
    if settings["ends_with"] == "parent":
        # Before the change of user, who may not be let into the interpreter's folder.
        import ctypes
    if settings["uid"] is not None:
        os.setgroups([])
        os.setresgid(settings["uid"], settings["uid"], settings["uid"])
        os.setresuid(settings["uid"], settings["uid"], settings["uid"])
    if settings["ends_with"] == "parent":
        # After the change of user, which would clear the wish.
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    # Not before: the folder is for this user alone.
    os.chdir(settings["folder"])
    os.umask(0o077)
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, files, files),
        (resource.RLIMIT_DATA, settings["memory_mb"] * 1024 * 1024, settings["memory_mb"] * 1024 * 1024),
    ):
        try:
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):
            # A lower hard limit than ours is kept: it was set by whoever owns the machine.
            continue
    # Python ignores it, and what is ignored stays ignored in the program that follows.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if settings["ends_with"] == "input":
        _stay_beside()
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 there is no shell, and none is wanted


def _stay_beside() -> None:
    """Return in a child of ours, and be there to end it."""
    # Before there is a child: one that ends at once would end unnoticed.
    signal.signal(signal.SIGCHLD, lambda *_: os._exit(_exit_code(os.waitpid(-1, 0)[1])))
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        return
    while os.read(0, 1):
        pass
    os.kill(child, signal.SIGKILL)
    while True:
        signal.pause()


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()
