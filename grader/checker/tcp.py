"""A raw TCP connection with a deadline on everything, for programs judged by their bytes."""

from __future__ import annotations

import socket
import time
from types import TracebackType
from typing import Self

from grader.checker.transcript import Transcript, printable
from grader.sandbox import ProgramSilent

ANSWER_SECONDS = 5.0
_LARGEST_READ = 10 * 1024 * 1024


class Connection:
    """Bytes out, bytes in; what was read but not asked for yet waits in ``pending``.

    Reading raises ProgramSilent when nothing comes within ``seconds`` and EOFError when
    the other side closed first.
    """

    def __init__(self, port: int, transcript: Transcript, seconds: float = ANSWER_SECONDS) -> None:
        self._transcript = transcript
        self._seconds = seconds
        self._number = -1
        self.pending = b""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, *, note: str | bool = True) -> None:
        """Send all of ``data`` as it is; ``note`` is what the transcript says, False for nothing."""
        if note:
            self._number = self._transcript.sent(note if isinstance(note, str) else printable(data))
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise ProgramSilent(f"your program stopped reading for {self._seconds:g} s") from None
        except OSError:
            self.received("the connection was closed")
            raise EOFError("the connection was closed while sending") from None

    def received(self, text: str) -> None:
        """Note in the transcript what came back for the last line sent."""
        self._transcript.received(self._number, text)

    def finish_sending(self) -> None:
        """Half-close: the other side reads an end of file, this side still reads."""
        self._socket.shutdown(socket.SHUT_WR)

    def read_until(self, mark: bytes) -> bytes:
        """Everything up to and with ``mark``."""
        deadline = time.monotonic() + self._seconds
        while mark not in self.pending:
            self._more(deadline)
        end = self.pending.index(mark) + len(mark)
        taken, self.pending = self.pending[:end], self.pending[end:]
        return taken

    def read_exactly(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        deadline = time.monotonic() + self._seconds
        while len(self.pending) < size:
            self._more(deadline)
        taken, self.pending = self.pending[:size], self.pending[size:]
        return taken

    def read_to_end(self) -> bytes:
        """Everything until the other side closes."""
        deadline = time.monotonic() + self._seconds
        try:
            while True:
                self._more(deadline)
        except EOFError:
            taken, self.pending = self.pending, b""
            return taken

    def close(self) -> None:
        """Close both directions; safe to call twice."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _more(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        try:
            self._socket.settimeout(max(left, 0.001))
            chunk = self._socket.recv(65536)
        except TimeoutError:
            so_far = printable(self.pending) if self.pending else "nothing"
            self.received(f"{so_far}, then silence for {self._seconds:g} s")
            raise ProgramSilent(f"expected an answer within {self._seconds:g} s, got {so_far}") from None
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise EOFError("the connection was closed")
        self.pending += chunk
        assert len(self.pending) <= _LARGEST_READ, "expected an answer of at most 10 MB, got more"
