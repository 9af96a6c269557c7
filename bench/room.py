"""What a grader is to the bench: a room to work in, a way to hand in, a command, and marks to read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import Command

STUDENT = "student"


@dataclass(frozen=True)
class Room:
    """A folder that one grader works in, with the environment it runs in."""

    folder: Path
    environment: Path

    def tool(self, *words: str, cwd: Path | None = None) -> Command:
        """A command of the environment."""
        home, temporary = self.folder / "home", self.folder / "tmp"
        home.mkdir(exist_ok=True)
        temporary.mkdir(exist_ok=True)
        env = {
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.defpath}",
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "LANG": "C.UTF-8",
            "JUPYTER_PREFER_ENV_PATH": "1",
        }
        return Command((str(self.environment / "bin" / words[0]), *words[1:]), cwd or self.folder, env)


@dataclass(frozen=True)
class Marks:
    """What an instructor reads off: checks passed, of how many; ``shown`` is what the learner gets to see."""

    passed: int
    shown: str = field(default="", repr=False)


@dataclass(frozen=True)
class Grader:
    """One grader.

    ``set_up`` makes the instructor's side from the source of the checks, ``hand_in`` puts a
    program in (a folder with ``app.py``), ``grade`` is the command for some students, and
    ``marks`` reads one student's result after a command that printed ``said`` and ended
    with ``code``. ``grade_to_file`` is the same command when its result goes to a file, where
    that is not the rule. ``whole_class``: one command grades everybody. ``folder`` is the one
    in ``bench/peers``, none for our own.
    """

    name: str
    package: str
    folder: str
    set_up: Callable[[Room, str], None]
    hand_in: Callable[[Room, str, Path], None]
    grade: Callable[[Room, Sequence[str]], Command]
    marks: Callable[[Room, str, str, int], Marks]
    whole_class: bool = False
    grade_to_file: Callable[[Room, Sequence[str]], Command] | None = None


def copy_program(program: Path, folder: Path) -> None:
    shutil.copytree(program, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "Procfile"))


def text_of(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def json_of(text: str) -> dict[str, list[dict[str, Any]]]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
