"""The least that any judge could need who sends these requests to this program from outside."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import end

# How many the checks of notes-crud send to a program that passes them all; its log counts them.
REQUESTS = 110
_BODY = b'{"title": "Buy bread", "content": "Rye"}'
_POST = b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_START_SECONDS = 20.0


def requests(program: Path, environment: Path) -> Callable[[], float]:
    """That many requests, one after the other, by bare sockets: no judge, no sandbox, no check, no start."""

    def measure() -> float:
        with _listening(program, environment) as port:
            _send(port)
            started = time.perf_counter()
            for _ in range(REQUESTS):
                _send(port)
            return time.perf_counter() - started

    return measure


def _send(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(_POST % (len(_BODY), _BODY))
        answer = b""
        # Not until the program hangs up, which takes it ten times as long as to answer.
        while not _whole(answer):
            answer += connection.recv(65536) or b"\r\n\r\n"
    if not answer.startswith(b"HTTP/1.1 201"):
        raise SystemExit(f"the program answers {answer[:80]!r}; there is nothing to measure")


def _whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return b"\r\n\r\n" in answer and len(body) >= int(length[1] if length else 0)


@contextlib.contextmanager
def _listening(program: Path, environment: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    words = [str(environment / "bin" / "flask"), "--app", "app", "run", "--port", str(port)]
    settings = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        words, cwd=program, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the program does not start; there is nothing to measure")
            time.sleep(0.02)
        yield port
    finally:
        end(process)
