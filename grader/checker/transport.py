"""One request, one connection to loopback, one deadline for the whole answer.

httpx's own transport keeps connections that a development server closes anyway, allows each
read a time-out of its own, so that a program may answer a byte a second for ever, and costs
as much time as the program it speaks to. h11 reads the answers here as it does there.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable

import h11
import httpx

LARGEST_ANSWER = 10 * 1024 * 1024
_CHUNK = 65536


class TooLarge(httpx.TransportError):
    """The answer has more than 10 MB."""


class Loopback(httpx.BaseTransport):
    """Sends each request to one port of 127.0.0.1; the timeout a request carries is for all of it.

    Raises httpx.TimeoutException, httpx.RemoteProtocolError, httpx.ConnectError,
    httpx.ReadError and TooLarge. May be used by several threads at once. ``connect`` makes
    the connection, given the seconds it may take, where an ordinary one will not do.
    """

    def __init__(self, port: int, connect: Callable[[float], socket.socket] | None = None) -> None:
        self._connect = connect or (lambda seconds: socket.create_connection(("127.0.0.1", port), seconds))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` and read the whole answer."""
        deadline = time.monotonic() + request.extensions["timeout"]["read"]
        body = request.read()
        try:
            with self._connect(_left(deadline)) as connection:
                # Head and body leave in one piece; there is no more to wait for.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return _exchange(connection, request, body, deadline)
        except TimeoutError:
            raise httpx.ReadTimeout("the deadline has passed", request=request) from None
        except ConnectionRefusedError as error:
            raise httpx.ConnectError(str(error), request=request) from None
        except OSError as error:
            raise httpx.ReadError(str(error), request=request) from None
        except (h11.RemoteProtocolError, h11.LocalProtocolError) as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from None


def _exchange(connection: socket.socket, request: httpx.Request, body: bytes, deadline: float) -> httpx.Response:
    state = h11.Connection(h11.CLIENT)
    head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
    data = state.send(head) or b""
    if body:
        data += state.send(h11.Data(data=body)) or b""
    data += state.send(h11.EndOfMessage()) or b""
    # A program may answer, and hang up, before it has read everything.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)
    answer: h11.Response | None = None
    content = bytearray()
    while True:
        match state.next_event():
            case h11.NEED_DATA:
                connection.settimeout(_left(deadline))
                data = connection.recv(_CHUNK)
                if not data and state.their_state is h11.SEND_RESPONSE:
                    raise h11.RemoteProtocolError("it ended without sending a response")
                state.receive_data(data)
            case h11.Response() as answer:
                pass
            case h11.Data(data=part):
                content += part
                if len(content) > LARGEST_ANSWER:
                    raise TooLarge("an answer of more than 10 MB", request=request)
            case h11.EndOfMessage() | h11.ConnectionClosed() | h11.PAUSED:
                break
    assert answer is not None
    return httpx.Response(
        answer.status_code,
        headers=answer.headers.raw_items(),
        stream=httpx.ByteStream(bytes(content)),
        extensions={"http_version": b"HTTP/" + answer.http_version, "reason_phrase": answer.reason},
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
