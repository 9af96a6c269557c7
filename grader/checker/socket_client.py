"""One Socket.IO client of a check: what was sent, what came, in which order, and for how long to wait.

A check asks from its own thread; what arrives is put into an inbox by the connection's reading one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import socketio.exceptions

from grader.checker.engine import Polls
from grader.checker.guard import Budget, Fault, Guard
from grader.checker.inbox import Event, Inbox, Wire, unpack
from grader.checker.transcript import Transcript, as_json, printable
from grader.checker.world import World
from grader.sandbox import ProgramSilent, Running

ANSWER_SECONDS = 5.0
MOST_EVENTS = 2_000
_FLUSH_SECONDS = 1.0
_FAREWELL_SECONDS = 0.5
_END_SECONDS = 2.0
_ROUNDING = 0.05


class Refused(AssertionError):
    """The program did not let a client in; ``data`` is what it gave as the reason."""

    def __init__(self, namespace: str, data: Any) -> None:
        super().__init__(f"expected the connection to {namespace} to be accepted, it was refused: {as_json(data)}")
        self.data = data


class SocketClient:
    """One connection to one namespace of the program, made by ``socketio.connect()``.

    Data of an event or an acknowledgement is None for none, the value for one, a tuple for
    several. JSON objects in it have fields whose absence is the program's failure.
    """

    def __init__(
        self, world: World, running: Running, transcript: Transcript, budget: Budget, name: str, namespace: str
    ) -> None:
        self.name = name
        self.namespace = namespace
        self._world = world
        self._running = running
        self._transcript = transcript
        self._budget = budget
        self._inbox = Inbox()
        self._guard = Guard(running.port, budget, ANSWER_SECONDS)
        self._markers = itertools.count(1)
        self._wire: Wire | None = None
        self._leaving = False

    def open(self, auth: Any, headers: Mapping[str, str], transports: Sequence[str]) -> None:
        """Connect; raises Refused, ProgramSilent, ProgramDied, or AssertionError in words."""
        deadline = time.monotonic() + ANSWER_SECONDS
        with_auth = f" with {as_json(auth)}" if auth is not None else ""
        number = self._note(f"connect to {self.namespace} by {' and '.join(transports)}{with_auth}")
        polls = Polls(self._guard, self._running.port, headers)
        wire = self._wire = Wire(
            self._inbox, self._guard, self._hear, http_session=polls, request_timeout=ANSWER_SECONDS
        )
        try:
            wire.connect(
                f"http://127.0.0.1:{self._running.port}",
                headers=dict(headers),
                auth=auth,
                transports=list(transports),
                namespaces=[self.namespace],
                wait=False,
            )
        except Exception as error:  # noqa: BLE001 whatever the library makes of what a stranger says
            self._lost(number, _reason(error), deadline)
        self._guard.settle()
        inbox = self._inbox
        if not inbox.wait_for(lambda: inbox.open or inbox.refusal, deadline):
            self._lost(number, "a connection that was closed", deadline)
        if inbox.refusal:
            self._transcript.received(number, f"refused {as_json(inbox.refusal[0])}")
            self.close()
            raise Refused(self.namespace, inbox.refusal[0])
        self._transcript.received(number, "connected")

    @property
    def transport(self) -> str:
        """``polling`` or ``websocket``: how the connection travels now."""
        return str(self._wire.eio.transport()) if self._wire else ""

    def emit(self, event: str, *data: Any) -> None:
        """Send an event and wait for nothing."""
        self._send(event, data, None)

    def call(self, event: str, *data: Any, within: float = ANSWER_SECONDS) -> Any:
        """Send an event and wait for its acknowledgement; what the acknowledgement says."""
        deadline = time.monotonic() + within
        answers: list[Any] = []
        number = self._send(
            event, data, lambda *values: self._inbox.change(lambda: answers.append(unpack(list(values))))
        )
        if not self._inbox.wait_for(lambda: answers, deadline):
            self._missing(number, f"an acknowledgement of {event}", within)
        self._transcript.received(number, f"acknowledged {_shown(answers[0])}".rstrip())
        return answers[0]

    def expect(self, event: str, within: float = ANSWER_SECONDS) -> Any:
        """The data of the next event of this name that no ``expect`` has given yet."""
        deadline = time.monotonic() + within
        inbox = self._inbox
        if not inbox.wait_for(lambda: self._unread(event), deadline):
            self._missing(None, f"the event {event}", within)
        found = self._unread(event)[0]
        found.read = True
        return found.data

    def received(self, event: str | None = None) -> list[Any]:
        """The data of every event of this name so far, oldest first; without a name, pairs of name and data."""
        with self._inbox.changed:
            events = list(self._inbox.events)
        if event is None:
            return [(each.name, each.data) for each in events]
        return [each.data for each in events if each.name == event]

    def silence(
        self, event: str | None = None, *, after: tuple[Any, ...] | None = None, within: float = ANSWER_SECONDS
    ) -> None:
        """Prove that no event of this name (or none at all) is there that ``expect`` has not given.

        It sends a marker through this very connection and waits until it is back: ``after``, an
        event and its data, which the program acknowledges; or else the request for a namespace
        that does not exist, which every Socket.IO server answers. A connection keeps its order,
        so what the program sent to this client before it answered the marker has arrived.

        That proves what the program *had sent by then*. So first wait for a sign that it is done
        with the cause: the acknowledgement of the call that might have led to the event. A
        handler that sends first and acknowledges then, as frameworks make it, cannot escape; one
        that sends later, in a thread of its own, can. A program that sends nothing never fails,
        unless it has disconnected this client: of one that is gone nothing is proved.
        """
        deadline = time.monotonic() + within
        if after is not None:
            self.call(*after, within=within)
        else:
            self._round_trip(deadline, within)
        unread = self._unread(event)
        wanted = "no event" if event is None else f"no event {event}"
        assert not unread, f"expected {wanted} for {self.name}, got {unread[0].name} {_shown(unread[0].data)}"

    def disconnect(self) -> None:
        """Leave: say so, wait until it is said, and close."""
        if not self._inbox.ended:
            self._note("disconnect")
        self.close()

    def disconnected(self, within: float = ANSWER_SECONDS) -> None:
        """Wait until the program has disconnected this client; AssertionError if it does not."""
        inbox = self._inbox
        gone = inbox.wait_for(lambda: inbox.ended, time.monotonic() + within)
        assert gone, f"expected the program to disconnect {self.name} within {within:g} s, it did not"
        assert not self._guard.fault, f"expected the program to disconnect {self.name}, got {self._guard.fault}"
        self._alive("instead of disconnecting one client")

    @property
    def connected(self) -> bool:
        """Whether neither side has ended the connection yet."""
        return not self._inbox.ended

    def say_goodbye(self) -> None:
        """Begin to leave, without waiting; :meth:`close` does the rest."""
        if self._wire and not self._leaving and not self._inbox.ended and self._wire.eio.state == "connected":
            self._leaving = True
            self._wire.leave(self.namespace)
            self._wire.hang_up()

    def close(self) -> None:
        """Leave, close and end both threads; safe to call twice."""
        self.say_goodbye()
        wire, self._wire = self._wire, None
        if wire is None:
            return
        if self._leaving and wire.eio.flush(_FLUSH_SECONDS):
            # A program that closes first has read everything; one that does not is not waited for.
            wire.eio.join(_FAREWELL_SECONDS)
        self._inbox.end("the check disconnected this client")
        self._guard.shut()
        wire.eio.join(_END_SECONDS)

    def _note(self, text: str) -> int:
        return self._transcript.sent(f"{self.name}: {text}")

    def _hear(self, event: str, data: Any) -> None:
        with self._inbox.changed:
            if self._inbox.ended:
                return
            self._inbox.events.append(Event(event, data))
            count = len(self._inbox.events)
            self._inbox.changed.notify_all()
        if count > MOST_EVENTS:
            raise Fault(f"more than {MOST_EVENTS:,} events to one client")
        self._transcript.sent(f"{self.name}: ← {printable(event)} {_shown(data)}".rstrip())

    def _unread(self, event: str | None) -> list[Event]:
        return [each for each in self._inbox.events if not each.read and event in (None, each.name)]

    def _send(self, event: str, data: tuple[Any, ...], acknowledge: Callable[..., None] | None) -> int:
        shown = " ".join(as_json(value) for value in data)
        number = self._note(f"{'call' if acknowledge else 'emit'} {event} {shown}".strip())
        if self._inbox.ended or self._wire is None:
            self._missing(number, "an open connection", 0)
        try:
            self._wire.emit(event, data, namespace=self.namespace, callback=acknowledge)
        except socketio.exceptions.SocketIOError:
            # It ended between the two lines above.
            self._missing(number, "an open connection", 0)
        return number

    def _round_trip(self, deadline: float, within: float) -> None:
        marker = f"/marker-{next(self._markers)}"
        if self._inbox.ended or self._wire is None:
            self._missing(None, "an open connection", 0)
        self._wire.markers.add(marker)
        self._wire.enter(marker)
        if not self._inbox.wait_for(lambda: marker in self._inbox.returned, deadline):
            if self._inbox.ended:
                self._missing(None, "an open connection", 0)
            raise ProgramSilent(f"your program did not answer the request for a namespace within {within:g} s")

    def _missing(self, number: int | None, what: str, within: float) -> NoReturn:
        """Say that something did not come, and why not if that is known."""
        got = self._guard.fault or self._inbox.ended
        self._alive(f"instead of sending {what}" if within else "while a client was connected")
        if number is not None:
            self._transcript.received(number, got or f"nothing within {within:g} s")
        if got:
            raise AssertionError(
                f"expected {what} for {self.name}, got {got}"
                if self._guard.fault
                else f"expected {what} for {self.name}, but {got}"
            )
        raise AssertionError(f"expected {what} for {self.name} within {within:g} s, it did not come")

    def _lost(self, number: int, why: str, deadline: float) -> NoReturn:
        """Say that there was no handshake, after everything is closed."""
        silent = time.monotonic() >= deadline - _ROUNDING
        got = self._guard.fault or self._guard.remark
        self.close()
        self._alive("instead of accepting a connection")
        if silent and not got:
            self._transcript.received(number, f"nothing within {ANSWER_SECONDS:g} s")
            raise ProgramSilent(f"expected Socket.IO's handshake within {ANSWER_SECONDS:g} s, it did not come")
        self._transcript.received(number, got or why)
        raise AssertionError(f"expected Socket.IO's handshake, got {got or why}")

    def _alive(self, when: str) -> None:
        # A program that died shows as a closed connection a moment before it is reaped.
        closed = self._inbox.ended or self._guard.remark
        ending = self._running.wait(0.3 if closed else 0)
        if ending:
            raise self._world.death(self._running, ending, when) from None


def _shown(data: Any) -> str:
    return "" if data is None else as_json(list(data) if isinstance(data, tuple) else data)


def _reason(error: Exception) -> str:
    words = str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, socketio.exceptions.ConnectionError):
        if words == "Connection error":
            return "a connection that was closed"
        status = words.removeprefix("Unexpected status code ").removesuffix(" in server response")
        return f"HTTP status {status}" if status.isdecimal() else printable(words)
    return f"something else ({type(error).__name__})"
