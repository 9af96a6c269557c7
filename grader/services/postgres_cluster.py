"""A PostgreSQL data directory with nothing in it yet, made once and copied from then on, and its settings.

``initdb`` computes for most of a second what is the same every time. Its result is kept inside
the virtual environment, for its owner's eyes only, and unpacked by the user that the server
is going to run as.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
import tarfile
from pathlib import Path

from grader.services.failures import NotStarted
from grader.services.places import Candidate
from grader.services.server import Ground, Server

# How a server over it runs: for one program at a time, nothing to survive a power cut, its log for us.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "2MB",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "100",
    "max_parallel_workers": "0",
    "max_locks_per_transaction": "128",
    "temp_file_limit": "256MB",
    "jit": "off",
    "autovacuum": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%u|%p|",
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_parameter_max_length": "1000",
    "timezone": "UTC",
}
_SECONDS = 60.0
_MEMORY_MB = 1024
# Of a log in pieces of 1 MB an empty one is 1 MB, not 16.
_WORDS = (
    "-U", "checker", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1",
)  # fmt: skip


def lay_out(ground: Ground, folder: Path, candidate: Candidate) -> str:
    """Make ``folder/db`` a data directory; the password of its superuser ``checker``. Raises NotStarted."""
    kept = _kept(candidate)
    if kept and kept.exists():
        with contextlib.suppress(NotStarted, OSError):
            return _unpack(ground, folder, kept)
        shutil.rmtree(folder / "db", ignore_errors=True)
    password = _make(ground, folder, candidate)
    if kept:
        # A copy spares time and is not needed: a full disk or somebody else's folder is no reason to stop.
        with contextlib.suppress(OSError):
            _keep(folder, kept, password)
    return password


def _make(ground: Ground, folder: Path, candidate: Candidate) -> str:
    password = secrets.token_hex(16)
    ground.give(folder / "password", password + "\n")
    seen = ground.seen(folder)
    words = [str(candidate.binary.with_name("initdb")), "-D", f"{seen}/db", f"--pwfile={seen}/password", *_WORDS]
    made = Server(ground, folder, words, memory_mb=_MEMORY_MB, programs=candidate.programs)
    if made.wait(_SECONDS) != 0:
        raise NotStarted(f"initdb: {made.last_words()}")
    return password


def _unpack(ground: Ground, folder: Path, kept: Path) -> str:
    with open(kept, "rb") as packed:
        words = ["/bin/tar", "-xf", "-", "-C", ground.seen(folder)]
        unpacked = Server(ground, folder, words, memory_mb=_MEMORY_MB, reads=packed)
        if unpacked.wait(_SECONDS) != 0:
            raise NotStarted(unpacked.last_words())
    return (folder / "password").read_text().strip()


def _keep(folder: Path, kept: Path, password: str) -> None:
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as packed:
                packed.add(folder / "db", "db")
                packed.add(folder / "password", "password")
        half.replace(kept)
    finally:
        half.unlink(missing_ok=True)


def _kept(candidate: Candidate) -> Path | None:
    """Where the copy for one server binary and one way of making it lies, if ours to write."""
    about = candidate.binary.stat()
    key = f"{candidate.binary} {about.st_size} {about.st_mtime_ns} {_WORDS}"
    name = hashlib.sha256(key.encode()).hexdigest()[:16]
    return Path(sys.prefix) / "var" / "groundup" / f"postgres-{name}.tar" if sys.prefix != sys.base_prefix else None
