"""Which files are handed in, and a plain copy of them for the sandbox to read."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from grader.errors import LearnerError
from grader.grading import notebook
from grader.model import Exercise, Submission

_MOST_FILES = 500
_MOST_BYTES = 20 * 1024 * 1024
_NEVER = {"__pycache__", "node_modules", "venv"}


def collect(exercise: Exercise, *layers: Path) -> Submission:
    """The files of ``layers`` that the exercise asks for; later layers replace earlier ones.

    Of a lab also its source, and the cells that stand in place of the source's: authors write those.
    Raises LearnerError for a folder with none of them, for a link in place of a file,
    and for more than 500 files or 20 MB.
    """
    found: dict[str, Path] = {}
    for layer in layers:
        for pattern in (*exercise.submit, *notebook.sources(exercise)):
            for path in sorted(layer.glob(pattern)):
                name = path.relative_to(layer)
                if path.is_dir() or any(part in _NEVER or part.startswith(".") for part in name.parts[:-1]):
                    continue
                if path.is_symlink() or not path.resolve().is_relative_to(layer.resolve()):
                    raise LearnerError("this is a link; hand in the file itself", where=str(path))
                found[name.as_posix()] = path
    folder = layers[-1]
    if not found:
        raise LearnerError(
            f"this folder holds none of the files {exercise.id} asks for ({', '.join(exercise.submit)})",
            where=str(folder),
            next_step=f"grader reset {exercise.id}   (keeps a copy of what is there)",
        )
    size = sum(path.stat().st_size for path in found.values())
    if len(found) > _MOST_FILES or size > _MOST_BYTES:
        raise LearnerError(
            f"{len(found)} files of {size // 1024 // 1024} MB are too much to hand in (500 files, 20 MB)",
            where=str(folder),
            next_step="move data and generated files out of the folder",
        )
    return Submission(folder, tuple(sorted(found.items())), exercise.release if exercise.lab else None)


def fingerprint(submission: Submission) -> str:
    """A digest of every name and every byte handed in.

    Raises LearnerError for a file that cannot be read.
    """
    digest = hashlib.sha256()
    for name, source in submission.files:
        try:
            content = source.read_bytes()
        except OSError as error:
            raise LearnerError(f"this file cannot be read: {error.strerror}", where=str(source)) from None
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def copy(submission: Submission, target: Path) -> None:
    """Lay the files out in ``target``, replacing what is there; readable by any user.

    Beside a notebook lies the module that runs its cells.
    Raises LearnerError for a file that cannot be read.
    """
    for old in target.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    for name, source in submission.files:
        copied = target / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        # Whatever the umask says: another user is going to read it.
        for parent in copied.relative_to(target).parents:
            (target / parent).chmod(0o755)
        try:
            shutil.copyfile(source, copied)
        except OSError as error:
            raise LearnerError(f"this file cannot be read: {error.strerror}", where=str(source)) from None
        copied.chmod(0o644)
    if submission.release:
        notebook.lay_out(target, submission.release)
