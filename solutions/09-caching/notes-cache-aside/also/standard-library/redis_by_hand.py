"""As much of Redis's protocol as is needed: commands are arrays of strings, answers are one of five kinds.

There is one connection for each thread that wants one, and they go back to the shelf in between.
"""

import contextlib
import os
import select
import socket
import threading
from urllib.parse import unquote, urlsplit

SECONDS = 1.0
PLACE = urlsplit(os.environ["REDIS_URL"])
_shelf = []
_lock = threading.Lock()


class NoAnswer(Exception):
    """Redis is not there, says nothing, or says no."""


class _Line:
    def __init__(self):
        self.socket = socket.create_connection((PLACE.hostname, PLACE.port or 6379), SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        if PLACE.password:
            self.ask("AUTH", *([unquote(PLACE.username)] if PLACE.username else []), unquote(PLACE.password))
        if PLACE.path.strip("/"):
            self.ask("SELECT", PLACE.path.strip("/"))

    def ask(self, *words):
        parts = [str(word).encode() for word in words]
        sent = b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        self.socket.sendall(sent)
        return self.answer()

    def answer(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise OSError("Redis has hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return NoAnswer(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            return None if length < 0 else self.file.read(length + 2)[:-2].decode()
        if kind == b"*":
            return [self.answer() for _ in range(int(rest))]
        return rest.decode()

    @property
    def stale(self):
        """Whether the other side has hung up, or said something that nobody asked for."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close()


def ask(*words):
    """The answer to one command; raises NoAnswer."""
    line = None
    try:
        line = _take()
        said = line.ask(*words)
    except (OSError, ValueError) as error:
        if line:
            line.close()
        raise NoAnswer(str(error)) from None
    with _lock:
        _shelf.append(line)
    if isinstance(said, NoAnswer):
        raise said
    return said


def _take():
    while True:
        with _lock:
            line = _shelf.pop() if _shelf else None
        if line is None:
            return _Line()
        if not line.stale:
            return line
        line.close()
