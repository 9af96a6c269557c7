"""The whole story once, as a person would live it."""

from __future__ import annotations


def test_two_people_meet_and_talk(join) -> None:
    """From the first message to a read receipt, over routes and events."""
    ann, bob = join("ann"), join("bob")
    phone = bob.device()
    message = ann.send(bob, "hello")
    assert message["seq"] == 1
    heard = phone.wait("message:new")
    assert heard["body"] == "hello"
    assert phone.wait("chat:new")["id"] == message["chatId"]
    laptop = ann.device()
    phone.emit("message:read", {"chatId": message["chatId"], "messageId": message["id"]})
    assert laptop.wait("message:read")["userId"] == bob.id
    answer = phone.emit("message:send", {"chatId": message["chatId"], "body": "hi", "clientId": "1"})
    assert laptop.wait("message:new", lambda m: m["seq"] == 2)["id"] == answer["id"]
    page = ann.ask("GET", f"/chat/{message['chatId']}")
    assert [m["body"] for m in page["messages"]] == ["hi", "hello"]
    assert page["messages"][1]["status"] == "read"
    assert page["next"] is None
