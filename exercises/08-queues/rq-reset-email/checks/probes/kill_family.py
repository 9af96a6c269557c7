"""`kill -9` of a process and of all that it has started, as when a machine goes down."""

import contextlib
import os
import signal
import subprocess


def probe(pid):
    parents = _parents()
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    # The eldest first: it must not hear of the death of its children.
    for member in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    return len(family)


def _parents():
    """The parent of each process that can be seen."""
    if not os.path.isdir("/proc/self"):
        told = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return dict(map(int, line.split()) for line in told.splitlines())
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as file:
            # The name may hold anything, spaces and parentheses included.
            found[int(entry)] = int(file.read().rpartition(b")")[2].split()[1])
    return found
