"""The files of a submission out of archives and folders: in memory, held to limits, every refusal with its reason.

What a stranger packed is never laid out on a disk here, and no size that it claims is believed:
bytes are counted while they are inflated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.members import DAMAGED, BrokenArchive, Entry, members, plain, whole, why

MOST_FILES = 2000
_MIB = 1024 * 1024
MOST_FILE = 5 * _MIB
MOST_BYTES = 50 * _MIB
MOST_PATH = 4096
_MOST_NAME = 255
_SUFFIX = re.compile(r"\.(zip|tar|tar\.(gz|xz|bz2)|tgz|txz|tbz2)$", re.IGNORECASE)
_FOREIGN = re.compile(r"\.(rar|7z)$", re.IGNORECASE)
_LITTER = {"__MACOSX", "__pycache__", ".git"}
# What turns the direction of writing, so that a name reads as another.
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BROKEN = "this archive cannot be read"
_TOO_LARGE = f"larger than {MOST_FILE // _MIB} MB"


class _Full(Exception):
    """The limits are reached: nothing more is read."""


class _Improper(Exception):
    """A name that is not taken; the message says why."""


def shown(text: str, most: int = 120) -> str:
    """The text as it may go to a terminal: what cannot be seen is an escape, what is longer than ``most`` is cut."""
    cut = text if len(text) <= most else f"{text[:most]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def litter(name: str) -> bool:
    """Whether a file is left by a machine and meant by nobody: caches, ``.git``, what macOS leaves behind."""
    parts = name.replace("\\", "/").split("/")
    return parts[-1] == ".DS_Store" or parts[-1].startswith("._") or not _LITTER.isdisjoint(parts)


def stem(name: str) -> str:
    """A name without what says that it is an archive; the name itself for any other file."""
    return _SUFFIX.sub("", name)


def foreign(name: str) -> bool:
    """Whether the name is that of an archive of a kind that is not read here."""
    return bool(_FOREIGN.search(name))


def unpack(source: bytes | Path, *, name: str = "archive") -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files of a zip or a tarball by name, and ``name: reason`` for each that was not taken.

    Never raises: a broken archive gives what could be read of it and one more reason, under
    ``name`` or, for a path, under its own.
    """
    intake = Intake()
    try:
        intake.take(members(whole(plain(source) if isinstance(source, Path) else (source,), MOST_BYTES)))
    except BrokenArchive as broken:
        intake.refuse(source.name if isinstance(source, Path) else name, f"{_BROKEN}: {broken}")
    return intake.files, tuple(intake.refused)


def _unwrapped(files: Mapping[str, bytes], others: Collection[str], keep: Collection[str]) -> Mapping[str, bytes]:
    """The files without the one folder around them and ``others``, if there is one and it is not in ``keep``."""
    names = [*files, *others]
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or not tops.isdisjoint(keep) or not all("/" in name for name in names):
        return files
    return {name.partition("/")[2]: content for name, content in files.items()}


@dataclass
class _Spent:
    files: int = 0
    inflated: int = 0


@dataclass
class Intake:
    """The files of one submission while they are taken, from however many places.

    Together they are held to 2000 files, 5 MB each and 50 MB in all. ``refused`` says ``name:
    reason``; ``broken`` names the archives that could not be read, or not to their end.
    """

    inside: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _spent: _Spent = field(default_factory=_Spent)
    _folders: set[str] = field(default_factory=set)
    _left: set[str] = field(default_factory=set)

    def refuse(self, name: str, reason: str) -> None:
        """Note that a file was not taken, and why."""
        self.refused.append(f"{shown(self.inside + name)}: {reason}")

    def take(self, entries: Iterable[Entry]) -> None:
        """Take all that may be taken, up to the limits. Raises BrokenArchive where the rest is out of reach."""
        name = ""
        try:
            for entry in entries:
                name = entry.name
                if not litter(name):
                    self._one(entry)
        except _Full as full:
            self.refuse(name, f"{full}; this and all after it was not taken")

    def unpack(self, name: str, chunks: Callable[[], Iterable[bytes]], *, keep: Collection[str] = ()) -> None:
        """Take what is in an archive; without the one folder around it, unless that is one of ``keep``."""
        inner = Intake(inside=f"{self.inside}{name}/", _spent=self._spent)
        try:
            inner.take(members(whole(chunks(), MOST_BYTES)))
        except BrokenArchive as broken:
            self.broken.append(f"{shown(self.inside + name)}: {broken}")
            inner.refused.append(f"{shown(self.inside + name)}: {_BROKEN}: {broken}")
        for inner_name, content in _unwrapped(inner.files, inner._left, keep).items():
            if clash := self._clash(inner_name):
                inner.refuse(inner_name, clash)
            else:
                self._keep(inner_name, content)
        self.refused += inner.refused

    def _one(self, entry: Entry) -> None:
        self._spent.files += 1
        if self._spent.files > MOST_FILES:
            raise _Full(f"more than {MOST_FILES} files")
        try:
            name = _proper(entry.name)
        except _Improper as improper:
            return self.refuse(entry.name, str(improper))
        # A size is believed only against its sender: that there is little is found out below.
        if fault := entry.fault or self._clash(name) or (_TOO_LARGE if entry.size > MOST_FILE else ""):
            return self._leave(entry.name, name, fault)
        content = bytearray()
        try:
            for piece in entry.chunks():
                content += piece
                self._spent.inflated += len(piece)
                if self._spent.inflated > MOST_BYTES:
                    raise _Full(f"more than {MOST_BYTES // _MIB} MB in all")
                if len(content) > MOST_FILE:
                    return self._leave(entry.name, name, _TOO_LARGE)
        except DAMAGED as error:
            return self._leave(entry.name, name, f"it cannot be read: {why(error)}")
        return self._keep(name, bytes(content))

    def _clash(self, name: str) -> str:
        if name in self.files:
            return "a second file of this name"
        if name in self._folders or any(parent in self.files for parent in _parents(name)):
            return "the same name for a file and a folder"
        return ""

    def _leave(self, name: str, proper: str, reason: str) -> None:
        self._left.add(proper)
        self.refuse(name, reason)

    def _keep(self, name: str, content: bytes) -> None:
        self.files[name] = content
        self._folders.update(_parents(name))


def _proper(name: str) -> str:
    """The name as it is kept: NFC, ``/`` between its parts. Raises _Improper with the reason."""
    if len(name) > _MOST_NAME:
        raise _Improper(f"its name is longer than {_MOST_NAME} characters")
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in _TURNING for c in name):
        raise _Improper("its name holds control characters")
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if name.startswith("/"):
        raise _Improper("its name is absolute")
    if re.match(r"[A-Za-z]:", name):
        raise _Improper("its name begins with a drive")
    if ".." in parts:
        raise _Improper("its name climbs out of the folder")
    if not parts:
        raise _Improper("it has no name")
    if any(len(part.encode()) > _MOST_NAME for part in parts):
        raise _Improper(f"its name is longer than {_MOST_NAME} bytes")
    return "/".join(parts)


def _parents(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
