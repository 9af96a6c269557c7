"""Writing that leaves either the old file or the new one, never half of it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.errors import UsageError


def put(path: Path, data: bytes) -> Path:
    """Make ``path`` hold ``data``; a file that held something else stays as ``<name>~``. Returns ``path``.

    A file that holds it already is not touched. A new one is for its owner's eyes only, since
    marks are nobody else's business; a replaced one keeps who may read it. What the system refuses
    is a ``UsageError``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode(path)
        if mode is not None:
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return path
            _backup(path, mode)
        _replace(path, data, mode)
    except OSError as error:
        raise UsageError(f"this could not be written: {error.strerror or error}", where=str(path)) from error
    return path


def rows(path: Path, table: Iterable[Sequence[str]], *, bom: bool = False, delimiter: str = ",") -> Path:
    """Write ``table`` as CSV, UTF-8 with one newline behind each row; ``bom`` puts a byte order mark before it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", delimiter=delimiter).writerows(table)
    return put(path, text.getvalue().encode("utf-8-sig" if bom else "utf-8"))


def single(target: Path, name: str) -> Path:
    """The file that ``target`` means: itself, or ``name`` in it where it is a folder."""
    return target / name if target.is_dir() else target


def folder(target: Path) -> Path:
    """``target``, which must not be there as something other than a folder."""
    if target.exists() and not target.is_dir():
        raise UsageError("this is no folder, and many files are to go there", where=str(target))
    return target


def _mode(path: Path) -> int | None:
    """The permissions of the file at ``path``; None where there is nothing."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found):
        raise UsageError("this is no file that could be replaced", where=str(path))
    return stat.S_IMODE(found)


def _backup(path: Path, mode: int) -> None:
    # A copy, not a rename: at no moment is there nothing under the name itself.
    with path.open("rb") as old, tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as new:
        try:
            shutil.copyfileobj(old, new)
            new.close()
            _move(new.name, path.with_name(path.name + "~"), mode)
        except BaseException:
            _forget(new.name)
            raise


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as new:
        try:
            new.write(data)
            new.close()
            _move(new.name, path, mode)
        except BaseException:
            _forget(new.name)
            raise


def _move(temporary: str, path: Path, mode: int | None) -> None:
    if mode is not None:
        os.chmod(temporary, mode)
    os.replace(temporary, path)


def _forget(temporary: str) -> None:
    Path(temporary).unlink(missing_ok=True)
