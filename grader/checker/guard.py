"""What a stranger's connection may cost: bytes, values, time; and its end, whatever hangs on it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

MOST_BYTES = 10 * 1024 * 1024
# Of `{},` over and over, ten megabytes would become most of a gigabyte of dictionaries.
MOST_VALUES = 200_000
_CHUNK = 65536
# Frames of nothing cost time and memory, too.
_CHUNK_COSTS = 32
# The library reads a header byte by byte: ten megabytes of it would keep the judge busy past every deadline.
_LONGEST_HEADER = 16 * 1024


class Fault(Exception):
    """The program sent what no client can use; its words are what it sent."""


class Budget:
    """What one check may receive over all its connections together. Safe in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = MOST_BYTES
        self._values = MOST_VALUES

    def take(self, *, size: int = 0, values: int = 0) -> None:
        """Count; raises Fault when it is too much."""
        with self._lock:
            self._bytes -= size
            self._values -= values
            if self._bytes < 0:
                raise Fault(f"more than {MOST_BYTES // 1024 // 1024} MB in one check")
            if self._values < 0:
                raise Fault(f"more than {MOST_VALUES:,} values in one check")


class Guard:
    """The sockets of one connection, and what went wrong with it.

    ``fault`` says what the program sent that it should not have. Until :meth:`settle`
    everything has to be over by the deadline; :meth:`shut` ends all sockets at once, and
    with them every thread that waits for one.
    """

    def __init__(self, port: int, budget: Budget, seconds: float) -> None:
        self.budget = budget
        self.fault = ""
        self.remark = ""
        self._port = port
        self._deadline: float | None = time.monotonic() + seconds
        self._open: set[Counted] = set()
        self._shut = False
        self._lock = threading.Lock()

    def open(self, *, seconds: float | None = None) -> Counted:
        """A new connection to the program; without ``seconds`` it waits as the guard says."""
        with self._lock:
            if self._shut:
                raise ConnectionAbortedError("this client is closed")
            counted = Counted(self, patient=seconds is None)
            self._open.add(counted)
        try:
            counted.settimeout(self.left() if seconds is None else seconds)
            counted.connect(("127.0.0.1", self._port))
        except BaseException:
            counted.close()
            raise
        # Each packet leaves at once: a judge that waits to fill a segment measures itself.
        counted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return counted

    @property
    def opening(self) -> bool:
        """There is a deadline still, and a handshake may be on its way."""
        return self._deadline is not None

    def left(self) -> float | None:
        """Seconds until the deadline, None when there is none any more."""
        if self._deadline is None:
            return None
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    def settle(self) -> None:
        """The connection stands: from now on silence is allowed."""
        self._deadline = None

    def blame(self, fault: str) -> None:
        """Remember what is wrong, the first thing only, and end the connection."""
        self.fault = self.fault or fault
        self.shut()

    def shut(self) -> None:
        """End every socket; whoever reads from one wakes up."""
        with self._lock:
            self._shut = True
            for counted in self._open:
                with contextlib.suppress(OSError):
                    counted.shutdown(socket.SHUT_RDWR)

    def forget(self, counted: Counted) -> None:
        """A socket has been closed."""
        with self._lock:
            self._open.discard(counted)


class Counted(socket.socket):
    """A socket whose every read is counted; a ``patient`` one waits for as long as its guard says."""

    def __init__(self, guard: Guard, *, patient: bool) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._guard = guard
        self._patient = patient
        self._header = _LONGEST_HEADER

    def recv(self, size: int, flags: int = 0) -> bytes:
        """At most 64 KB, whatever size was announced."""
        while True:
            if self._patient:
                self.settimeout(self._guard.left())
                self._acknowledge_at_once()
            try:
                data = super().recv(min(size, _CHUNK), flags)
            except TimeoutError:
                # It began to wait while there was a deadline, and now there is none.
                if self._patient and self._guard.left() is None:
                    continue
                raise
            try:
                self._guard.budget.take(size=len(data) + _CHUNK_COSTS)
                if size == 1 and self._guard.opening:
                    self._of_the_header()
            except Fault as fault:
                self._guard.blame(str(fault))
                raise ConnectionAbortedError(str(fault)) from None
            return data

    def _of_the_header(self) -> None:
        self._header -= 1
        if self._header < 0:
            raise Fault(f"a header of more than {_LONGEST_HEADER // 1024} KB")

    def _acknowledge_at_once(self) -> None:
        # A server that writes twice holds the second piece back until we acknowledge the first, and
        # the kernel does so after 40 ms; it forgets this wish again and again.
        if hasattr(socket, "TCP_QUICKACK"):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def close(self) -> None:
        """Close, and be forgotten."""
        self._guard.forget(self)
        super().close()
