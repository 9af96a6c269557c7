"""Redis' protocol in a few lines, enough to set up a server and to empty it.

The client library takes ten times as long to import as the server takes to start.
"""

from __future__ import annotations

import socket
from typing import Any

_ANSWER_SECONDS = 2.0


class Refused(Exception):
    """The server answered with an error."""


class Wire:
    """A connection that asks one thing at a time; OSError when there is no answer within two seconds."""

    def __init__(self, port: int, user: str = "", password: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECONDS)
        self._lines = self._socket.makefile("rb")
        if user:
            self.ask("AUTH", user, password)

    def ask(self, *words: str) -> Any:
        """The answer to one command; raises Refused."""
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            data = word.encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self._socket.sendall(b"".join(parts))
        return self._answer()

    def _answer(self) -> Any:
        line = self._lines.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:].decode(errors="replace")
        match kind:
            case b"+":
                return rest
            case b":":
                return int(rest)
            case b"-":
                raise Refused(rest)
            case b"$":
                return None if rest == "-1" else self._lines.read(int(rest) + 2)[:-2].decode(errors="replace")
            case b"*":
                return [self._answer() for _ in range(int(rest))]
        raise ConnectionError("the connection was closed")

    def hear(self) -> str:
        """The next thing that is said unasked."""
        return str(self._answer())

    def close(self) -> None:
        """Close it; safe to call twice."""
        self._lines.close()
        self._socket.close()
