"""What a source holds: the files of a folder or of a zip, listed but not read, and whose they are."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.classroom.archives import litter
from grader.classroom.members import DAMAGED, LINK, BrokenArchive, Entry, plain, special, why, zipped

METADATA = "submission_metadata.yml"
_MOST_ENTRIES = 500_000


@contextmanager
def opened(source: Path) -> Iterator[list[Entry]]:
    """The files of a folder or a zip, what machines leave behind left out; to be read only while it is open.

    Raises BrokenArchive for what is neither, or cannot be listed.
    """
    if source.is_dir():
        yield list(_walked(source.resolve()))
        return
    if not source.is_file():
        raise BrokenArchive("neither a folder nor a file")
    try:
        archive = zipfile.ZipFile(source)
    except DAMAGED as error:
        what = why(error) if isinstance(error, OSError) else "neither a folder nor a zip that is whole"
        raise BrokenArchive(what) from None
    with archive:
        entries = (replace(entry, name=_simple(entry.name)) for entry in zipped(archive))
        yield _bounded(entry for entry in entries if not litter(entry.name))


def grouped(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """Entries by the first part of their name, which they lose: a file at the top has no name left."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        first, _, rest = entry.name.partition("/")
        groups.setdefault(first, []).append(replace(entry, name=rest))
    return dict(sorted(groups.items()))


def is_file(group: list[Entry]) -> bool:
    """Whether a group is one file at the top and no folder."""
    return any(not entry.name for entry in group)


def _simple(name: str) -> str:
    name = name.replace("\\", "/")
    while name.startswith("./"):
        name = name[2:]
    return name


def _walked(folder: Path) -> Iterator[Entry]:
    """Every file below, what lies deeper later. Nothing is opened, no link followed."""
    yield from _bounded(_below(folder))


def _below(folder: Path) -> Iterator[Entry]:
    level = [("", folder)]
    while level:
        deeper: list[tuple[str, Path]] = []
        for prefix, path in level:
            try:
                found = sorted(os.scandir(path), key=lambda item: item.name)
            except OSError as error:
                yield Entry(prefix.rstrip("/") or ".", partial(iter, ()), fault=f"it cannot be read: {why(error)}")
                continue
            for item in found:
                name = prefix + item.name
                if litter(name):
                    continue
                if item.is_symlink():
                    yield Entry(name, partial(iter, ()), fault=LINK)
                elif item.is_dir():
                    deeper.append((f"{name}/", Path(item.path)))
                else:
                    yield _file(name, Path(item.path))
        level = deeper


def _file(name: str, path: Path) -> Entry:
    try:
        status = path.lstat()
    except OSError as error:
        return Entry(name, partial(iter, ()), fault=f"it cannot be read: {why(error)}")
    return Entry(name, partial(plain, path), status.st_size, special(status.st_mode))


def _bounded(entries: Iterable[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found.append(entry)
        if len(found) > _MOST_ENTRIES:
            raise BrokenArchive(f"more than {_MOST_ENTRIES} files; give it in parts")
    return found
