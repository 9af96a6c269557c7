"""A whole class: hundreds of submissions, graded here and by four hosts of which two die and one is cut off.

python bench/whole_class.py                     400 submissions, graded on this machine
python bench/whole_class.py --hosts             the same through Redis by four workers in network namespaces (root, ip)
python bench/whole_class.py --count 40          a small one

Both runs end with the same export, byte by byte, or this exits with 1. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from grader.authoring.mutants import lines_that_run, mutants_of
from grader.classroom.gradebook import Gradebook
from grader.course import Course
from grader.grading import collect
from grader.model import Service
from grader.services.places import Sources, candidates
from tests.attacks.corpus import attacks

EXERCISES = ("event-emitter", "raw-http-server", "app-factory-middleware", "notes-crud")
# Of a hundred submissions: what a class hands in, and what a class hands in once a year.
SHARES = {"right": 30, "wrong": 40, "mutant": 15, "starter": 8, "attack": 7}
HOSTS = 4
# The hosts of a network that ends at this machine.
NET = "10.77.13"


def make(course: Course, folder: Path, count: int, seed: int) -> None:
    """A folder for each student with a folder for each exercise in it; no two submissions have the same bytes."""
    rng = random.Random(seed)
    kinds: dict[str, dict[str, list[dict[str, bytes]]]] = {}
    for name in EXERCISES:
        exercise = course.exercise(name)
        reference = files(course, name, *course.reference(exercise).layers)
        mutants = mutants_of(
            exercise,
            course.reference(exercise),
            course.starter(exercise),
            lines_that_run(exercise, course.reference(exercise)),
        )
        kinds[name] = {
            "right": [reference, *(files(course, name, *v.layers) for v in course.also(exercise))],
            "wrong": [files(course, name, *v.layers) for v in course.wrong(exercise)],
            "mutant": [reference | {m.file: m.source.encode()} for m in rng.sample(mutants, min(30, len(mutants)))],
            "starter": [files(course, name, *course.starter(exercise).layers)],
            "attack": [attack_files(folder, n) for n in rng.sample(range(len(attacks())), 10)],
        }
    for number in range(count):
        name = EXERCISES[number % len(EXERCISES)]
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        chosen = rng.choice(kinds[name][kind])
        target = folder / f"s{number // len(EXERCISES):03}" / name
        for path, content in chosen.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(content)
        python = next((path for path in sorted(chosen) if path.endswith(".py")), None)
        if python:
            (target / python).write_bytes(chosen[python] + f"\n# {number}\n".encode())


def files(course: Course, name: str, *layers: Path) -> dict[str, bytes]:
    return {path: file.read_bytes() for path, file in collect(course.exercise(name), *layers).files}


def attack_files(folder: Path, number: int) -> dict[str, bytes]:
    """The plain files of an attack; links and names that no archive may have are refused before a class is graded."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        root = attacks()[number].lay_out(Path(place) / "attack")
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink()
        }


class Class:
    """A folder of submissions and a gradebook beside it, graded by the commands that an instructor types."""

    def __init__(self, folder: Path, submissions: Path) -> None:
        self.folder, self.submissions = folder, submissions
        folder.mkdir()
        self.url = f"sqlite:///{folder}/gradebook.sqlite"

    def grader(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command("--gradebook", self.url, *words), cwd=self.folder, text=True, check=check)

    def verdicts(self) -> int:
        with contextlib.closing(Gradebook(self.url)) as book:
            return len(book.verdicts())

    def export(self) -> bytes:
        self.grader("export", "jsonl", "-o", "marks.jsonl")
        return (self.folder / "marks.jsonl").read_bytes()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "grader", "--course", str(REPOSITORY), "class", *words]


def here(folder: Path, submissions: Path) -> tuple[Class, float]:
    """Graded on this machine, all cores; seconds."""
    own = Class(folder / "here", submissions)
    own.grader("import", str(submissions))
    began = time.monotonic()
    own.grader("grade", check=False)
    return own, time.monotonic() - began


def by_hosts(folder: Path, submissions: Path) -> tuple[Class, float]:
    """Through Redis by four hosts: two are killed and one is cut off while it works; seconds."""
    own = Class(folder / "hosts", submissions)
    own.grader("import", str(submissions))
    with network() as hosts, redis_at(f"{NET}.1", folder) as url:
        log = (folder / "workers.log").open("w")
        workers = [
            subprocess.Popen(
                ["ip", "netns", "exec", host, *command("work", "--redis", url)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for host in hosts
        ]
        began = time.monotonic()
        order = subprocess.Popen(command("--gradebook", own.url, "grade", "--redis", url), cwd=own.folder)
        try:
            total = len(list(submissions.glob("*/*")))
            for share, what in ((0.2, 0), (0.4, 1), (0.6, 2)):
                while own.verdicts() < share * total and order.poll() is None:
                    time.sleep(0.2)
                if what < 2:
                    print(f"  kill -9 of host {what} after {own.verdicts()} verdicts", flush=True)
                    os.killpg(workers[what].pid, signal.SIGKILL)
                else:
                    print(f"  host {what} is cut off after {own.verdicts()} verdicts", flush=True)
                    subprocess.run(["ip", "link", "set", f"gu{what}", "down"], check=True)
            order.wait()
            return own, time.monotonic() - began
        finally:
            for process in (order, *workers):
                with contextlib.suppress(ProcessLookupError):
                    if process is not order:
                        os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.wait()
            log.close()


@contextlib.contextmanager
def network() -> Iterator[list[str]]:
    """Four hosts at one bridge."""
    names = [f"groundup-{n}" for n in range(HOSTS)]

    def ip(*words: str, check: bool = True) -> None:
        subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)

    try:
        ip("link", "add", "gubridge", "type", "bridge")
        ip("addr", "add", f"{NET}.1/24", "dev", "gubridge")
        ip("link", "set", "gubridge", "up")
        for n, name in enumerate(names):
            ip("netns", "add", name)
            ip("link", "add", f"gu{n}", "type", "veth", "peer", "name", f"gup{n}")
            ip("link", "set", f"gup{n}", "netns", name)
            ip("link", "set", f"gu{n}", "master", "gubridge")
            ip("link", "set", f"gu{n}", "up")
            ip("-n", name, "addr", "add", f"{NET}.{10 + n}/24", "dev", f"gup{n}")
            ip("-n", name, "link", "set", f"gup{n}", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            ip("netns", "del", name, check=False)
        for n in range(HOSTS):
            ip("link", "del", f"gu{n}", check=False)
        ip("link", "del", "gubridge", check=False)


@contextlib.contextmanager
def redis_at(address: str, folder: Path) -> Iterator[str]:
    """A Redis that hosts reach, with a password; its address."""
    password = secrets.token_hex(8)
    binary = candidates(Service.REDIS, Sources(os.environ["PATH"]))[0].binary
    words = ["--bind", address, "--port", "6399", "--requirepass", password, "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([str(binary), *words], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield f"redis://:{password}@{address}:6399/0"
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400, help="how many submissions (400)")
    parser.add_argument("--hosts", action="store_true", help="a second time by four hosts")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the submissions, gradebooks and pages, to be looked at")
    chosen = parser.parse_args()
    if chosen.hosts and (os.geteuid() or not shutil.which("ip")):
        print("✗ four hosts need root and ip\n  Next: apt-get install iproute2", file=sys.stderr)
        return 2
    with contextlib.ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="class-bench-")))
        folder.mkdir(exist_ok=True)
        submissions = folder / "submissions"
        submissions.mkdir()
        make(Course(REPOSITORY), submissions, chosen.count, chosen.seed)
        own, seconds = here(folder, submissions)
        said = {
            "submissions": chosen.count,
            "here": {"seconds": round(seconds), "a minute": round(60 * chosen.count / seconds)},
        }
        first = own.export()
        own.grader("report")
        if chosen.hosts:
            other, seconds = by_hosts(folder, submissions)
            second = other.export()
            said["hosts"] = {"seconds": round(seconds), "same export": first == second, "verdicts": other.verdicts()}
        print(json.dumps(said, indent=2))
        return 0 if not chosen.hosts or first == second else 1


if __name__ == "__main__":
    sys.exit(main())
