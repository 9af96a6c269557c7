"""How long a check of the same notes API takes: our judge beside pytest and four autograders.

Every grader makes the same assertions about the same solution, in turns, on this machine.
Absolute times depend on the machine and on what else it does; the ratios to plain pytest,
measured in the same run, are what to look at.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

import chart
import environments
import floor
import measure
import results
from checks import BENCH, NOTES_REFERENCE
from graders import OURS, PEER_GRADERS, PLAIN
from room import Grader
from subjects import (
    Subject,
    batch,
    light_by_grader,
    light_by_pytest,
    one_check,
    our_batch,
    peak,
    prepared,
    ready_judge,
)

from grader.errors import GraderFault

EXAMPLES = """
examples:
  python bench/peers.py                             everything; a quarter of an hour
  python bench/peers.py --quick                     only plain pytest and our judge, one submission
  python bench/peers.py --only check50 grader       these two beside plain pytest
  python bench/peers.py --json FILE --svg FILE      keep the figures, and draw them

Each peer is installed once by pip into a virtual environment of its own, at the versions in
bench/peers/*/requirements.txt. One that cannot be installed is left out, with a note. One that
does not give the solution full marks stops the bench: its times would mean nothing."""

# Grading a class by these takes minutes; fewer submissions give the same figure per minute.
SLOW = ("otter-grader", "nbgrader")
COLD = "grader check"
# Parts where one run is short; before the others, the caches are full.
BRIEF = ("one_check", "ten_functions")
WARM = "grader, waiting (watch)"
WARM_FRESH = "grader, waiting, all fresh"
FLOOR = "bare sockets, no judge"


def arguments(words: list[str]) -> argparse.Namespace:
    """What was asked for."""
    names = [grader.name.replace(" ", "-") for grader in (*PEER_GRADERS, OURS)]
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="rounds of one check each (7)")
    parser.add_argument("--batch-runs", type=int, default=3, metavar="N", help="rounds of a whole class (3; 0: none)")
    parser.add_argument("--submissions", type=int, default=40, metavar="N", help="how many make a class (40)")
    parser.add_argument(
        "--slow-submissions", type=int, default=8, metavar="N", help=f"the same for {' and '.join(SLOW)} (8)"
    )
    parser.add_argument(
        "--memory-runs", type=int, default=3, metavar="N", help="rounds of measuring memory (3; 0: none)"
    )
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="plain pytest and our judge, no class, no memory")
    parser.add_argument("--environments", type=Path, default=BENCH / ".environments", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a chart")
    options = parser.parse_args(words)
    if options.runs < 1 or options.submissions < 1 or options.slow_submissions < 1:
        parser.error("--runs, --submissions and --slow-submissions are at least 1")
    if options.quick:
        options.only, options.batch_runs, options.memory_runs = ["grader"], 0, 0
    return options


def tell(words: str, *, end: str = "\n") -> None:
    """A line of progress."""
    print(f"\r\033[K{words}" if sys.stderr.isatty() else words, end=end, file=sys.stderr, flush=True)


def installed(
    options: argparse.Namespace,
) -> tuple[list[tuple[Grader, Path]], dict[str, str]]:
    """The graders that were asked for with their environments; and those left out, with the reason."""
    found: list[tuple[Grader, Path]] = []
    left_out: dict[str, str] = {}
    for grader in (*PEER_GRADERS, OURS):
        asked = not options.only or grader.name.replace(" ", "-") in options.only
        if not asked and grader is not PLAIN:
            continue
        if grader is OURS:
            found.append((grader, Path(sys.prefix)))
            continue
        tell(f"{grader.name}: its environment …")
        try:
            found.append((grader, environments.environment(options.environments, grader.folder)))
        except environments.NotInstalledError as error:
            left_out[grader.name] = f"pip could not install it: {error}"
            tell(f"{grader.name} is left out; {left_out[grader.name]}")
    if not any(grader is PLAIN for grader, _ in found):
        raise SystemExit("without plain pytest there is nothing to compare with")
    return found, left_out


def in_turns(subjects: list[Subject], runs: int, what: str, *, warm_up: bool) -> dict[str, list[float]]:
    """What every run took. A round to warm up comes first, fills caches and does not count."""
    times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for number in range(0 if warm_up else 1, runs + 1):
        for subject in subjects:
            # In a log, a line for each run only where a run is long.
            if sys.stderr.isatty() or not warm_up:
                tell(f"{what}, round {number} of {runs}: {subject.name}", end="" if sys.stderr.isatty() else "\n")
            taken = subject.measure()
            if number:
                times[subject.name].append(taken)
        tell(f"{what}: round {number} of {runs}", end="" if sys.stderr.isatty() else "\n")
    tell(f"{what}: {runs} {'round' if runs == 1 else 'rounds'}")
    return times


def subjects_of(
    options: argparse.Namespace, graders: list[tuple[Grader, Path]], scratch: Path
) -> dict[str, list[Subject]]:
    """What to measure, by the part of the report it belongs to; every grader is set up for it."""
    once: list[Subject] = []
    light: list[Subject] = []
    crowd: list[Subject] = []
    memory: list[Subject] = []

    def folder(name: str) -> Path:
        made = scratch / name
        made.mkdir()
        return made

    for grader, environment in graders:
        tell(f"{grader.name}: its room …")
        room = prepared(grader, folder(grader.package or "ours"), environment)
        once.append(Subject(COLD if grader is OURS else grader.name, one_check(grader, room)))
        memory.append(Subject(COLD if grader is OURS else grader.name, peak(grader, [room])))
        if grader is PLAIN:
            light.append(Subject(grader.name, light_by_pytest(folder("light-pytest"), environment)))
        if grader is not OURS:
            size = options.slow_submissions if grader.name in SLOW else options.submissions
            crowd.append(
                Subject(grader.name, batch(grader, folder(f"class-{grader.package}"), environment, size), size)
            )
            continue
        once.append(Subject(WARM, ready_judge(room.folder, "notes-crud")))
        once.append(Subject(FLOOR, floor.requests(NOTES_REFERENCE, environment)))
        once.append(Subject(WARM_FRESH, ready_judge(room.folder, "notes-crud", always_fresh=True)))
        ten = folder("light-ours")
        light.append(Subject(COLD, light_by_grader(ten, environment)))
        light.append(Subject(WARM, ready_judge(ten, "ten-functions")))
        size = options.submissions
        crowd.append(Subject("grader, shared", our_batch(room.folder, size, always_fresh=False), size))
        crowd.append(Subject("grader, all fresh", our_batch(room.folder, size, always_fresh=True), size))
        other = prepared(grader, folder("ours-too"), environment)
        memory.append(Subject("grader, two at once", peak(grader, [room, other])))
    return {"one_check": once, "ten_functions": light, "class": crowd, "memory": memory}


def main(words: list[str]) -> None:
    """Measure in turns, print medians and ratios."""
    options = arguments(words)
    if strange := environments.strays():
        tell(f"Installed here, and not by the project: {', '.join(strange)}. A learner's figures may be better.")
    graders, left_out = installed(options)
    rounds = {
        "one_check": options.runs,
        "ten_functions": options.runs,
        "class": options.batch_runs,
        "memory": options.memory_runs if measure.tells_memory() else 0,
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        parts = subjects_of(options, graders, Path(scratch))
        found = {
            part: results.figures(
                part, subjects, in_turns(subjects, rounds[part], part.replace("_", " "), warm_up=part in BRIEF)
            )
            for part, subjects in parts.items()
            if rounds[part]
        }
    document = results.document(found, [grader for grader, _ in graders], left_out)
    print(results.table(document))
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    if options.svg:
        options.svg.write_text(chart.draw(document))


def start(words: list[str]) -> None:
    """``main`` with an end in words; being asked to end is treated as Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(words)
    except GraderFault as error:
        sys.exit(f"our judge failed: {error}")
    except KeyboardInterrupt:
        tell("Stopped. Nothing is left running, and nothing was kept.")
        sys.exit(130)


if __name__ == "__main__":
    start(sys.argv[1:])
