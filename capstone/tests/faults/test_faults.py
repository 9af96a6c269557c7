"""Two instances and a worker; one thing after another is taken away and comes back. Nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence

import httpx
import pytest

from grader.model import Service
from stage import Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Of this module alone: it breaks things."""
    with staged(TRUSTED_PROXIES="1") as stage:
        stage.web()
        stage.web()
        stage.worker()
        yield stage


def until(claim, what: str, seconds: float = 30.0, pause: float = 0.05, asked: Sequence[str] = ()) -> None:
    """Wait until a claim holds; if it never does, say what /readyz of the instances ``asked`` says."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(httpx.TransportError):
            if claim():
                return
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: {[httpx.get(f'{url}/readyz', timeout=20).text for url in asked]}")
        time.sleep(pause)


def ready(url: str) -> int:
    """The status of /readyz."""
    return httpx.get(f"{url}/readyz", timeout=20).status_code


def test_instances_hear_each_other(stage, join) -> None:
    """Messages, presence and typing cross from one instance to the other."""
    here, there = (instance.url for instance in stage.running[:2])
    ann, bob = join("ann", here), join("bob", there)
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    other = bob.device(there)
    phone = ann.device(here)
    other.wait("user:online")
    sent = phone.emit("message:send", {"to": bob.id, "body": "across", "clientId": "1"})
    assert other.wait("message:new")["id"] == sent["id"]
    phone.emit("typing:start", {"chatId": sent["chatId"]})
    other.wait("typing:start")
    # Two connections of a person at two instances are one presence.
    second = ann.device(there)
    phone.close()
    second.emit("typing:stop", {"chatId": sent["chatId"]})
    other.wait("typing:stop")
    assert other.all("user:offline") == []


def test_order_holds_over_both_instances(stage, join) -> None:
    """Messages sent by turns at two instances are heard in the order of their numbers."""
    here, there = (instance.url for instance in stage.running[:2])
    ann, bob = join("ann", here), join("bob", there)
    chat = ann.send(bob, "first")["chatId"]
    devices = [ann.device(here), bob.device(there), bob.device(here)]
    senders = [ann.device(here), bob.device(there)]
    for n in range(20):
        body = {"chatId": chat, "body": str(n), "clientId": str(n)}
        senders[n % 2].client.emit("message:send", body)
    for device in devices:
        device.wait("message:new", lambda message: message["seq"] == 21)
        until(lambda d=device: len(d.all("message:new")) >= 20, "every message")
        numbers = [message["seq"] for message in device.all("message:new")]
        assert numbers == sorted(set(numbers))


def test_without_redis_messages_are_stored_and_told_when_it_is_back(stage, join) -> None:
    """Sending goes on at each instance; what another could not be told comes afterwards."""
    here, there = (instance.url for instance in stage.running[:2])
    ann, bob = join("ann", here), join("bob", there)
    chat = ann.send(bob, "before")["chatId"]
    phone, other = ann.device(here), bob.device(there)
    other.wait("message:new")
    redis = stage.services.of(Service.REDIS)
    redis.stop()
    until(lambda: ready(here) == 503, "/readyz says so")
    sent = [phone.emit("message:send", {"chatId": chat, "body": f"without {n}", "clientId": f"w{n}"}) for n in range(3)]
    assert ann.ask("GET", f"/chat/{chat}")["messages"][0]["id"] == sent[-1]["id"]
    # The instance they came by tells them once, however long the outage lasts.
    own = ann.device(here)
    time.sleep(3)
    assert len([m for m in own.all("message:new") if m["id"] == sent[-1]["id"]]) == 0
    assert len(phone.all("message:new")) == 0
    redis.restart()
    until(
        lambda: ready(here) == 200 and ready(there) == 200,
        "both are ready again, without a restart",
        asked=(here, there),
    )
    # An instance that hears the others again cannot know what it did not hear: its clients ask.
    other.wait("session:sync", seconds=20)
    other.emit("message:missed", {"after": {chat: 1}})
    for message in sent:
        other.wait("message:new", lambda heard, m=message: heard["id"] == m["id"], seconds=20)
    ann.send(chat, "after")
    other.wait("message:new", lambda heard: heard["body"] == "after")
    other.wait("notification:new", lambda said: said["notification"]["data"]["text"] == "without 2", seconds=30)


def test_redis_goes_in_the_middle_of_many_jobs(stage, join) -> None:
    """The worker begins anew by itself, and every message gets its notification."""
    ann, bob = join("ann"), join("bob")
    chat = ann.send(bob, "0")["chatId"]
    redis = stage.services.of(Service.REDIS)
    for n in range(1, 25):
        ann.send(chat, str(n))
    worker = stage.running[2]
    redis.stop()
    time.sleep(1)
    redis.restart()
    until(lambda: bob.ask("GET", "/notification")["unread"] == 25, "one notification for each message", 60, pause=0.3)
    assert worker.process.poll() is None, "the worker is still the same"


def test_without_mongo_the_answer_is_503_and_comes_back(stage, join) -> None:
    """No restart, nothing lost, and a message that was refused can be sent again."""
    here, there = (instance.url for instance in stage.running[:2])
    ann, bob = join("ann", here), join("bob", there)
    message = ann.send(bob, "kept")
    phone = ann.device(here)
    mongo = stage.services.of(Service.MONGO)
    mongo.stop()
    until(lambda: ready(here) == 503, "/readyz says so")
    body = {"chatId": message["chatId"], "body": "again", "clientId": "again"}
    ann.refused("POST", "/chat/send", 503, "unavailable", json=body)
    phone.refused("message:send", body, "unavailable")
    assert httpx.get(f"{here}/healthz").status_code == 200
    mongo.restart()
    until(lambda: ready(here) == 200 and ready(there) == 200, "both are ready again", asked=(here, there))
    assert ann.ask("GET", f"/chat/{message['chatId']}")["messages"][0]["id"] == message["id"]
    assert ann.ask("POST", "/chat/send", 201, json=body)["seq"] == 2
    assert phone.emit("message:send", body)["seq"] == 2


def test_a_worker_that_is_killed_loses_no_notification(stage, join) -> None:
    """Jobs wait for the next worker; each message has one notification."""
    ann, bob = join("ann"), join("bob")
    worker = stage.running[2]
    worker.kill()
    chat = ann.send(bob, "0")["chatId"]
    for n in range(1, 10):
        ann.send(chat, str(n))
    assert bob.ask("GET", "/notification")["unread"] == 0
    second = stage.worker()
    until(lambda: bob.ask("GET", "/notification")["unread"] == 10, "one notification for each message", 60)
    second.kill()
    for n in range(10, 14):
        ann.send(chat, str(n))
    stage.worker()
    until(lambda: bob.ask("GET", "/notification")["unread"] == 14, "and for those after", 60)
    page = bob.ask("GET", "/notification", params={"limit": 100})["notifications"]
    assert len({one["data"]["messageId"] for one in page}) == len(page) == 14


def test_an_instance_that_is_killed_takes_nothing_with_it(stage, join) -> None:
    """Its clients connect elsewhere and get what they missed; its people go offline by themselves."""
    there = stage.running[1].url
    doomed = stage.web()
    ann, bob = join("ann", there), join("bob", there)
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    bob.ask("PUT", "/user/profile", json={"contacts": [ann.id]})
    other = bob.device(there)
    phone = ann.device(doomed.url)
    other.wait("user:online")
    sent = phone.emit("message:send", {"to": bob.id, "body": "last words", "clientId": "1"})
    doomed.kill()
    assert other.wait("message:new")["id"] == sent["id"]
    missed = [bob.send(sent["chatId"], str(n)) for n in range(3)]
    elsewhere = ann.device(there, after={sent["chatId"]: 1})
    for message in missed:
        elsewhere.wait("message:new", lambda heard, m=message: heard["id"] == m["id"])
    elsewhere.close()
    # The connection that died with its instance still counts, for thirty seconds.
    assert other.wait("user:offline", seconds=45)["userId"] == ann.id
    assert len(other.all("user:online")) == 1


def test_an_instance_starts_without_its_databases(stage) -> None:
    """It lives, says that it is not ready, and is ready when they come."""
    redis, mongo = stage.services.of(Service.REDIS), stage.services.of(Service.MONGO)
    redis.stop()
    mongo.stop()
    late = stage.web()
    until(lambda: ready(late.url) == 503, "not ready")
    body = {"email": "x@example.org", "username": f"late{secrets.token_hex(3)}", "password": "0123456789"}
    answer = httpx.post(f"{late.url}/api/v1/auth/register", json=body, timeout=20)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    mongo.restart()
    redis.restart()
    until(lambda: ready(late.url) == 200, "ready")
    body["email"] = f"{secrets.token_hex(4)}@example.org"
    assert httpx.post(f"{late.url}/api/v1/auth/register", json=body, timeout=20).status_code == 201
