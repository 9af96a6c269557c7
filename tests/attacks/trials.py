"""Grading an attack under guard: a worker, a watchdog around it, and a look at what is left."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attacks import bait, watchdog
from tests.attacks.corpus import HONEST, Attack, honest

_AT_ONCE = 2
_REPOSITORY = Path(__file__).resolve().parents[2]
_GONE_WITHIN = 5.0
# On a busy machine the sandbox that comes next may not be there yet.
_WARM_WITHIN = 30.0
# A judge that waits: the checker, bubblewrap, the nursery, and a sandbox that nobody has used.
_PROCESSES_OF_A_JUDGE = 4


@dataclass(frozen=True)
class Trial:
    """What became of one submission.

    ``bitten`` is why the watchdog had to kill it, ``left`` what was there afterwards and not
    before; both are empty where the walls hold. ``largest`` is in bytes.
    """

    report: dict[str, Any]
    bitten: str
    left: tuple[str, ...]
    largest: int
    most: int
    seconds: float

    def outcomes(self) -> dict[str, str]:
        """Check id → outcome."""
        return {check: str(result["outcome"]) for check, result in self.report.get("results", {}).items()}

    def words(self) -> str:
        """Everything that a person is told."""
        told = [result["message"] for result in self.report.get("results", {}).values()]
        return "\n".join([self.report.get("refused", ""), *told])

    def shown(self) -> list[str]:
        """Every line that reaches a terminal."""
        lines = [line for result in self.report.get("results", {}).values() for line in result["shown"]]
        return [self.report.get("refused", ""), *self.report.get("notes", []), *lines]


class _Worker:
    """A grading process that serves one order after the other."""

    def __init__(self, house: bait.House) -> None:
        self._house = house
        self.temp = Path(tempfile.mkdtemp(prefix="worker-", dir=house.temp))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.worker", str(house.root), house.secret],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(self.temp), "HOME": str(house.root / "home"), "ARENA_LOOT": house.secret},
        )

    def grade(
        self,
        folder: Path,
        arena: str,
        checks: list[str],
        isolation: str = "auto",
        seconds: int = 0,
        *,
        waiting: bool = False,
    ) -> Trial:
        """Grade one submission and look at what is left of it.

        ``waiting``: by a judge that has judged others before and waits for more, as in a class.
        """
        assert self._process.stdin and self._process.stdout
        order: dict[str, Any] = {"arena": arena, "checks": checks, "folder": str(folder), "isolation": isolation}
        order |= {"seconds": seconds, "seed": "0", "waiting": waiting}
        before = _traces(self.temp)
        started = time.monotonic()
        with watchdog.Watchdog(self._process.pid, watchdog.Bounds()) as guard:
            try:
                self._process.stdin.write(json.dumps(order) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = ""
        took = time.monotonic() - started
        report = json.loads(line) if line else {"refused": "the worker itself has ended"}
        judges = int(report.get("waiting", 0))
        ended = time.monotonic()
        while left := self._left(before, judges):
            warm = len(watchdog.below(self._process.pid)) >= judges * _PROCESSES_OF_A_JUDGE
            if time.monotonic() > ended + (_GONE_WITHIN if warm else _WARM_WITHIN):
                break
            time.sleep(0.01)
        return Trial(report, guard.bitten, tuple(left), guard.largest, guard.most, took)

    def _left(self, before: set[str], judges: int) -> list[str]:
        running = [f"process {pid}" for pid in watchdog.below(self._process.pid)]
        # The scratch folders of those that wait are theirs.
        traces = [trace for trace in _traces(self.temp) - before if not (judges and trace.startswith("file groundup-"))]
        return running * (len(running) != judges * _PROCESSES_OF_A_JUDGE) + sorted(traces)

    def close(self) -> None:
        """End the worker and whatever it has not ended."""
        watchdog.kill(self._process.pid)
        self._process.kill()
        self._process.communicate()


def _traces(temp: Path) -> set[str]:
    """Mounts, temporary files, shared memory and listening ports that there are now.

    Others use this machine, too: shared memory, queues and ports count when their owner is a
    user of ours, which as root are the users that sandboxes get.
    """
    ours = range(20_000, 60_000) if os.getuid() == 0 else range(os.getuid(), os.getuid() + 1)
    found = {f"mount {line}" for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    found |= {f"file {path.name}" for path in temp.iterdir() if not path.name.startswith("groundup-error-")}
    for entry in os.scandir("/dev/shm"):
        try:
            if entry.stat(follow_symlinks=False).st_uid in ours:
                found.add(f"shared memory {entry.name}")
        except FileNotFoundError:
            continue
    # Key and id stand first, the user in the column named here; the rest changes.
    for kind, column in (("shm", 7), ("msg", 7), ("sem", 4)):
        path = Path("/proc/sysvipc") / kind
        rows = path.read_text().splitlines()[1:] if path.exists() else []
        found |= {f"{kind} {row.split()[:2]}" for row in rows if int(row.split()[column]) in ours}
    return found | {f"port {port}" for port in _ports_of(ours)}


def _ports_of(users: range) -> set[int]:
    """TCP ports on which a process of ``users`` listens, on this machine."""
    found: set[int] = set()
    for table in ("tcp", "tcp6"):
        for row in Path("/proc/self/net", table).read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and int(fields[7]) in users:
                found.add(int(fields[1].rpartition(":")[2], 16))
    return found


class Arena:
    """Two workers in a house full of bait. What is ordered here is graded two at a time."""

    def __init__(self, house: bait.House, workers: list[_Worker]) -> None:
        self._house = house
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in workers:
            self._free.put(worker)
        self._pool = ThreadPoolExecutor(len(workers))
        self._numbers = itertools.count()
        self._honest_lock = threading.Lock()
        self._pending: dict[str, Future[tuple[Trial, Trial]]] = {}

    def order(self, attack: Attack) -> None:
        """Have an attack graded as soon as a worker is free; :meth:`judged` waits for it."""
        if attack.name not in self._pending:
            self._pending[attack.name] = self._pool.submit(self._both, attack)

    def judged(self, attack: Attack) -> tuple[Trial, Trial]:
        """The trial of an attack, and of the honest program that the same worker graded next."""
        self.order(attack)
        return self._pending[attack.name].result()

    def again(self, attacks: list[Attack]) -> Iterator[tuple[Attack, Trial, Trial]]:
        """Trials of their own for ``attacks``, in this order, by judges that wait from one to the next."""
        pending = [(attack, self._pool.submit(self._both, attack, waiting=True)) for attack in attacks]
        for attack, future in pending:
            yield attack, *future.result()

    def bite(self, attack: Attack) -> Trial:
        """An attack without walls. Only for those that take loot and do no harm."""
        assert attack.bites
        return self._pool.submit(self._one, attack, "process").result()

    def close(self) -> None:
        """Wait for what is being graded; what has not begun is not begun."""
        self._pool.shutdown(cancel_futures=True)

    def _both(self, attack: Attack, *, waiting: bool = False) -> tuple[Trial, Trial]:
        worker = self._free.get()
        try:
            trial = self._grade(worker, attack, "sandbox" if waiting else "auto", waiting=waiting)
            return trial, self._honest(worker, attack.arena, waiting=waiting)
        finally:
            self._free.put(worker)

    def _one(self, attack: Attack, isolation: str) -> Trial:
        worker = self._free.get()
        try:
            return self._grade(worker, attack, isolation)
        finally:
            self._free.put(worker)

    def _grade(self, worker: _Worker, attack: Attack, isolation: str, *, waiting: bool = False) -> Trial:
        folder = attack.lay_out(self._house.root / "others" / f"{next(self._numbers)}")
        try:
            checks = list(attack.outcomes)
            return worker.grade(folder, attack.arena, checks, isolation, attack.seconds, waiting=waiting)
        finally:
            shutil.rmtree(folder)

    def _honest(self, worker: _Worker, arena: str, *, waiting: bool = False) -> Trial:
        isolation = "sandbox" if waiting else "auto"
        return worker.grade(honest(arena), arena, list(HONEST[arena]), isolation, waiting=waiting)


@contextmanager
def arena() -> Iterator[Arena]:
    """An arena ready to grade; the watchdog has proved itself before the first attack."""
    prove_the_watchdog()
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="arena-", dir="/tmp"))
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        house = stack.enter_context(bait.house(root))
        workers = []
        for _ in range(_AT_ONCE):
            workers.append(_Worker(house))
            stack.callback(workers[-1].close)
        ready = Arena(house, workers)
        stack.callback(ready.close)
        yield ready


def prove_the_watchdog() -> dict[str, str]:
    """Let harmless programs pass each bound in turn; what the watchdog bit, by bound.

    Raises AssertionError where it bit too late or not at all, so that no attack is run.
    """
    takes = "import sys, time; kept = bytearray(300 << 20); time.sleep(60)"
    shares = "import mmap, time; kept = mmap.mmap(-1, 300 << 20); kept.write(bytes(300 << 20)); time.sleep(60)"
    forks = "import os, time; all(os.fork() for _ in range(40)); time.sleep(60)"
    idles = "import time; time.sleep(60)"
    small = watchdog.Bounds(memory_mb=200, shared_mb=200, processes=20, seconds=30)
    bitten = {}
    for bound, code, bounds in (
        ("memory", takes, small),
        ("shared", shares, watchdog.Bounds(memory_mb=5000, shared_mb=200, seconds=30)),
        ("processes", forks, small),
        ("seconds", idles, watchdog.Bounds(seconds=0.3)),
    ):
        bitten[bound] = _overstep(code, bounds)
        assert bitten[bound], f"the watchdog let a program pass its bound of {bound}"
    return bitten


def _overstep(code: str, bounds: watchdog.Bounds) -> str:
    # A parent in between: the watchdog spares the process that it is told to watch.
    waits = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}], check=False)"
    with subprocess.Popen([sys.executable, "-c", waits]) as program:
        with watchdog.Watchdog(program.pid, bounds) as guard:
            program.wait()
    return guard.bitten
