"""What instances hear of each other over Redis: everything once, and all of them in one order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from chat.storage.bus import BusAnnouncer, RedisBus
from stage import Stage


class Instance:
    """A bus and what its connections would have heard."""

    def __init__(self, url: str) -> None:
        self.heard: list[Any] = []
        self.bus = RedisBus(url)
        server = socketio.Server(client_manager=self.bus, async_mode="threading")
        server.manager.initialize()
        self.announcer = BusAnnouncer(self.bus)

    def hear(self, data: Any) -> None:
        self.heard.append(data["number"])


@pytest.fixture
def instances(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Instance]]:
    """Three on the stage's Redis, each heard as its connections would hear it."""
    found = [Instance(stage.environ["REDIS_URL"]) for _ in range(3)]
    by_bus = {instance.bus: instance for instance in found}

    def emit(self: Any, event: str, data: Any, **_: Any) -> None:
        if event == "test":
            by_bus[self].hear(data)

    # What PubSubManager hands on to its own connections.
    monkeypatch.setattr(socketio.Manager, "emit", emit)
    deadline = time.monotonic() + 10
    while not all(instance.bus.hears.is_set() for instance in found):
        assert time.monotonic() < deadline, "the buses never subscribed"
        time.sleep(0.01)
    yield found


def test_all_hear_one_order(instances: list[Instance]) -> None:
    """Told by turns, one after the other: nobody hears its own before what came before it."""
    for number in range(300):
        assert instances[number % 3].announcer.tell(["somebody"], "test", {"number": number})
    deadline = time.monotonic() + 10
    while any(len(instance.heard) < 300 for instance in instances) and time.monotonic() < deadline:
        time.sleep(0.01)
    for instance in instances:
        assert instance.heard == list(range(300))


def test_without_redis_an_instance_hears_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and whoever told knows that nobody else heard."""
    alone = Instance("redis://127.0.0.1:1/0")
    monkeypatch.setattr(socketio.Manager, "emit", lambda _bus, _event, data, **_: alone.hear(data))
    assert alone.announcer.tell(["somebody"], "test", {"number": 1}) is False
    assert alone.heard == [1]
    # Also where it was to come back, and Redis has gone since.
    alone.bus.hears.set()
    assert alone.announcer.tell(["somebody"], "test", {"number": 2}) is False
    assert alone.heard == [1, 2]
