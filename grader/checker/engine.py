"""Engine.IO under a Socket.IO client: both transports on guarded sockets, messages in their order.

python-socketio's client trusts its server. It gives every message a thread of its own, so that
events may change places; reads whatever size is announced; waits half a minute for a silent
socket; and may join threads that never end. Here it speaks to strangers' programs, so it gets
sockets that count, one thread that reads, and an end.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import engineio
import engineio.payload
import httpx
import requests.exceptions
import websocket

from grader.checker.guard import Fault, Guard
from grader.checker.packets import LARGEST_MESSAGE
from grader.checker.transcript import printable
from grader.checker.transport import Loopback

_MOST_PACKETS = 10_000
_POLL = 0.02
_SEPARATOR = "\x1e"
# The first characters of Engine.IO's packets: seven types, and binary data in text.
_KINDS = (*"0123456", "b")

# The library hangs up on a server whose answer to one poll has more than 16 packets.
engineio.payload.Payload.max_decode_packets = _MOST_PACKETS


class WebSocket(websocket.WebSocket):
    """A WebSocket over a counted socket that follows no redirect."""

    _guard: Guard

    def connect(self, url: str, **options: Any) -> None:
        """Open and shake hands; what the program said instead is the remark of the ``guard`` among the options."""
        guard = self._guard = options.pop("guard")
        try:
            super().connect(url, socket=guard.open(), redirect_limit=0, **options)  # type: ignore[no-untyped-call]
        except websocket.WebSocketBadStatusException as error:
            guard.remark = f"HTTP status {error.status_code} when it was asked for a WebSocket"
            raise
        except websocket.WebSocketTimeoutException:
            raise
        except (websocket.WebSocketException, ValueError) as error:
            guard.remark = f"an answer that is no WebSocket's: {printable(str(error))}"
            raise websocket.WebSocketException(str(error)) from None

    def recv(self) -> Any:
        """The next message; bytes that are none are the program's fault."""
        try:
            message = super().recv()
        except (websocket.WebSocketConnectionClosedException, websocket.WebSocketTimeoutException, OSError):
            raise
        except Exception as error:
            self._guard.blame(f"bytes that are no WebSocket frame: {printable(str(error))}")
            raise
        if len(message) > LARGEST_MESSAGE:
            self._guard.blame(f"a message of {len(message)} bytes")
            raise websocket.WebSocketConnectionClosedException("too large")
        # A close frame arrives as an empty message of a socket that is not connected any more.
        if self.connected and isinstance(message, str) and message[:1] not in _KINDS:
            self._guard.blame(f"a message that is not Engine.IO's: {printable(message) or 'an empty one'}")
            raise websocket.WebSocketConnectionClosedException("garbage")
        return message


@dataclass(frozen=True)
class _Answer:
    status_code: int
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Polls:
    """What python-engineio asks of a ``requests.Session``, with our deadlines and our limits."""

    auth = None
    cert = None
    verify = True

    def __init__(self, guard: Guard, port: int, headers: Mapping[str, str]) -> None:
        self.proxies: dict[str, str] = {}
        self._guard = guard
        self._http = httpx.Client(
            transport=Loopback(port, connect=lambda seconds: guard.open(seconds=seconds)),
            trust_env=False,
            verify=False,  # noqa: S501 this is loopback
            # A browser sends them with every poll, the library with the first alone.
            headers={"accept-encoding": "identity", "user-agent": "grader", **headers},
        )

    @property
    def cookies(self) -> Iterable[Any]:
        """The cookies that the program has set."""
        return self._http.cookies.jar

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        data: str | bytes | None = None,
        timeout: float = 5.0,
    ) -> _Answer:
        """One exchange; whatever goes wrong is a RequestException, as the library expects."""
        try:
            request = self._http.build_request(method, url, headers=headers, content=data, timeout=timeout)
            response = self._http.send(request, stream=True)
            # As it came: what a program says is packed may unpack to a thousand times as much.
            content = b"".join(response.iter_raw())
        except httpx.TimeoutException:
            raise requests.exceptions.Timeout(f"no answer to {method} within {timeout:g} s") from None
        except Exception as error:  # noqa: BLE001 the library knows one kind of failure
            raise requests.exceptions.ConnectionError(str(error)) from None
        if method == "GET" and response.is_success:
            self._look_at(content)
        return _Answer(response.status_code, content)

    def _look_at(self, content: bytes) -> None:
        """The library hangs up on what it cannot read, and says nothing."""
        packets = content.decode("utf-8", errors="replace").split(_SEPARATOR)
        if len(packets) > _MOST_PACKETS:
            self._guard.blame(f"more than {_MOST_PACKETS:,} packets in one answer")
        elif not all(packet[:1] in _KINDS for packet in packets):
            shown = printable(content) or "an empty one"
            self._guard.blame(f"an answer that is not Engine.IO's: {shown}")

    def close(self) -> None:
        """Nothing is kept open between requests."""
        self._http.close()


class Engine(engineio.Client):  # type: ignore[misc] # the library has no types
    """Engine.IO with one thread that reads, one that writes, and an end for both.

    Every message is handled by the thread that read it: what arrives first is seen first.
    """

    def __init__(self, guard: Guard, **options: Any) -> None:
        super().__init__(**options)
        self._guard = guard
        self._threads: list[threading.Thread] = []

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Messages at once, loops in a thread; the library's way to do anything later."""
        if target == self.handlers.get("message"):
            return self._handle(target, *args)
        thread = threading.Thread(target=self._guarded, args=(target, *args), kwargs=kwargs, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def disconnect(self, abort: bool = False, reason: str | None = None) -> None:
        """End the sockets: the reading thread notices, and does the rest."""
        self._guard.shut()

    def flush(self, seconds: float) -> bool:
        """Wait until everything that was to be sent has been, at most ``seconds``; whether it has."""
        deadline = time.monotonic() + seconds
        with self.queue.all_tasks_done:
            while self.queue.unfinished_tasks:
                # Whoever is to send it may have ended, and tells nobody.
                if not self.write_loop_task or time.monotonic() > deadline:
                    return False
                self.queue.all_tasks_done.wait(_POLL)
        return True

    def join(self, seconds: float) -> bool:
        """Wait for the end of both threads; whether they have ended."""
        deadline = time.monotonic() + seconds
        # The library may have emptied the queue of what tells its writing thread to end.
        self.queue.put(None)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(deadline - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _handle(self, handler: Callable[..., Any], *data: Any) -> None:
        try:
            handler(*data)
        except Fault as fault:
            self._guard.blame(str(fault))
        except Exception:  # noqa: BLE001 it is about what the program sent, whatever it is
            shown = printable(data[0] if isinstance(data[0], (str, bytes)) else repr(data[0]))
            self._guard.blame(f"a message that is not Socket.IO's: {shown or 'an empty one'}")

    def _guarded(self, loop: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            loop(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 it is about what the program sent, whatever it is
            self._guard.blame(f"packets that are not Engine.IO's ({type(error).__name__})")
        finally:
            self._guard.shut()
