"""The outer wall, which trusts none of the walls under test: whatever grows past its bounds is killed.

Looks at a process and everything below it through ``/proc``, so it needs no rights and no
control groups. What it kills is a finding; the machine survives it.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_PAUSE = 0.05
_MB = 1024 * 1024
# Kernels can be built without it.
_LISTS_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children").exists()


@dataclass(frozen=True)
class Bounds:
    """What a tree of processes may have: memory of its own, and processes, and time.

    Memory disks and memfds belong to no process, and the kernel's buffers are seen nowhere:
    for these count by how much the machine's shared memory has grown meanwhile, and its
    available memory shrunk.
    """

    memory_mb: int = 500
    shared_mb: int = 400
    machine_mb: int = 2000
    processes: int = 48
    seconds: float = 20.0


def below(root: int, *, thorough: bool = True) -> list[int]:
    """The living processes below ``root``, children before grandchildren.

    Not thorough is two hundred times quicker, but may overlook one while another ends.
    """
    thorough = thorough or not _LISTS_CHILDREN
    parents = _every_child() if thorough else {}
    found, waiting = [], [root]
    while waiting:
        parent = waiting.pop()
        children = parents.get(parent, []) if thorough else _children(parent)
        found += children
        waiting += children
    return found


def _every_child() -> dict[int, list[int]]:
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in (b"Z", b"X"):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    return parents


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_bytes().split())
    except OSError:
        pass
    return found


def memory(pid: int) -> int:
    """Bytes in memory that are a process's own or shared without a file on a disk; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def machine() -> tuple[int, int]:
    """Bytes of the whole machine: shared (memory disks, memfds, shared mappings), and available."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    fields = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return fields["Shmem"], fields["MemAvailable"]


class Watchdog:
    """Watches everything below process ``root`` while entered; ``bitten`` says what it killed and why.

    ``root`` itself stays, unless it has grown too big: whoever waits for its answer gets one.
    """

    def __init__(self, root: int, bounds: Bounds) -> None:
        self.bitten = ""
        self.largest = 0
        self.taken = 0
        self.most = 0
        self._root = root
        self._bounds = bounds
        self._shared, self._available = machine()
        self._until = time.monotonic() + bounds.seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE):
            tree = below(self._root, thorough=False)
            if what := self._too_much(tree):
                self.bitten = self.bitten or what
                kill(self._root)
                if memory(self._root) > self._bounds.memory_mb * _MB:
                    os.kill(self._root, signal.SIGKILL)

    def _too_much(self, tree: list[int]) -> str:
        used = sum(map(memory, [self._root, *tree]))
        shared, available = machine()
        grown, taken = shared - self._shared, self._available - available
        self.largest = max(self.largest, used, grown)
        self.taken = max(self.taken, taken)
        self.most = max(self.most, len(tree))
        if used > self._bounds.memory_mb * _MB:
            return f"{used // _MB} MB of memory"
        if grown > self._bounds.shared_mb * _MB:
            return f"{grown // _MB} MB of shared memory, its own or its neighbour's"
        if taken > self._bounds.machine_mb * _MB:
            return f"{taken // _MB} MB of the machine's memory, its own or its neighbour's"
        if len(tree) > self._bounds.processes:
            return f"{len(tree)} processes"
        if time.monotonic() > self._until:
            return f"more than {self._bounds.seconds:g} s"
        return ""


def kill(root: int, seconds: float = 5.0) -> None:
    """Kill everything below ``root`` until nothing is left, newcomers included."""
    deadline = time.monotonic() + seconds
    while (tree := set(below(root))) and time.monotonic() < deadline:
        # Stopped first: who is killed while it forks leaves a child that is below nobody.
        stopped: set[int] = set()
        while new := tree - stopped:
            _send(new, signal.SIGSTOP)
            stopped |= new
            tree = set(below(root))
        _send(stopped, signal.SIGKILL)
        time.sleep(0.005)


def _send(pids: set[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
