"""What zips and tarballs hold, one entry after the other, read by nobody's promise.

Tarballs are read by a reader of our own: the library's takes whatever length a header claims into
memory, and can be kept busy for hours by a header of digits.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

_MIB = 1024 * 1024
# The list of a zip is read as a whole, before anything else in it.
_MOST_LISTED = 50_000
# A tarball can only be read from its beginning: what is left out of it is inflated, too.
_MOST_PASSED = 200 * _MIB
_MOST_HEADER = 64 * 1024
_MOST_HEADERS = 8 * _MIB
_PIECE = 64 * 1024
_BLOCK = 512
_SPECIAL = {
    stat.S_IFLNK: "a link is not taken; hand in the file itself",
    stat.S_IFIFO: "a pipe is no file",
    stat.S_IFSOCK: "a socket is no file",
    stat.S_IFCHR: "a device is no file",
    stat.S_IFBLK: "a device is no file",
}
LINK = _SPECIAL[stat.S_IFLNK]
_TAR_KINDS = {
    b"0": "",
    b"\0": "",
    b"7": "",
    b"1": LINK,
    b"2": LINK,
    b"3": _SPECIAL[stat.S_IFCHR],
    b"4": _SPECIAL[stat.S_IFBLK],
    b"6": _SPECIAL[stat.S_IFIFO],
}
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    MemoryError,
    OSError,
    LookupError,
    RuntimeError,
    ValueError,
    struct.error,
)


class BrokenArchive(Exception):
    """This is no archive, or not a whole one; the message is half a sentence for people."""


@dataclass(frozen=True)
class Entry:
    """A file where it lies. ``chunks`` reads it; ``size`` is only what is claimed, in bytes.

    ``fault`` says why it must not be read: it is a link, a pipe, encrypted. An entry of a tarball
    can be read only until the next one is asked for.
    """

    name: str
    chunks: Callable[[], Iterator[bytes]]
    size: int = 0
    fault: str = ""


def special(mode: int) -> str:
    """Why something of this kind is not read; nothing for a plain file."""
    kind = stat.S_IFMT(mode)
    return "" if kind in (0, stat.S_IFREG) else _SPECIAL.get(kind, "this is no plain file")


def plain(path: Path) -> Iterator[bytes]:
    """The bytes of a file. Follows no link and waits for no pipe; raises OSError."""
    # Looked at once more when it is open: it may have been replaced since it was listed.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        if fault := special(os.fstat(descriptor).st_mode):
            raise OSError(0, fault)
        while piece := file.read(_PIECE):
            yield piece


def why(error: BaseException) -> str:
    """A failure to read in a few words; what a library says of it is for its authors."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "no memory for it" if isinstance(error, MemoryError) else "damaged or cut off"


def whole(chunks: Iterable[bytes], most: int) -> bytes:
    """All of it in one. Raises BrokenArchive if it is more than ``most`` bytes, or cannot be read."""
    content = bytearray()
    try:
        for piece in chunks:
            content += piece
            if len(content) > most:
                raise BrokenArchive(f"larger than {most // _MIB} MB")
    except DAMAGED as error:
        raise BrokenArchive(why(error)) from None
    return bytes(content)


def members(content: bytes) -> Iterator[Entry]:
    """The files of a zip or a tarball (.gz, .xz, .bz2 or none), recognised by what it is, not by its name.

    Raises BrokenArchive at once, or where the rest cannot be reached.
    """
    file = io.BytesIO(content)
    if content.startswith(b"\x1f\x8b"):
        return _tarred(_Inflated(gzip.GzipFile(fileobj=file)))
    if content.startswith(b"\xfd7zXZ\0"):
        return _tarred(_Inflated(lzma.LZMAFile(file)))
    if content.startswith(b"BZh"):
        return _tarred(_Inflated(bz2.BZ2File(file)))
    if len(content) >= _BLOCK and _sum(content[:_BLOCK]) == _octal(content[148:156]):
        return _tarred(_Inflated(file))
    if content.count(b"PK\x01\x02") > _MOST_LISTED:
        raise BrokenArchive(f"more than {_MOST_LISTED} entries")
    try:
        return zipped(zipfile.ZipFile(file))
    except DAMAGED:
        kind = "a damaged zip" if content.startswith(b"PK") else "neither a zip nor a tarball"
        raise BrokenArchive(kind) from None


def zipped(archive: zipfile.ZipFile) -> Iterator[Entry]:
    """What a zip lists, without folders; what lies deeper comes later, so that limits meet what matters less."""
    for info in sorted(archive.infolist(), key=lambda info: info.orig_filename.count("/")):
        if not info.orig_filename.endswith(("/", "\\")):
            yield Entry(_decoded(info), partial(_inflated, archive, info), info.file_size, _fault(info))


def _decoded(info: zipfile.ZipInfo) -> str:
    # The library cuts a name at its first NUL, and takes what macOS writes for an old code page.
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return info.orig_filename


def _fault(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x41:
        return "encrypted"
    # Others than these two inflate without bounds in the library.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in a way that is not read here; make an ordinary zip"
    return special(info.external_attr >> 16)


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as file:
        while piece := file.read(_PIECE):
            yield piece


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Inflated:
    """A tarball's bytes, one after the other, counted while they are inflated."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self._passed = 0

    def some(self, most: int) -> bytes:
        """Up to ``most`` bytes; nothing at the end. Raises BrokenArchive."""
        if self._passed > _MOST_PASSED:
            raise BrokenArchive(f"more than {_MOST_PASSED // _MIB} MB when it is unpacked")
        try:
            piece = self._file.read(min(most, _PIECE))
        except DAMAGED as error:
            raise BrokenArchive(why(error)) from None
        self._passed += len(piece)
        return piece

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes. Raises BrokenArchive if there are fewer."""
        while size:
            piece = self.some(size)
            if not piece:
                raise BrokenArchive("cut off")
            size -= len(piece)
            yield piece

    def exactly(self, size: int) -> bytes:
        """So many bytes in one."""
        return b"".join(self.pieces(size))


def _tarred(stream: _Inflated) -> Iterator[Entry]:
    long, extended, first, headers = "", dict[str, str](), True, 0
    while header := stream.some(_BLOCK):
        header += stream.exactly(_BLOCK - len(header))
        if not any(header):
            return
        if _sum(header) != _octal(header[148:156]):
            raise BrokenArchive("no tarball" if first else "damaged")
        first, kind = False, header[156:157]
        if kind in (b"L", b"K", b"x", b"X", b"g"):
            size = _size(header, {})
            headers += size
            if size > _MOST_HEADER or headers > _MOST_HEADERS:
                raise BrokenArchive("its headers are too long to be meant well")
            body = stream.exactly(size + -size % _BLOCK)[:size]
            long = _text(body) if kind == b"L" else long
            extended = _pax(body) if kind in (b"x", b"X") else extended
            continue
        # Links, devices and folders have no content, whatever size they claim.
        size = 0 if kind in (b"1", b"2", b"3", b"4", b"5", b"6") else _size(header, extended)
        name = extended.get("path") or long or _named(header)
        fault = _TAR_KINDS.get(kind, "this is no plain file")
        if any(key.startswith("GNU.sparse") for key in extended):
            fault = "packed in a way that is not read here; make an ordinary tarball"
        # One iterator: what its reader leaves of the content is passed over by going on with it.
        pieces = stream.pieces(size)
        if kind != b"5" and not name.endswith("/"):
            yield Entry(name, partial(iter, pieces), size, fault)
        for _ in pieces:
            pass
        stream.exactly(-size % _BLOCK)
        long, extended = "", {}


def _sum(header: bytes) -> int:
    """The sum of a header: of all its bytes, with blanks for the sum itself."""
    return sum(header[:148]) + sum(header[156:]) + 8 * ord(" ")


def _octal(field: bytes) -> int:
    """A number of a header; -1 for what is none."""
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return -1


def _size(header: bytes, extended: dict[str, str]) -> int:
    """How long a file is, in bytes. Raises BrokenArchive for nonsense."""
    field, said = header[124:136], extended.get("size", "")
    if said.isdecimal() and len(said) < 16:
        return int(said)
    # What does not fit in octal digits is written to base 256 after this byte.
    size = int.from_bytes(field[1:], "big") if field[:1] == b"\x80" else _octal(field)
    if said or not 0 <= size < 2**48:
        raise BrokenArchive("damaged")
    return size


def _named(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode(errors="surrogateescape")


def _pax(body: bytes) -> dict[str, str]:
    """Of the records ``length key=value`` of an extended header those that matter here. Raises BrokenArchive."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body):
        length, _, _ = body[at : at + 8].partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(body) - at:
            raise BrokenArchive("damaged")
        key, _, value = body[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        if key in (b"path", b"size") or key.startswith(b"GNU.sparse"):
            found[key.decode(errors="replace")] = value.decode(errors="surrogateescape")
        at += int(length)
    return found
