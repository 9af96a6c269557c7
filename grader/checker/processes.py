"""Which processes a submission says that it has, in its Procfile."""

from __future__ import annotations

from pathlib import Path

from grader.errors import LearnerError
from grader.model import Process
from grader.sandbox import procfile

# Run to its end before anything else starts: the platforms' convention for migrations.
RELEASE = "release"


def process_of(submission: Path, name: str) -> Process:
    """The process of this name; raises LearnerError where there is none."""
    path = submission / "Procfile"
    if not path.is_file():
        raise LearnerError(
            "there is no Procfile, so nobody knows how to start your program",
            next_step="add a file named Procfile with a line like  web: python app.py",
        )
    processes = _read(path)
    for process in processes:
        if process.name == name:
            return process
    names = ", ".join(process.name for process in processes)
    raise LearnerError(
        f"the Procfile has no process '{name}', only {names}",
        where="Procfile:1",
        next_step=f"add a line that starts with  {name}:",
    )


def release_of(submission: Path) -> Process | None:
    """The release command, if there is one; what is wrong with a Procfile is said when a process is wanted."""
    path = submission / "Procfile"
    try:
        return next((process for process in _read(path) if process.name == RELEASE), None) if path.is_file() else None
    except LearnerError:
        return None


def _read(path: Path) -> tuple[Process, ...]:
    return procfile.parse(path.read_text(encoding="utf-8", errors="replace"))
