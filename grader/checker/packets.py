"""Socket.IO's packets, looked at before anybody believes them."""

from __future__ import annotations

import json
from typing import Any

import socketio.packet

from grader.checker.guard import Budget, Fault
from grader.checker.http import Fields

LARGEST_MESSAGE = 2 * 1024 * 1024
MOST_DEPTH = 64
MOST_ATTACHMENTS = 100


class Packet(socketio.packet.Packet):  # type: ignore[misc] # the library has no types
    """A Socket.IO packet; one that no client should have to read is a Fault or a ValueError."""

    budget: Budget

    def decode(self, encoded_packet: Any) -> int:
        """Read one, and say how many attachments follow."""
        if not isinstance(encoded_packet, str):
            raise Fault("a binary message that belongs to no event")
        attachments = int(super().decode(encoded_packet) or 0)
        if attachments > MOST_ATTACHMENTS:
            raise Fault(f"an event with {attachments} binary attachments")
        kind = self.packet_type
        if kind in (socketio.packet.EVENT, socketio.packet.BINARY_EVENT):
            if not (isinstance(self.data, list) and self.data and isinstance(self.data[0], str)):
                raise ValueError("an event without a name")
        elif kind in (socketio.packet.ACK, socketio.packet.BINARY_ACK) and not isinstance(self.data, list):
            raise ValueError("an acknowledgement that is no array")
        if kind in (socketio.packet.BINARY_EVENT, socketio.packet.BINARY_ACK) and not attachments:
            raise ValueError("a binary event without attachments")
        return attachments


def packet_class(budget: Budget) -> type[Packet]:
    """The class of packets for one client, whose JSON is counted."""
    return type("CountedPacket", (Packet,), {"json": _Json(budget)})


class _Json:
    """JSON of limited size and depth; missing fields of its objects are failures in words."""

    dumps = staticmethod(json.dumps)

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def loads(self, text: str) -> Any:
        if len(text) > LARGEST_MESSAGE:
            raise Fault(f"a message of {len(text)} characters")
        nested = text.count("[") + text.count("{")
        self._budget.take(values=nested + text.count(",") + 1)
        try:
            value = json.loads(text, object_pairs_hook=Fields)
        except RecursionError:
            raise Fault("a message nested very deeply") from None
        if nested > MOST_DEPTH and _depth(value) > MOST_DEPTH:
            raise Fault(f"a message nested more than {MOST_DEPTH} deep")
        return value


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        here, depth = waiting.pop()
        if isinstance(here, (list, dict)):
            deepest = max(deepest, depth)
            waiting += [(inner, depth + 1) for inner in (here.values() if isinstance(here, dict) else here)]
    return deepest
