"""The bench: what it hands to other graders, how it counts, and what it writes down."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY

BENCH = REPOSITORY / "bench"


def in_bench(program: str, **values: Any) -> Any:
    """Run lines of Python beside the modules of the bench; what ``answer`` holds at the end."""
    setting = f"import json, sys\nsys.path.insert(0, {str(BENCH)!r})\n"
    setting += "".join(f"{name} = {value!r}\n" for name, value in values.items())
    ran = subprocess.run(
        [sys.executable, "-c", setting + program + "\nprint(json.dumps(answer))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ran.stdout)


@pytest.mark.parametrize("script", ["peers.py", "forgeries.py", "one_check.py"])
def test_every_script_explains_itself(script: str) -> None:
    """--help ends well and shows examples."""
    ran = subprocess.run([sys.executable, BENCH / script, "--help"], capture_output=True, text=True, check=True)
    assert "examples:" in ran.stdout


def test_other_graders_get_the_same_assertions() -> None:
    """Each check of the exercise is in the module for other graders, with every assert it has."""
    checks = REPOSITORY / "exercises" / "02-rest" / "notes-crud" / "checks" / "test_notes.py"
    module = in_bench("import checks\nanswer = checks.module(checks.NOTES_CHECKS.read_text())")
    for function in ast.parse(checks.read_text()).body:
        if isinstance(function, ast.FunctionDef):
            function.decorator_list = []
            assert ast.unparse(function) in module
    assert "pytest" not in module


def test_every_attack_is_a_program_of_its_own() -> None:
    """What forgeries.py lists is what bench/attacks holds."""
    listed = in_bench("import forgeries\nanswer = list(forgeries.ATTACKS)")
    assert set(listed) - {"solution"} == {path.stem for path in (BENCH / "attacks").glob("*.py")}


def test_requirements_are_pinned_and_name_no_address() -> None:
    """Each peer is installed at one version, from the registry that pip is set up for."""
    for path in sorted((BENCH / "peers").glob("*/requirements.txt")):
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert lines and all(len(line.split("==")) == 2 for line in lines), path
        assert "://" not in path.read_text(), path


def test_a_package_that_no_learner_has_is_named(tmp_path: Path) -> None:
    """By what is installed: one that the lock pins is at home, whichever way its name is spelt."""
    for name in ("Stray.Plugin", "Flask_SQLAlchemy"):
        (tmp_path / f"{name}-1.dist-info").mkdir()
        (tmp_path / f"{name}-1.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    there = in_bench(
        "import environments\nsys.path.insert(0, path)\nanswer = environments.strays()", path=str(tmp_path)
    )
    assert "stray-plugin" in there
    assert "flask-sqlalchemy" not in there


def test_the_chart_holds_every_figure() -> None:
    """The SVG is well-formed XML with a bar and a label for each subject."""
    figures = {"plain pytest": {"median": 500.0, "ratio": 1.0}, "a < b": {"median": 250.0, "ratio": 0.5}}
    document = {
        "date": "2030-01-01",
        "machine": {"cores": 2, "processor": "a & b", "python": "3.11"},
        "one_check": figures,
    }
    svg = ET.fromstring(in_bench("import chart\nanswer = chart.draw(document)", document=document))
    texts = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}rect"))) == 2
    assert "a < b" in texts and "250 · 0.50 ×" in texts


def test_a_command_is_ended_with_everything_it_started() -> None:
    """A command's children do not outlive it when the bench is interrupted."""
    with tempfile.TemporaryDirectory() as folder:
        pid = Path(folder) / "pid"
        answer = in_bench(
            """
import os, pathlib, threading, time, measure
def alive(number):
    state = pathlib.Path(f"/proc/{number}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
words = ("sh", "-c", f"sleep 60 & echo $! > {pid}.new; mv {pid}.new {pid}; wait")
runs = threading.Thread(target=measure.run, args=(measure.Command(words, pathlib.Path("/"), {"PATH": os.defpath}),))
runs.start()
while not os.path.exists(pid):
    time.sleep(0.01)
child = int(open(pid).read())
before = alive(child)
measure.end_all()
runs.join()
answer = [before, alive(child)]
""",
            pid=str(pid),
        )
    assert answer == [True, False]


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="this system does not tell")
def test_memory_counts_the_whole_tree() -> None:
    """Memory that a child holds is found, and is not counted twice."""
    answer = in_bench(
        """
import pathlib, sys, measure
inner = "import time; kept = bytearray(60_000_000); time.sleep(0.5)"
outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
answer = measure.peak_memory([measure.Command((sys.executable, "-c", outer), pathlib.Path("/"), {})])
"""
    )
    assert 57 < answer < 110
