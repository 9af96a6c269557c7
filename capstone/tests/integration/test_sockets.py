"""Presence, messages, typing and receipts, by sockets of real clients."""

from __future__ import annotations

import secrets
import time

import pytest


@pytest.fixture
def friends(join):
    """Two people who have each other on their lists of contacts."""
    ann, bob = join("ann"), join("bob")
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    bob.ask("PUT", "/user/profile", json={"contacts": [ann.id]})
    return ann, bob


def quiet(device, event, then) -> None:
    """Nothing of ``event`` had come when ``then``, which comes later by the same way, was there."""
    then()
    assert device.all(event) == []


def test_only_the_first_and_the_last_connection_are_told(friends, join) -> None:
    """Two devices: one online, one offline with the time; strangers hear nothing."""
    ann, bob = friends
    eve = join("eve")
    watcher, stranger = ann.device(), eve.device()
    one = bob.device()
    watcher.wait("user:online", lambda said: said == {"userId": bob.id})
    two = bob.device()
    one.close()
    assert ann.devices[0].emit("user:presence", {"userIds": [bob.id, eve.id]}) == {"online": [bob.id], "lastSeen": {}}
    assert eve.devices[0].emit("user:presence", {"userIds": [bob.id, ann.id]}) == {"online": [], "lastSeen": {}}
    two.close()
    gone = watcher.wait("user:offline")
    assert gone["userId"] == bob.id and gone["lastSeen"].endswith("Z")
    assert len(watcher.all("user:online")) == len(watcher.all("user:offline")) == 1
    assert ann.devices[0].emit("user:presence", {"userIds": [bob.id]})["lastSeen"] == {bob.id: gone["lastSeen"]}
    assert stranger.all("user:online") == stranger.all("user:offline") == []


def test_nobody_joins_an_audience_alone(join) -> None:
    """Who lists me hears nothing of me until I list them, or both have written."""
    ann, bob, eve = join("ann"), join("bob"), join("eve")
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    eve.ask("PUT", "/user/profile", json={"contacts": [ann.id]})
    watcher, friend = eve.device(), bob.device()
    phone = ann.device()
    eve.send(ann, "let me in")
    phone.wait("message:new")
    phone.close()
    # What the friend hears now, the other would have heard.
    friend.wait("user:offline")
    chat = ann.send(eve, "who are you?")["chatId"]
    watcher.wait("message:new", lambda message: message["chatId"] == chat and message["seq"] == 2)
    assert watcher.all("user:online") == watcher.all("user:offline") == []
    ann.device()
    watcher.wait("user:online")


def test_a_message_reaches_every_device_once_in_order(friends) -> None:
    """All devices of both, but not the one that sent it, which has the acknowledgement."""
    ann, bob = friends
    phone, laptop, other = ann.device(), ann.device(), bob.device()
    first = phone.emit("message:send", {"to": bob.id, "body": "0", "clientId": "0"})
    for n in range(1, 15):
        phone.emit("message:send", {"chatId": first["chatId"], "body": str(n), "clientId": str(n)})
    ann.send(first["chatId"], "end")
    for device in (laptop, other, phone):
        device.wait("message:new", lambda message: message["body"] == "end")
    assert [message["seq"] for message in other.all("message:new")] == list(range(1, 17))
    assert [message["seq"] for message in laptop.all("message:new")] == list(range(1, 17))
    assert [message["seq"] for message in phone.all("message:new")] == [16]


def test_a_retry_tells_nobody_again(friends) -> None:
    """The same clientId is acknowledged with the same message, and heard once."""
    ann, bob = friends
    phone, other = ann.device(), bob.device()
    body = {"to": bob.id, "body": "once", "clientId": "k"}
    assert phone.emit("message:send", body) == phone.emit("message:send", {**body, "body": "twice"})
    ann.send(bob, "end")
    other.wait("message:new", lambda message: message["body"] == "end")
    assert [message["body"] for message in other.all("message:new")] == ["once", "end"]


def test_what_was_missed_comes_with_the_next_connection(friends) -> None:
    """Without ``after`` what no device has got; with it what this device has not."""
    ann, bob = friends
    chat = ann.send(bob, "1")["chatId"]
    ann.send(chat, "2")
    phone = bob.device()
    second = phone.wait("message:new", lambda message: message["seq"] == 2)
    assert [message["seq"] for message in phone.all("message:new")] == [1, 2]
    phone.emit("message:delivered", {"chatId": chat, "messageId": second["id"]})
    phone.close()
    bob.send(chat, "3")
    ann.send(chat, "4")
    tablet = bob.device(after={chat: 1})
    tablet.wait("message:new", lambda message: message["seq"] == 4)
    assert [message["seq"] for message in tablet.all("message:new")] == [2, 3, 4]
    other = bob.device()
    other.wait("message:new", lambda message: message["seq"] == 4)
    # The third is bob's own.
    assert [message["seq"] for message in other.all("message:new")] == [4]
    assert other.emit("message:missed", {"after": {chat: 3}}) == {"messages": 1}


def test_receipts_only_go_up(friends) -> None:
    """Reading is having got, all before it too; what changes nothing is told to nobody."""
    ann, bob = friends
    phone, other = ann.device(), bob.device()
    messages = [ann.send(bob, str(n)) for n in range(3)]
    chat = messages[0]["chatId"]

    def name(n):
        return {"chatId": chat, "messageId": messages[n]["id"]}

    other.emit("message:delivered", name(1))
    heard = phone.wait("message:delivered")
    assert heard == {**name(1), "userId": bob.id, "seq": 2}
    history = ann.ask("GET", f"/chat/{chat}")["messages"]
    assert [message["status"] for message in history] == ["sent", "delivered", "delivered"]
    other.emit("message:delivered", name(0))
    other.emit("message:read", name(1))
    other.emit("message:read", name(0))
    other.emit("message:delivered", name(1))
    other.emit("message:read", name(2))
    phone.wait("message:read", lambda said: said["seq"] == 3)
    assert [said["seq"] for said in phone.all("message:delivered")] == [2]
    assert [said["seq"] for said in phone.all("message:read")] == [2, 3]
    history = ann.ask("GET", f"/chat/{chat}")["messages"]
    assert {message["status"] for message in history} == {"read"}
    assert bob.ask("GET", "/chat")["chats"][0]["unread"] == 0


def test_who_may_acknowledge(friends, join) -> None:
    """Not the sender, no stranger, nothing that is not there."""
    ann, bob = friends
    message = ann.send(bob, "x")
    elsewhere = ann.send(join("cid"), "y")
    phone, other, stranger = ann.device(), bob.device(), join("eve").device()
    name = {"chatId": message["chatId"], "messageId": message["id"]}
    for event in ("message:delivered", "message:read"):
        phone.refused(event, name, "conflict")
        stranger.refused(event, name, "not_found")
        other.refused(event, {**name, "messageId": secrets.token_hex(12)}, "not_found")
        other.refused(event, {**name, "messageId": elsewhere["id"]}, "not_found")
        other.refused(event, {**name, "chatId": elsewhere["chatId"]}, "not_found")


def test_in_a_group_everybody_counts(join) -> None:
    """A message is read once every other member has read it."""
    ann, bob, cid = join("ann"), join("bob"), join("cid")
    group = ann.ask("POST", "/chat/group", 201, json={"name": "x", "members": [bob.id, cid.id]})["id"]
    devices = [bob.device(), cid.device()]
    message = ann.send(group, "hello")
    for device, status in zip(devices, ("sent", "read"), strict=True):
        assert device.wait("message:new")["id"] == message["id"]
        device.emit("message:read", {"chatId": group, "messageId": message["id"]})
        assert ann.ask("GET", f"/chat/{group}")["messages"][0]["status"] == status


def test_typing_is_for_the_others_and_not_too_often(friends, join) -> None:
    """A repeated start is not passed on, a stop is; strangers neither hear nor say it."""
    ann, bob = friends
    chat = ann.send(bob, "x")["chatId"]
    phone, other, stranger = ann.device(), bob.device(), join("eve").device()
    for _ in range(5):
        phone.emit("typing:start", {"chatId": chat})
    phone.emit("typing:stop", {"chatId": chat})
    other.wait("typing:stop")
    assert other.all("typing:start") == [{"chatId": chat, "userId": ann.id}]
    assert phone.all("typing:start") == stranger.all("typing:start") == []
    stranger.refused("typing:start", {"chatId": chat}, "not_found")


def test_typing_ends_by_itself(friends) -> None:
    """Five seconds after the last start the others are told that it stopped."""
    ann, bob = friends
    chat = ann.send(bob, "x")["chatId"]
    phone, other = ann.device(), bob.device()
    began = time.monotonic()
    phone.emit("typing:start", {"chatId": chat})
    other.wait("typing:stop", seconds=9)
    assert time.monotonic() - began > 3


def test_bad_events_are_answered_on_a_connection_that_stays(friends) -> None:
    """Whatever is sent, the acknowledgement says what was wrong with it."""
    ann, bob = friends
    phone = ann.device()
    for sent in (None, 5, "x", [], True):
        phone.refused("message:send", sent, "malformed")
    phone.refused("message:send", {}, "invalid")
    phone.refused("message:send", {"to": {"$ne": ""}, "body": "x", "clientId": "1"}, "invalid")
    phone.refused("message:send", {"to": bob.id, "body": "x", "clientId": "1", "senderId": bob.id}, "invalid")
    phone.refused("call:offer", {"callId": "x", "offer": "text"}, "invalid")
    phone.refused("message:read", {"chatId": ["x"], "messageId": 5}, "invalid")
    for event in ("message:new", "user:online", "nonsense", "__proto__", "*"):
        phone.refused(event, {}, "not_found")
    phone.client.emit("message:send", {"to": bob.id})
    assert phone.emit("message:send", {"to": bob.id, "body": "still here", "clientId": "1"})["body"] == "still here"


def test_a_flood_is_refused_and_the_connection_stays(friends) -> None:
    """More than fifty events a second are too many, for this connection alone."""
    ann, bob = friends
    chat = ann.send(bob, "x")["chatId"]
    phone, other = ann.device(), bob.device()
    outcomes = []
    for _ in range(150):
        phone.client.emit("typing:stop", {"chatId": chat}, callback=lambda answer: outcomes.append(answer["success"]))
    deadline = time.monotonic() + 20
    while len(outcomes) < 150 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(outcomes) == 150 and False in outcomes and True in outcomes
    assert other.emit("typing:stop", {"chatId": chat}) == {}


def test_a_frame_too_large_ends_its_connection_and_no_other(friends) -> None:
    """The protocol cannot answer it, so the connection ends; the service does not."""
    ann, bob = friends
    phone, other = ann.device(transports=["websocket"]), bob.device()
    phone.client.emit("message:send", {"to": bob.id, "body": "x" * 2_000_000, "clientId": "1"})
    deadline = time.monotonic() + 10
    while phone.client.connected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not phone.client.connected
    assert other.emit("message:send", {"to": ann.id, "body": "fine", "clientId": "1"})["body"] == "fine"


def test_polling_alone_is_enough(friends) -> None:
    """A client without WebSocket hears the same."""
    ann, bob = friends
    phone = bob.device(transports=["polling"])
    ann.send(bob, "over polling")
    assert phone.wait("message:new")["body"] == "over polling"
