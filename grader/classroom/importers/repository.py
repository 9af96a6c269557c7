"""One commit of a stranger's repository: fetched into a folder of its own, never checked out, nothing of it run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader.classroom.archives import MOST_FILE, shown
from grader.classroom.members import LINK, Entry

_SECONDS = 60.0
_MOST_BYTES = 200 * 1024 * 1024
_MOST_LIST = 2 * 1024 * 1024
_URL = re.compile(r"(?:https|ssh)://[^\s/-][^\s]*|file:///.*|/.*|[\w.-]+@\w[\w.-]*:[^\s:-][^\s]*")
_REF = re.compile(r"\w[\w./+@-]*")
_SAFE = (
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
)


class NotFetched(Exception):
    """A repository that did not come; the message is one sentence for people, without secrets."""


def refused(url: str, ref: str) -> str:
    """Why this address or this name of a commit is not given to git; nothing if it may be."""
    if not url:
        return "this row has no url"
    if not _URL.fullmatch(url) or not url.isprintable() or "@-" in url:
        return f"'{shown(public(url))}' is no address to fetch from; https, ssh and absolute paths are"
    if ref and (not _REF.fullmatch(ref) or ".." in ref or "@{" in ref):
        return f"'{shown(ref)}' is no name of a branch, a tag or a commit"
    return ""


def public(url: str) -> str:
    """An address, or a text with addresses in it, without the passwords and tokens in them."""
    return re.sub(r"(\w://)[^/@\s]*@", r"\1", url)


class Repository:
    """One commit, in a folder that was empty. Fetching and reading it may take 60 s together, and 200 MB."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / "repository"
        self._place.mkdir()
        self._complaints = folder / "complaints"
        self._ends = time.monotonic() + _SECONDS
        self.stopped = ""

    def fetch(self, url: str, ref: str) -> tuple[str, datetime | None]:
        """Fetch the newest commit of ``ref`` (a branch, a tag, a commit), or of what the other side calls HEAD.

        Returns its digest and when it was made, in UTC, as whoever made it claims. Raises NotFetched.
        """
        # The empty template holds none of the hooks that this machine may lay into every repository.
        self._run("init", "--quiet", "--bare", "--template=")
        self._run("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, ref or "HEAD")
        said = self._run("log", "-1", "--no-show-signature", "--format=%H %ct", "FETCH_HEAD").decode(errors="replace")
        digest, _, made = said.strip().partition(" ")
        try:
            return digest, datetime.fromtimestamp(int(made), UTC)
        except (ValueError, OverflowError, OSError):
            return digest, None

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        """The files of the commit, to be read while this is open. Raises NotFetched."""
        # A tree of trees may stand for more names than there is memory for: they are read up to a limit.
        listing = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", "FETCH_HEAD", most=_MOST_LIST)
        with self._running("cat-file", "--batch", stdin=subprocess.PIPE) as reader:
            yield _listed(listing, reader)

    def _run(self, *words: str, most: int = 64 * 1024) -> bytes:
        """What git writes, up to so many bytes, then it is stopped. Raises NotFetched."""
        with self._running(*words) as process:
            assert process.stdout is not None
            output = process.stdout.read(most)
            if len(output) < most and process.wait() and not self._exceeded():
                raise NotFetched(self._complaint())
        if self._exceeded():
            raise NotFetched(self.stopped)
        return output

    @contextmanager
    def _running(self, *words: str, stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        settings = [word for setting in _SAFE for word in ("-c", setting)]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or "SSH" in name}
        environ |= {
            "GIT_DIR": str(self._place),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "SSH_ASKPASS_REQUIRE": "never",
            "GIT_ALLOW_PROTOCOL": "https:ssh:file",
            "LC_ALL": "C",
        }
        with self._complaints.open("wb") as complaints:
            try:
                # Cut off from the terminal, it cannot ask for passwords there; and all of it ends as one.
                process = subprocess.Popen(
                    [shutil.which("git") or "git", *settings, *words],
                    cwd=self._place,
                    env=environ,
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    start_new_session=True,
                )
            except OSError as error:
                raise NotFetched(f"git cannot be started: {error.strerror}") from None
        with process:
            over = threading.Event()
            watch = threading.Thread(target=self._watch, args=(process, over))
            watch.start()
            try:
                yield process
            finally:
                over.set()
                watch.join()
                _kill(process)

    def _watch(self, process: subprocess.Popen[bytes], over: threading.Event) -> None:
        while not over.wait(0.05):
            if self._exceeded():
                _kill(process)
                return

    def _exceeded(self) -> bool:
        if time.monotonic() > self._ends:
            self.stopped = f"this took longer than {_SECONDS:.0f} seconds"
        elif _size(self._place) > _MOST_BYTES:
            self.stopped = f"this repository is larger than {_MOST_BYTES // 1024 // 1024} MB"
        return bool(self.stopped)

    def _complaint(self) -> str:
        text = self._complaints.read_bytes()[:4000].decode(errors="replace")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("warning:", "hint:"))]
        said = re.sub(r"^(fatal|error|remote): +", "", public(lines[0])) if lines else "git failed and does not say why"
        return f"it cannot be fetched: {shown(said, 200)}"


def _listed(listing: bytes, reader: subprocess.Popen[bytes]) -> Iterator[Entry]:
    files = []
    for line in listing.split(b"\0")[:-1]:
        said, _, path = line.partition(b"\t")
        mode, _, digest, size = said.split()
        fault = {b"120000": LINK, b"160000": "a submodule is not taken; hand in its files"}.get(mode, "")
        name, claimed = path.decode(errors="surrogateescape"), int(size) if size.isdigit() else 0
        files.append(Entry(name, partial(_blob, reader, digest), claimed, fault))
    yield from sorted(files, key=lambda entry: entry.name.count("/"))
    if len(listing) == _MOST_LIST:
        yield Entry("…", partial(iter, ()), fault="there are more files than can be listed; the rest is left out")


def _blob(reader: subprocess.Popen[bytes], digest: bytes) -> Iterator[bytes]:
    """The content of a file. Git knows its size, so what is too large never comes this far."""
    assert reader.stdin is not None and reader.stdout is not None
    os.write(reader.stdin.fileno(), digest + b"\n")
    said = reader.stdout.readline(300).split()
    if len(said) != 3 or int(said[2]) > MOST_FILE:
        raise EOFError
    content = reader.stdout.read(int(said[2]) + 1)
    if len(content) != int(said[2]) + 1:
        raise EOFError
    yield content[:-1]


def _size(folder: Path) -> int:
    """The bytes of all files below; files that come and go meanwhile do not count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
