"""Which exercises a change touches, asked of git; knows nothing of what verifying them means."""

from __future__ import annotations

import os
import subprocess
from pathlib import PurePosixPath

from grader.course import Course
from grader.errors import UsageError

_HALVES = ("exercises", "solutions")
_LABS = ("curriculum", "solutions")
# A change of what judges, or of what it judges with, may change any verdict.
_JUDGE = ("grader", "pyproject.toml", "requirements.lock")


def touched(course: Course, revision: str) -> frozenset[str]:
    """Ids of what differs between ``revision`` and the folder as it is now, saved or committed or not.

    A changed file of either half touches its exercise and every exercise that continues
    it, however far down; a change of the judge touches all. Ids of exercises that are gone
    are among them. Raises UsageError without git or for a revision that git does not know.
    """
    names: set[str] = set()
    for path in _differing(course, revision):
        if path.parts[0] in _JUDGE:
            solved = (folder.name for folder in (course.root / "solutions").glob("*/*"))
            return frozenset((*course.ids(), *solved))
        if path.parts[0] in _HALVES and len(path.parts) > 2 and "__pycache__" not in path.parts:
            names.add(path.parts[2])
        if path.parts[0] in _LABS and len(path.parts) == 3 and path.suffix in (".py", ".ipynb"):
            # The source of a lab, or what is made of it: no folder is named after it.
            names.add(f"{path.parts[1].partition('-')[2] if path.stem == 'lab' else path.stem}-lab")
    return _with_followers(course, names)


def _with_followers(course: Course, names: set[str]) -> frozenset[str]:
    if not names:
        return frozenset()
    continues = {exercise_id: course.exercise(exercise_id).continues for exercise_id in course.ids()}
    reached = set(names)
    while more := {name for name, earlier in continues.items() if earlier in reached} - reached:
        reached |= more
    return frozenset(reached)


def _differing(course: Course, revision: str) -> list[PurePosixPath]:
    """Paths from the course's root: those git follows and those it does not know yet."""
    known = _git(course, "rev-parse", "--is-inside-work-tree")
    if known.returncode or known.stdout.strip() != b"true":
        raise UsageError(
            f"--changed asks git what has changed, and there is no git repository here{_said(known)}",
            where=str(course.root),
            next_step="grader verify ID   (name what you changed), or grader verify for everything",
        )
    commit = _git(course, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if commit.returncode or revision.startswith("-"):
        raise UsageError(
            f"git knows no revision '{revision}' here",
            next_step="grader verify --changed HEAD   (git log and git branch -a list others; "
            "git fetch brings those a shallow clone leaves out)",
        )
    since = commit.stdout.decode().strip()
    # Without rename detection both names of a moved file are named.
    listings = (
        _git(course, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", since, "--"),
        _git(course, "ls-files", "--others", "--exclude-standard", "-z"),
    )
    for listing in listings:
        if listing.returncode:
            raise UsageError(
                f"git cannot say what has changed{_said(listing)}",
                where=str(course.root),
                next_step="git status   (it says what is wrong), or grader verify for everything",
            )
    names = (os.fsdecode(name) for listing in listings for name in listing.stdout.split(b"\0") if name)
    return [PurePosixPath(name) for name in names]


def _git(course: Course, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        words = ("git", *words)
        return subprocess.run(words, cwd=course.root, capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError(
            "--changed asks git what has changed, and git is not installed",
            next_step="install git, or name what you changed: grader verify ID",
        ) from None


def _said(failed: subprocess.CompletedProcess[bytes]) -> str:
    line = failed.stderr.decode(errors="replace").strip().partition("\n")[0]
    return f" (git: {line})" if line else ""
