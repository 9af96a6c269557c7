"""A stage for the chat: a real mongod and a real Redis, and as many instances and workers as a test wants."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import socketio

from stage import Stage, staged

WAIT = 10.0


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """One instance and one worker for all tests that break nothing."""
    with staged(TRUSTED_PROXIES="1") as stage:
        stage.web()
        stage.worker()
        yield stage


@pytest.fixture(scope="session")
def own_redis(stage: Stage) -> str:
    """The URL of a database of the stage's Redis that neither its instance nor its worker looks at."""
    return urlsplit(stage.environ["REDIS_URL"])._replace(path="/9").geturl()


@dataclass
class Person:
    """Somebody with an account, over HTTP and by sockets."""

    url: str
    id: str
    username: str
    email: str
    password: str
    token: str
    refresh_token: str
    http: httpx.Client
    devices: list[Device] = field(default_factory=list)

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """As this person."""
        return self.http.request(method, f"{self.url}/api/v1{path}", **sent)

    def ask(self, method: str, path: str, status: int = 200, **sent: Any) -> Any:
        """The data of an answer that has this status."""
        answer = self.request(method, path, **sent)
        assert answer.status_code == status, answer.text
        return answer.json()["data"] if answer.content else None

    def refused(self, method: str, path: str, status: int, code: str, **sent: Any) -> dict[str, Any]:
        """The error of an answer that says no."""
        answer = self.request(method, path, **sent)
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert body["success"] is False
        assert body["error"]["code"] == code
        found: dict[str, Any] = body["error"]
        return found

    def device(self, url: str = "", **auth: Any) -> Device:
        """One more connection."""
        transports = auth.pop("transports", None)
        device = Device(url or self.url, self.token, auth, transports)
        self.devices.append(device)
        return device

    def send(self, to: Person | str, body: str, status: int = 201, **more: Any) -> Any:
        """A message to a person or a chat."""
        target = {"chatId": to} if isinstance(to, str) else {"to": to.id}
        sent = {**target, "body": body, "clientId": secrets.token_hex(8), **more}
        return self.ask("POST", "/chat/send", status, json=sent)


class Device:
    """A Socket.IO client that keeps all it hears."""

    def __init__(self, url: str, token: str, auth: dict[str, Any] | None = None, transports: Any = None) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", lambda event, *data: self.heard.append((event, data[0] if data else None)))
        self.client.connect(url, auth={"token": token, **(auth or {})}, wait_timeout=WAIT, transports=transports)

    def emit(self, event: str, data: Any = None) -> Any:
        """The data of an acknowledgement that says yes."""
        answer = self.client.call(event, data, timeout=WAIT)
        assert answer["success"], answer
        return answer["data"]

    def refused(self, event: str, data: Any, code: str) -> None:
        """An acknowledgement that says no, on a connection that stays."""
        answer = self.client.call(event, data, timeout=WAIT)
        assert answer["success"] is False
        assert answer["error"]["code"] == code
        assert self.client.connected

    def all(self, event: str) -> list[Any]:
        """What came of one event."""
        return [data for name, data in self.heard if name == event]

    def wait(self, event: str, holds: Callable[[Any], bool] = lambda _: True, seconds: float = WAIT) -> Any:
        """The first of an event for which this holds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for data in self.all(event):
                if holds(data):
                    return data
            time.sleep(0.01)
        raise AssertionError(f"no {event} within {seconds} s, but {self.heard}")

    def close(self) -> None:
        """Hang up."""
        self.client.disconnect()


@pytest.fixture
def join(stage: Stage) -> Iterator[Callable[..., Person]]:
    """Make an account; its connections end with the test."""
    yield from _joining(stage)


@pytest.fixture(scope="module")
def joined(stage: Stage) -> Iterator[Callable[..., Person]]:
    """Make an account whose connections end with the module."""
    yield from _joining(stage)


def _joining(stage: Stage) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(name: str = "p", url: str = "") -> Person:
        url = url or stage.running[0].url
        username = f"{name}_{secrets.token_hex(5)}"
        sent = {"email": f"{username}@example.org", "username": username, "password": f"a long one {username}"}
        # Everybody comes from an address of their own, or the limit for one address would end the tests.
        address = ".".join(str(secrets.randbelow(256)) for _ in range(4))
        http = httpx.Client(headers={"X-Forwarded-For": address}, timeout=20)
        answer = http.post(f"{url}/api/v1/auth/register", json=sent)
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        http.headers["Authorization"] = f"Bearer {data['accessToken']}"
        person = Person(
            url,
            data["user"]["id"],
            username,
            sent["email"],
            sent["password"],
            data["accessToken"],
            data["refreshToken"],
            http,
        )
        people.append(person)
        return person

    yield make
    for person in people:
        for device in person.devices:
            device.close()
        person.http.close()
