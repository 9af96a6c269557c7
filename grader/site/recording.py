"""The terminal recording on the site's first page: the runs it shows, and the file that keeps them.

``python -m grader.site.recording`` judges a wrong solution of ``notes-crud``, mends it and judges it
again, once in a terminal of 80 columns and once in a narrow one for phones. What was printed is kept in
``docs/assets/recording.json`` and drawn by ``grader.site.drawing`` from that file alone (``--draw`` does
only that)::

    {"title": …, "description": …,        what the drawing says to those who do not see it
     "terminals": {"recording": {         one drawing for each: the name of its file
        "columns": 80, "rows": 30,        the terminal's width; how many of its lines are shown at once
        "scenes": [
          {"command": …,                  what was typed
           "output": [[0.512, "…"], …],   seconds since the command was started, and what was printed then
           "ended": 0.541, "code": 1},    when it ended, and how
          {"file": …, "diff": ["+ …"]},   an edit between two commands: the lines that differ
          …]}}}
"""

from __future__ import annotations

import codecs
import difflib
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import termios
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from grader.course import Course
from grader.course.catalogue import Variant
from grader.errors import AuthorError, GraderError, GraderFault
from grader.model import Exercise
from grader.site import drawing

ASSETS = Path(__file__).resolve().parents[2] / "docs" / "assets"
FILE = "recording.json"
COMMAND = "grader check notes-crud --seed 5c1e"
# File name → columns of the terminal, and how many of its lines are shown at once.
TERMINALS = {"recording": (80, 30), "recording-phone": (44, 33)}

_EXERCISE = "notes-crud"
_MISTAKE = "ids-are-never-reused--counts-the-notes"
_PROGRAM = "app.py"
# What its author would write on seeing the report: the least that mends it.
_MENDING = (
    ("import json\n", "import itertools\nimport json\n"),
    ("notes = {}\n", "notes = {}\nids = itertools.count(1)\n"),
    ('"id": len(notes) + 1', '"id": next(ids)'),
)
_PATIENCE = 60.0
# Seconds that a reader may be asked to wait for the end.
LONGEST = 12.0
# What would have the grader print for another terminal, or judge another course.
_ELSEWHERE = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "GROUNDUP_COURSE")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Scene = dict[str, Any]


def record() -> dict[str, Any]:
    """Run everything that is shown, now: what belongs into the file.

    Raises AuthorError when a run does not end as the recording has to show it.
    """
    course = Course(ASSETS.parents[1])
    exercise = course.exercise(_EXERCISE)
    mistake = _mistake(course, exercise)
    terminals: dict[str, Any] = {
        name: {"columns": columns, "rows": rows, "scenes": scenes(columns)}
        for name, (columns, rows) in TERMINALS.items()
    }
    edit = terminals["recording"]["scenes"][1]
    total, changed = len(exercise.checks), sum(line.startswith("+") for line in edit["diff"])
    return {
        "title": "grader check: a mistake is found, mended, and all checks pass",
        "description": (
            f"A recording of a terminal. {COMMAND} says {total - 1} of {total}: what does not hold is “"
            f"{_sentence(exercise, mistake)}”, with the requests that show it, what was expected, and the mistake it "
            f"looks like. {_NUMBERS[changed].capitalize()} lines of {edit['file']} are written anew. The same command "
            f"says {total} of {total}."
        ),
        "terminals": terminals,
    }


def scenes(columns: int) -> list[Scene]:
    """Judge the wrong solution, mend it and judge it again, in a terminal so wide; in a course that is thrown away.

    Raises AuthorError when a run does not end as the recording has to show it.
    """
    course = Course(ASSETS.parents[1])
    exercise = course.exercise(_EXERCISE)
    mistake = _mistake(course, exercise)
    total, sentence = len(exercise.checks), _sentence(exercise, mistake)
    with tempfile.TemporaryDirectory(prefix="groundup-recording-") as scratch:
        program = _lay_out(course, exercise, mistake, Path(scratch)) / _PROGRAM
        wrong = program.read_text(encoding="utf-8")
        before = run(COMMAND, Path(scratch), columns)
        _expect(before, 1, f"{total - 1} of {total} ", f"✗ {sentence}", "expected ", "It looks like your program ")
        mended = _mend(wrong)
        program.write_text(mended, encoding="utf-8")
        edit = {"file": str(program.relative_to(scratch)), "diff": _difference(wrong, mended)}
        after = run(COMMAND, Path(scratch), columns)
        _expect(after, 0, f"{total} of {total} ", f"✓ {sentence}")
    return [before, edit, after]


def run(command: str, folder: Path, columns: int) -> Scene:
    """Run a command of the grader's in a terminal so wide, in ``folder``: one scene.

    Raises AuthorError for one that does not end within a minute.
    """
    home = Path(sys.prefix) / "bin"
    env = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    env |= {"PATH": f"{home}{os.pathsep}{env.get('PATH', '')}", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    name, *words = command.split()
    ours, theirs = pty.openpty()
    try:
        termios.tcsetwinsize(theirs, (50, columns))
        started = time.monotonic()
        process = subprocess.Popen(
            [str(home / name), *words], cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        try:
            output = [[round(at - started, 3), text] for at, text in _read(ours, started + _PATIENCE)]
            code = process.wait(5)
        except BaseException:
            process.terminate()
            process.wait(5)
            raise
    finally:
        os.close(ours)
    return {"command": command, "output": output, "ended": round(time.monotonic() - started, 3), "code": code}


def _read(terminal: int, deadline: float) -> Iterator[tuple[float, str]]:
    """What is printed to a terminal until nobody is left who could print, with the time of each piece."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while True:
        if not select.select([terminal], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise AuthorError(f"the command to record did not end within {_PATIENCE:.0f} s")
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end was closed
            return
        if not piece:
            return
        if text := decoder.decode(piece):
            yield time.monotonic(), text


def _lay_out(course: Course, exercise: Exercise, mistake: Variant, scratch: Path) -> Path:
    """A course with nothing but this exercise, and the wrong solution in the learner's folder: that folder."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in (exercise.path, course.solutions(exercise)):
        shutil.copytree(folder, scratch / folder.relative_to(course.root), ignore=ignored)
    (scratch / "curriculum").mkdir()
    work = Course(scratch).work / exercise.id
    for layer in mistake.layers:
        shutil.copytree(layer, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "WRONG.md"))
    return work


def _mistake(course: Course, exercise: Exercise) -> Variant:
    for variant in course.wrong(exercise):
        if variant.path.name == _MISTAKE:
            return variant
    raise AuthorError("the wrong solution that is recorded is not there", where=f"{exercise.id}/wrong/{_MISTAKE}")


def _sentence(exercise: Exercise, mistake: Variant) -> str:
    """What the check says that must catch it."""
    return next(check.sentence for check in exercise.checks if check.id.replace("_", "-") == mistake.check)


def _mend(program: str) -> str:
    for old, new in _MENDING:
        if program.count(old) != 1:
            raise AuthorError(f"{old.strip()!r} is not in the program that is mended, or more than once")
        program = program.replace(old, new)
    return program


def _difference(before: str, after: str) -> list[str]:
    """The lines that differ, ``- `` or ``+ `` before each; what all lines of a place are indented by is left out."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    places: list[list[str]] = []
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            places.append([])
        else:
            places[-1].append(line)
    told: list[str] = []
    for place in places:
        texts = textwrap.dedent("\n".join(line[1:] for line in place)).split("\n")
        told += [f"{line[0]} {text}" for line, text in zip(place, texts, strict=True)]
    return told


def _expect(scene: Scene, code: int, *words: str) -> None:
    """Raise AuthorError unless a run ended so, having printed these words, whatever lines they are wrapped to."""
    printed = "\n".join(text.plain for _, text in drawing.lines(scene["output"]))
    flat = " ".join(re.sub(r" {2,}task \d+$", "", printed, flags=re.MULTILINE).split()) + " "
    missing = [word for word in words if word not in flat]
    if scene["code"] != code or missing or "no sandbox:" in flat:
        raise AuthorError(
            f"not the report to be recorded: exit code {scene['code']}, expected {code}; "
            + (f"without {missing}:" if missing else "it printed:")
            + f"\n{printed}",
            next_step=f"grader verify {_EXERCISE}",
        )


def _hurry(document: dict[str, Any]) -> None:
    """Raise GraderError for a recording that takes too long to watch."""
    slowest = max(drawing.seconds(document, name) for name in document["terminals"])
    if slowest > LONGEST:
        raise GraderError(
            f"this machine is too busy: the recording would play for {slowest:.1f} s, {LONGEST:.0f} s at most",
            next_step="try again when nothing else runs",
        )


@click.command(epilog="Example:  python -m grader.site.recording --draw")
@click.option("--draw", "only_draw", is_flag=True, help="Run nothing; draw again what is kept.")
def main(only_draw: bool) -> None:
    """Record, keep and draw; nothing is written when a run does not end as expected."""
    if only_draw:
        document = json.loads((ASSETS / FILE).read_text(encoding="utf-8"))
    else:
        click.echo(f"Recording `{COMMAND}` twice in each of {len(TERMINALS)} terminals …")
        try:
            document = record()
            _hurry(document)
        except GraderFault as error:
            click.echo(f"✗ {error}\n  Nothing was written.", err=True)
            sys.exit(error.exit_code)
        ASSETS.mkdir(exist_ok=True)
        (ASSETS / FILE).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        click.echo(f"  {FILE}")
    for name, terminal in document["terminals"].items():
        picture = drawing.draw(document, name)
        (ASSETS / f"{name}.svg").write_text(picture, encoding="utf-8")
        took = " and ".join(f"{scene['ended']:.2f} s" for scene in terminal["scenes"] if "command" in scene)
        size, plays = len(picture.encode()) / 1000, drawing.seconds(document, name)
        click.echo(f"  {name}.svg  {size:.0f} kB, plays for {plays:.1f} s; the runs took {took}")


if __name__ == "__main__":
    main()
