"""The fixture ``socketio``: makes the Socket.IO clients of one check, and ends them with it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from grader.checker.guard import Budget
from grader.checker.socket_client import Refused, SocketClient
from grader.checker.transcript import Transcript
from grader.checker.world import World
from grader.sandbox import Running


class Sockets:
    """Connects clients to one program, side by side; all share one budget of what they may be sent."""

    def __init__(self, world: World, transcript: Transcript) -> None:
        self._world = world
        self._transcript = transcript
        self._budget = Budget()
        self._clients: list[SocketClient] = []
        self._lock = threading.Lock()

    def connect(
        self,
        namespace: str = "/",
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        transports: Sequence[str] = ("websocket",),
        running: Running | None = None,
        name: str = "",
    ) -> SocketClient:
        """A new client of ``web``, or of ``running``; ``name`` is what the transcript calls it.

        ``transports`` may be ``("polling",)``, ``("websocket",)``, or both in this order: then the
        client begins by polling and changes over where the program offers that.
        Raises Refused when the program says no.
        """
        web = running or self._world.web()
        with self._lock:
            named = name or f"client {len(self._clients) + 1}"
            client = SocketClient(self._world, web, self._transcript, self._budget, named, namespace)
            self._clients.append(client)
        client.open(auth, headers or {}, transports)
        return client

    def refused(
        self,
        namespace: str = "/",
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        transports: Sequence[str] = ("websocket",),
        running: Running | None = None,
        name: str = "",
    ) -> Any:
        """The data of the ``connect_error`` that a client gets; AssertionError if it is let in."""
        try:
            client = self.connect(namespace, auth, headers, transports, running, name)
        except Refused as refusal:
            return refusal.data
        client.close()
        raise AssertionError(f"expected the connection of {client.name} to be refused, it was accepted")

    def close(self) -> None:
        """End every client; first all say good-bye, so that they wait side by side."""
        for client in self._clients:
            client.say_goodbye()
        for client in self._clients:
            client.close()
