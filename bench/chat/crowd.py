"""People with one connection each, in groups; what they send is numbered, and what they hear is written down."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

# An answer that has not come by then is taken for lost, and the message is sent again.
PATIENCE = 3.0
# For everything that was acknowledged to be heard by everybody, after the last message.
SETTLE = 60.0


@dataclass
class Sent:
    """One message: when it was first sent, and the id that the acknowledgement gave it, or none."""

    group: str
    sender: int
    at: float
    id: str = ""


@dataclass
class Member:
    """Somebody who listens. ``heard`` maps the number of a message to each arrival: its moment and its id."""

    number: int
    group: str
    auth: dict[str, Any]
    heard: dict[int, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    last: int = 0

    def __post_init__(self) -> None:
        self.client = socketio.Client(
            reconnection_delay=0.2, reconnection_delay_max=1, randomization_factor=0.5, handle_sigint=False
        )
        self.client.on("message:new", self._hear)
        # As the client in the browser does when its instance has heard nothing of the others for a while.
        self.client.on("session:sync", lambda *_: self.client.emit("message:missed", {"after": self._after()}))

    def connect(self, url: str) -> None:
        # All come from one address here, so that nginx keeps them apart by this number.
        self.client.connect(
            f"{url}?who={self.number}", auth=self._who, transports=["websocket"], wait_timeout=10, retry=True
        )

    def _who(self) -> dict[str, Any]:
        return {**self.auth, "after": self._after()}

    def _after(self) -> dict[str, int]:
        return {self.group: self.last}

    def _hear(self, message: dict[str, Any]) -> None:
        now = time.perf_counter()
        self.heard[int(message["body"])].append((now, message.get("id", message["clientId"])))
        # What is before a gap is asked for again, so only the last one without a gap counts.
        if message.get("seq") == self.last + 1:
            self.last += 1

    def send(self, number: int, group: str) -> str:
        """Until it is acknowledged; the id."""
        message = {"chatId": group, "body": str(number), "clientId": f"n{number}"}
        while True:
            try:
                answer = self.client.call("message:send", message, timeout=PATIENCE)
            except SocketIOError:
                time.sleep(0.1)
                continue
            if answer["success"]:
                data = answer["data"]
                if data.get("seq") == self.last + 1:
                    self.last += 1
                return str(data["id"])
            if answer["error"]["code"] != "unavailable":
                raise RuntimeError(f"refused: {answer}")
            time.sleep(0.2)


class Crowd:
    """All of them, and the messages they send."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self.sent: dict[int, Sent] = {}
        self._lock = threading.Lock()
        self._groups: dict[str, list[Member]] = defaultdict(list)
        for member in members:
            self._groups[member.group].append(member)

    def connect(self, url: str) -> None:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda member: member.connect(url), self.members))

    def talk(self, *, each_second: float, seconds: float, seed: int) -> None:
        """Send at this pace, whatever becomes of what was sent before; until all is acknowledged."""
        rng = random.Random(seed)
        start = time.perf_counter()
        with ThreadPoolExecutor(64) as pool:
            jobs = []
            for number in range(int(each_second * seconds)):
                time.sleep(max(0.0, start + number / each_second - time.perf_counter()))
                jobs.append(pool.submit(self._one, number, rng.choice(self.members)))
            for job in jobs:
                job.result()

    def _one(self, number: int, member: Member) -> None:
        self.sent[number] = sent = Sent(member.group, member.number, time.perf_counter())
        sent.id = member.send(number, member.group)

    def missing(self) -> int:
        """Arrivals that are still owed: of each message, one at every other member of its group."""
        return sum(number not in member.heard for number, sent in self.sent.items() for member in self._others(sent))

    def settle(self) -> int:
        """Wait until nothing is missing, or no longer; what is missing then."""
        deadline = time.monotonic() + SETTLE
        while (missing := self.missing()) and time.monotonic() < deadline:
            time.sleep(0.1)
        # What comes twice has a moment more to come.
        time.sleep(1)
        return missing

    def delays(self) -> list[float]:
        """Milliseconds from the first attempt to send to the first arrival, each at each member."""
        return [
            1000 * (member.heard[number][0][0] - sent.at)
            for number, sent in self.sent.items()
            for member in self._others(sent)
            if number in member.heard
        ]

    def again(self) -> int:
        """Arrivals of what that member had already: the same id, which a client does not show again."""
        return sum(len(arrivals) - 1 for member in self.members for arrivals in member.heard.values())

    def doubled(self) -> int:
        """Messages that some member would see twice: one number, two ids."""
        return sum(len({name for _, name in a}) > 1 for member in self.members for a in member.heard.values())

    def _others(self, sent: Sent) -> list[Member]:
        return [member for member in self._groups[sent.group] if member.number != sent.sender]

    def close(self) -> None:
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda member: member.client.disconnect(), self.members))
