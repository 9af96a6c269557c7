"""python-socketio's client for one namespace, and the inbox into which it puts what arrives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import socketio
from engineio import packet as engine_packet
from socketio import packet

from grader.checker.engine import Engine, WebSocket
from grader.checker.guard import Fault, Guard
from grader.checker.http import Fields
from grader.checker.packets import packet_class

_QUIET = logging.getLogger("grader.socketio")
_QUIET.setLevel(logging.CRITICAL + 1)
_CLOSE = engine_packet.Packet(engine_packet.CLOSE)


@dataclass
class Event:
    """One event as it came; ``read`` once a check was given it."""

    name: str
    data: Any
    read: bool = False


class Inbox:
    """What has arrived for one client; every change wakes whoever waits for one."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.events: list[Event] = []
        self.open = False
        self.refusal: list[Any] = []
        self.ended = ""
        self.returned: set[str] = set()

    def wait_for(self, claim: Callable[[], object], deadline: float) -> bool:
        """Wait until ``claim`` holds or the connection has ended; whether it holds."""
        with self.changed:
            self.changed.wait_for(lambda: claim() or self.ended, max(deadline - time.monotonic(), 0))
            return bool(claim())

    def change(self, act: Callable[[], object]) -> None:
        """Do something to the inbox and wake everybody."""
        with self.changed:
            act()
            self.changed.notify_all()

    def end(self, how: str) -> None:
        """The connection is over; the first reason counts."""
        self.change(lambda: setattr(self, "ended", self.ended or how))


class Wire(socketio.Client):  # type: ignore[misc] # the library has no types
    """python-socketio's client for one namespace, which puts what comes into an inbox.

    The methods it replaces are the library's own places for incoming packets: handlers that a
    client registers would not see events named ``connect``, and a refusal only with luck.
    """

    def __init__(self, inbox: Inbox, guard: Guard, hear: Callable[[str, Any], None], **options: Any) -> None:
        super().__init__(
            reconnection=False,
            handle_sigint=False,
            logger=_QUIET,
            engineio_logger=_QUIET,
            serializer=packet_class(guard.budget),
            guard=guard,
            websocket_extra_options={"class_": WebSocket, "guard": guard, "skip_utf8_validation": True},
            **options,
        )
        self._inbox = inbox
        self._hear = hear
        self.markers: set[str] = set()

    def _engineio_client_class(self) -> type[Engine]:
        return Engine

    def _handle_connect(self, namespace: str | None, data: Any) -> None:
        if (name := namespace or "/") in self.markers:
            self.leave(name)
            self._inbox.change(lambda: self._inbox.returned.add(name))
            return
        # The library would ask anything for its `.get`.
        super()._handle_connect(namespace, data if isinstance(data, dict) else None)
        if name in self.connection_namespaces:
            self._inbox.change(lambda: setattr(self._inbox, "open", True))

    def _handle_error(self, namespace: str | None, data: Any) -> None:
        if (name := namespace or "/") in self.markers:
            self._inbox.change(lambda: self._inbox.returned.add(name))
        elif name in self.connection_namespaces:
            self._inbox.change(lambda: self._inbox.refusal.append(data))

    def _handle_disconnect(self, namespace: str | None) -> None:
        if (namespace or "/") in self.connection_namespaces:
            self._inbox.end("the program disconnected this client")
            # The one namespace is gone, so a client closes the connection.
            self.eio.disconnect()

    def _handle_event(self, namespace: str | None, id: int | None, data: list[Any]) -> None:  # noqa: A002 as in the library
        if (namespace or "/") not in self.connection_namespaces:
            raise Fault(f"an event of the namespace {namespace or '/'}, which this client never asked for")
        self._hear(data[0], unpack(data[1:]))
        if id is not None:
            self._send_packet(self.packet_class(packet.ACK, namespace=namespace, id=id, data=[]))

    def _handle_ack(self, namespace: str | None, id: int, data: list[Any]) -> None:  # noqa: A002 as in the library
        # What was on its way when the program disconnected this client reaches nobody.
        if not self._inbox.ended:
            super()._handle_ack(namespace, id, data)

    def _handle_eio_disconnect(self, reason: str) -> None:
        self._inbox.end("the connection was closed")
        super()._handle_eio_disconnect(reason)

    def enter(self, namespace: str) -> None:
        """Ask for one more namespace of the same connection."""
        self._send_packet(self.packet_class(packet.CONNECT, namespace=namespace))

    def leave(self, namespace: str) -> None:
        """Say good-bye to a namespace."""
        self._send_packet(self.packet_class(packet.DISCONNECT, namespace=namespace))

    def hang_up(self) -> None:
        """Say that the whole connection is over."""
        self.eio._send_packet(_CLOSE)  # noqa: SLF001 the public way waits for threads


def unpack(values: list[Any]) -> Any:
    """None for no value, the value itself for one, a tuple for several."""
    values = _as_fields(values)
    return tuple(values) if len(values) > 1 else values[0] if values else None


def _as_fields(value: Any) -> Any:
    """The same, where attachments were put in and ordinary dictionaries made of the objects."""
    if isinstance(value, list):
        return [_as_fields(each) for each in value]
    if isinstance(value, dict):
        return Fields({key: _as_fields(each) for key, each in value.items()})
    return value
