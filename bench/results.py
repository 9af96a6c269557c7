"""What was measured, as data and as a table of text."""

from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import environments
from checks import REPOSITORY
from graders import OURS, PLAIN
from room import Grader
from subjects import CORES, Subject

# Read before the bench itself makes any: what else this machine was busy with.
_LOAD_BEFORE = round(os.getloadavg()[0], 1)
SCHEMA = "groundup-bench/1"
TITLES = {
    "one_check": "One check of a notes API, from command to verdict",
    "ten_functions": "One check of ten pure functions",
    "class": f"A class of submissions on {CORES} cores",
    "memory": "The most memory at one moment",
}
UNITS = {"one_check": "ms", "ten_functions": "ms", "class": "a minute", "memory": "MB"}


def figures(part: str, subjects: Sequence[Subject], times: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """For each subject its runs in the unit of the part, the median, and the ratio to plain pytest."""
    found: dict[str, dict[str, Any]] = {}
    for subject in subjects:
        runs = [_in_unit(part, value, subject.size) for value in times[subject.name]]
        found[subject.name] = {"median": round(statistics.median(runs), 1), "runs": [round(run, 1) for run in runs]}
        if part == "class":
            found[subject.name]["submissions"] = subject.size
    yardstick = found[PLAIN.name]["median"]
    for figure in found.values():
        figure["ratio"] = round(figure["median"] / yardstick, 2)
    return found


def _in_unit(part: str, value: float, size: int) -> float:
    return {"class": 60 * size / value, "memory": value}.get(part, value * 1000)


def document(
    found: Mapping[str, Mapping[str, Any]], graders: Sequence[Grader], left_out: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that is worth keeping of one run of the bench."""
    return {
        "schema": SCHEMA,
        "date": today(),
        "machine": machine(),
        "versions": versions(graders),
        "left_out": dict(left_out),
        "units": {part: UNITS[part] for part in found},
        **{part: dict(figures) for part, figures in found.items()},
    }


def today() -> str:
    """The date, the same everywhere."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "cores": CORES,
        "memory_mb": memory,
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": _LOAD_BEFORE,
    }


def versions(graders: Sequence[Grader]) -> dict[str, str]:
    """The version of every grader; ours by its commit."""
    found = {grader.name: environments.version(grader.folder, grader.package) for grader in graders if grader.folder}
    if OURS in graders:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        found[OURS.name] = described.stdout.strip() or "unknown"
    return found


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())


def table(document: Mapping[str, Any]) -> str:
    """The document for people."""
    machine = document["machine"]
    lines = [
        f"{document['date']}, {machine['cores']} cores, {machine['processor']}, Python {machine['python']}",
        "Medians of runs made in turns; ratio: to plain pytest in the same run.",
    ]
    if machine["load_before"] > machine["cores"] / 4:
        lines.append(f"The machine was busy before (load {machine['load_before']}): expect wide spans.")
    for part, title in TITLES.items():
        if part not in document:
            continue
        lines += ["", f"{title:<52}{UNITS[part]:>10}{'ratio':>8}{'from … to':>16}"]
        for name, figure in document[part].items():
            note = f" ({figure['submissions']} submissions)" if part == "class" else ""
            span = f"{min(figure['runs']):.0f} … {max(figure['runs']):.0f}"
            lines.append(f"  {name + note:<50}{figure['median']:>10.0f}{figure['ratio']:>8.2f}{span:>16}")
    for name, reason in document["left_out"].items():
        lines += ["", f"Left out: {name}. {reason}"]
    return "\n".join(lines)
