"""Calls: who may say what in which state, and what becomes of them."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

OFFER = {"type": "offer", "sdp": "v=0\r\n<b>as it is</b>", "deep": [1, {"x": None}]}
ANSWER = {"type": "answer", "sdp": "v=0"}
CANDIDATE = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}


@pytest.fixture
def call(join):
    """A call that rings: caller, callee, their devices, its id."""
    ann, bob = join("ann"), join("bob")
    phones = ann.device(), bob.device()
    started = ann.ask("POST", "/call/start", 201, json={"to": bob.id, "kind": "video"})
    assert (started["state"], started["callerId"], started["calleeId"]) == ("ringing", ann.id, bob.id)
    return ann, bob, *phones, started["id"]


def test_a_call_from_ring_to_end(call) -> None:
    """Offer, answer and candidates arrive untouched; the end reaches both with its duration."""
    ann, bob, caller, callee, call_id = call
    tablet = bob.device()
    caller.emit("call:offer", {"callId": call_id, "offer": OFFER})
    heard = callee.wait("call:offer")
    assert (heard["offer"], heard["from"], heard["callId"]) == (OFFER, ann.id, call_id)
    caller.emit("call:ice", {"callId": call_id, "candidate": CANDIDATE})
    assert callee.wait("call:ice")["candidate"] == CANDIDATE
    callee.emit("call:answer", {"callId": call_id, "answer": ANSWER})
    assert caller.wait("call:answer")["answer"] == ANSWER
    assert tablet.wait("call:taken") == {"callId": call_id}
    callee.emit("call:ice", {"callId": call_id, "candidate": CANDIDATE})
    assert caller.wait("call:ice")["from"] == bob.id
    ended = callee.emit("call:end", {"callId": call_id})
    assert (ended["state"], ended["reason"]) == ("ended", "hung_up")
    for device in (caller, callee, tablet):
        assert device.wait("call:end") == {"callId": call_id, "reason": "hung_up", "duration": ended["duration"]}
    assert ann.ask("POST", "/call/end", json={"callId": call_id}) == ended
    assert bob.ask("GET", f"/call/{call_id}") == ended
    assert len(caller.all("call:end")) == 1
    assert callee.all("call:taken") == []


def test_nothing_is_relayed_out_of_order_or_by_the_wrong_side(call) -> None:
    """Each refusal has its code, and the other side hears nothing of it."""
    _, _, caller, callee, call_id = call
    callee.refused("call:answer", {"callId": call_id, "answer": ANSWER}, "conflict")
    caller.refused("call:ice", {"callId": call_id, "candidate": CANDIDATE}, "conflict")
    callee.refused("call:offer", {"callId": call_id, "offer": OFFER}, "forbidden")
    caller.refused("call:answer", {"callId": call_id, "answer": ANSWER}, "forbidden")
    caller.emit("call:end", {"callId": call_id})
    for device, event, what in (
        (caller, "call:offer", {"offer": OFFER}),
        (callee, "call:answer", {"answer": ANSWER}),
        (caller, "call:ice", {"candidate": CANDIDATE}),
    ):
        device.refused(event, {"callId": call_id, **what}, "conflict")
    callee.wait("call:end", lambda said: said["reason"] == "cancelled")
    for event in ("call:offer", "call:answer", "call:ice"):
        assert caller.all(event) == callee.all(event) == []


def test_a_third_person_can_neither_see_nor_say(call, join) -> None:
    """For them the call does not exist, by event and by route."""
    _, _, caller, callee, call_id = call
    eve = join("eve")
    stranger = eve.device()
    caller.emit("call:offer", {"callId": call_id, "offer": OFFER})
    for event, what in (
        ("call:offer", {"offer": OFFER}),
        ("call:answer", {"answer": ANSWER}),
        ("call:ice", {"candidate": CANDIDATE}),
        ("call:end", {}),
    ):
        stranger.refused(event, {"callId": call_id, **what}, "not_found")
    eve.refused("POST", "/call/end", 404, "not_found", json={"callId": call_id})
    eve.refused("GET", f"/call/{call_id}", 404, "not_found")
    callee.emit("call:answer", {"callId": call_id, "answer": ANSWER})
    caller.wait("call:answer")
    assert [event for event, _ in stranger.heard if event.startswith("call:")] == []


def test_one_call_a_person(call, join) -> None:
    """Whoever is in a call is busy, from either side, until it has ended."""
    ann, bob, _, _, call_id = call
    cid = join("cid")
    for caller, other in ((cid, ann), (cid, bob), (bob, cid), (bob, ann)):
        caller.refused("POST", "/call/start", 409, "busy", json={"to": other.id, "kind": "audio"})
    ended = bob.ask("POST", "/call/end", json={"callId": call_id})
    assert ended["reason"] == "declined"
    assert cid.ask("POST", "/call/start", 201, json={"to": ann.id, "kind": "audio"})["state"] == "ringing"


def test_of_many_calls_at_once_one_rings(join) -> None:
    """Six people call one at the same moment: one 201, five 409."""
    bob = join("bob")
    callers = [join(f"c{n}") for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        body = {"to": bob.id, "kind": "audio"}
        answers = list(pool.map(lambda one: one.request("POST", "/call/start", json=body).status_code, callers))
    assert sorted(answers) == [201] + [409] * 5


def test_whom_one_cannot_call(join) -> None:
    """Oneself, nobody, and in no other kind."""
    ann, bob = join("ann"), join("bob")
    ann.refused("POST", "/call/start", 422, "invalid", json={"to": ann.id, "kind": "audio"})
    ann.refused("POST", "/call/start", 404, "not_found", json={"to": secrets.token_hex(12), "kind": "audio"})
    ann.refused("POST", "/call/start", 422, "invalid", json={"to": bob.id, "kind": "smell"})
    ann.refused("POST", "/call/end", 404, "not_found", json={"callId": secrets.token_hex(12)})


def test_a_call_ends_when_one_side_is_gone(call) -> None:
    """Ten seconds after the last connection of a side, as lost; both may call again."""
    ann, bob, caller, callee, call_id = call
    caller.emit("call:offer", {"callId": call_id, "offer": OFFER})
    callee.emit("call:answer", {"callId": call_id, "answer": ANSWER})
    callee.close()
    assert caller.wait("call:end", seconds=20)["reason"] == "lost"
    assert ann.ask("POST", "/call/start", 201, json={"to": bob.id, "kind": "audio"})["state"] == "ringing"


def test_a_call_nobody_answers_is_missed(call) -> None:
    """Thirty seconds after it began, and the callee has a notification of it."""
    _, bob, caller, callee, call_id = call
    assert caller.wait("call:end", seconds=45) == {"callId": call_id, "reason": "missed", "duration": 0}
    told = callee.wait("notification:new", lambda said: said["notification"]["kind"] == "missed_call")
    assert told["notification"]["data"]["callId"] == call_id
    assert bob.ask("GET", "/notification")["unread"] == 1
