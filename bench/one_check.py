"""How long one check of notes-crud takes, beside plain pytest with the same assertions.

    python bench/one_check.py [--runs 15] [--json FILE]

Absolute times depend on the machine and on what else it does; the ratios, measured in
turns within one run, are what to look at. The judge starts the program in a sandbox and
speaks to it over HTTP; plain pytest imports it and uses Flask's test client.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from grader.course import Course
from grader.grading import Options, Preparation, collect, new_seed

REPOSITORY = Path(__file__).resolve().parent.parent
BIN = Path(sys.prefix) / "bin"
REFERENCE = REPOSITORY / "solutions" / "02-rest" / "notes-crud" / "reference"
CHECKS = REPOSITORY / "exercises" / "02-rest" / "notes-crud" / "checks"
# Long enough for a spare judge to be ready on a slow machine, as it is while a learner types.
WARM_UP_SECONDS = 2.0


def command(*words: str, cwd: Path) -> Callable[[], float]:
    """A measurement: the wall time of one command that must succeed."""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTEST_ADDOPTS": "", "PROGRAM": str(REFERENCE)}

    def measure() -> float:
        started = time.perf_counter()
        subprocess.run(words, cwd=cwd, env=env, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    return measure


def warm(*, always_fresh: bool) -> Callable[[], float]:
    """A measurement: from the order to the report, with a judge that was waiting for it."""
    course = Course.find(REPOSITORY)
    exercise = course.exercise("notes-crud")
    submission = collect(exercise, *course.reference(exercise).layers)

    def measure() -> float:
        with Preparation.of(exercise, submission) as preparation:
            time.sleep(WARM_UP_SECONDS)
            started = time.perf_counter()
            report = preparation.judge(exercise, submission, Options(new_seed(), always_fresh=always_fresh))
            taken = time.perf_counter() - started
        if not report.passed:
            raise SystemExit("the reference does not pass; there is nothing to measure")
        return taken

    return measure


def main() -> None:
    """Measure in turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        # A course of links, so that nobody's work/ is touched.
        root = Path(scratch)
        for name in ("exercises", "curriculum", "solutions"):
            (root / name).symlink_to(REPOSITORY / name)
        shutil.copytree(REFERENCE, root / "work" / "notes-crud")
        plain = root / "plain"
        shutil.copytree(REPOSITORY / "bench" / "plain_pytest", plain)
        shutil.copy(CHECKS / "test_notes.py", plain)
        subjects: dict[str, Callable[[], float]] = {
            "plain pytest, test client": command(str(BIN / "pytest"), "-q", "-p", "no:cacheprovider", cwd=plain),
            "grader check notes-crud": command(str(BIN / "grader"), "check", "notes-crud", cwd=root),
            "the same in watch": warm(always_fresh=False),
            "the same, all fresh": warm(always_fresh=True),
            "python -c 'import click'": command(sys.executable, "-c", "import click", cwd=root),
            "grader --help": command(str(BIN / "grader"), "--help", cwd=root),
        }
        times: dict[str, list[float]] = {name: [] for name in subjects}
        for run in range(options.runs + 1):
            for name, measure in subjects.items():
                taken = measure()
                # The first round fills the disk cache and writes bytecode.
                if run:
                    times[name].append(taken)
            print(f"\r{run} of {options.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    yardsticks = dict.fromkeys(medians, "plain pytest, test client") | {"grader --help": "python -c 'import click'"}
    print(f"{'median of ' + str(options.runs) + ' runs':<28}{'ms':>8}{'ratio':>8}")
    for name, median in medians.items():
        ratio = median / medians[yardsticks[name]]
        print(f"{name:<28}{median * 1000:>8.0f}{ratio:>8.2f}")
    if options.json:
        options.json.write_text(json.dumps({"runs": options.runs, "seconds": times}, indent=1) + "\n")


if __name__ == "__main__":
    main()
