"""Chats and messages, over HTTP."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_two_people_have_one_chat_however_many_begin_it(join) -> None:
    """Both write at one moment, several times; there is one chat, and its numbers have no gap."""
    ann, bob = join("ann"), join("bob")
    pairs = [(ann, bob), (bob, ann)] * 6
    with ThreadPoolExecutor(12) as pool:
        sent = list(pool.map(lambda pair: pair[0].send(pair[1], "hi"), pairs))
    assert len({message["chatId"] for message in sent}) == 1
    assert sorted(message["seq"] for message in sent) == list(range(1, 13))


def test_a_client_id_is_stored_once(join) -> None:
    """Twenty retries at once: one 201, nineteen 200, one message, and the body of the first."""
    ann, bob = join("ann"), join("bob")
    first = ann.send(bob, "begin")
    bodies = [{"chatId": first["chatId"], "body": f"try {n}", "clientId": "same"} for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda body: ann.request("POST", "/chat/send", json=body), bodies))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    messages = [answer.json()["data"] for answer in answers]
    assert len({(message["id"], message["body"]) for message in messages}) == 1
    history = ann.ask("GET", f"/chat/{first['chatId']}")["messages"]
    assert [message["seq"] for message in history] == [2, 1]
    # Another sender's names are their own.
    assert bob.send(first["chatId"], "mine", clientId="same")["seq"] == 3


def test_history_is_walked_without_gaps_while_people_write(join) -> None:
    """Pages hold each message once, newest first, though more arrive meanwhile."""
    ann, bob = join("ann"), join("bob")
    chat = ann.send(bob, "0")["chatId"]
    for n in range(1, 25):
        (ann if n % 2 else bob).send(chat, str(n))
    seen, before = [], None
    while True:
        page = bob.ask("GET", f"/chat/{chat}", params={"limit": 4} | ({"before": before} if before else {}))
        seen += page["messages"]
        before = page["next"]
        if not before:
            break
        ann.send(chat, "later")
    assert [message["body"] for message in seen] == [str(n) for n in reversed(range(25))]
    assert ann.ask("GET", f"/chat/{chat}", params={"limit": 100})["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=1e2", "before=x", "before=YQ"])
def test_a_wrong_query_is_named(join, query) -> None:
    """Limits and cursors are checked."""
    ann, bob = join("ann"), join("bob")
    chat = ann.send(bob, "x")["chatId"]
    error = ann.refused("GET", f"/chat/{chat}?{query}", 422, "invalid")
    assert list(error["details"]) == [query.partition("=")[0]]


def test_a_chat_does_not_exist_for_strangers(join) -> None:
    """Reading and sending are the same 404 as for a chat that is not there."""
    ann, bob, eve = join("ann"), join("bob"), join("eve")
    chat = ann.send(bob, "secret")["chatId"]
    for target in (chat, secrets.token_hex(12), "no.id", "x" * 300):
        one = eve.request("GET", f"/chat/{target}")
        assert (one.status_code, one.json()["error"]["code"]) == (404, "not_found")
    for target in (chat, secrets.token_hex(12)):
        body = {"chatId": target, "body": "x", "clientId": "1"}
        eve.refused("POST", "/chat/send", 404, "not_found", json=body)
    assert eve.ask("GET", "/chat") == {"chats": []}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": ""}, "body"),
        ({"body": " \n"}, "body"),
        ({"body": "x" * 4001}, "body"),
        ({"body": 5}, "body"),
        ({"body": "nul\0"}, "body"),
        ({"clientId": ""}, "clientId"),
        ({"clientId": "x" * 65}, "clientId"),
        ({"clientId": None}, "clientId"),
        ({"chatId": "x"}, "to"),
        ({"to": None}, "to"),
        ({"mediaId": "x y"}, "mediaId"),
        ({"mediaId": "nothing"}, "mediaId"),
        ({"senderId": "somebody"}, "senderId"),
        ({"seq": 1}, "seq"),
    ],
)
def test_a_wrong_message_is_named(join, change, field) -> None:
    """A 422 names the field."""
    ann, bob = join("ann"), join("bob")
    body = {"to": bob.id, "body": "x", "clientId": "1"}
    error = ann.refused("POST", "/chat/send", 422, "invalid", json={**body, **change})
    assert field in error["details"]


def test_whom_one_cannot_write_to(join) -> None:
    """To oneself is a 422, to nobody a 404."""
    ann = join("ann")
    ann.refused("POST", "/chat/send", 422, "invalid", json={"to": ann.id, "body": "x", "clientId": "1"})
    nobody = {"to": secrets.token_hex(12), "body": "x", "clientId": "1"}
    ann.refused("POST", "/chat/send", 404, "not_found", json=nobody)


def test_texts_stay_as_they_are(join) -> None:
    """Nothing is escaped, trimmed or run."""
    ann, bob = join("ann"), join("bob")
    said = "  <script>alert(1)</script> {{7*7}} %s $where ' \" 日本 🙂\r\n "
    chat = ann.send(bob, said)["chatId"]
    assert bob.ask("GET", f"/chat/{chat}")["messages"][0]["body"] == said


def test_groups(join) -> None:
    """The maker is a member and the admin; each member once; everybody reads and writes; strangers do not."""
    ann, bob, cid, eve = join("ann"), join("bob"), join("cid"), join("eve")
    group = ann.ask("POST", "/chat/group", 201, json={"name": " Crew ", "members": [bob.id, cid.id, bob.id, ann.id]})
    assert (group["kind"], group["name"], group["admin"]) == ("group", " Crew ", ann.id)
    assert sorted(member["userId"] for member in group["members"]) == sorted([ann.id, bob.id, cid.id])
    for person in (ann, bob, cid):
        person.send(group["id"], person.username)
    assert len(cid.ask("GET", f"/chat/{group['id']}")["messages"]) == 3
    eve.refused("GET", f"/chat/{group['id']}", 404, "not_found")
    for members in ([], ["nobody"], [bob.id, secrets.token_hex(12)], [ann.id], "x", [5], [bob.id] * 100):
        ann.refused("POST", "/chat/group", 422, "invalid", json={"name": "x", "members": members})
    ann.refused("POST", "/chat/group", 422, "invalid", json={"name": " ", "members": [bob.id]})


def test_the_list_of_chats_counts_what_is_unread(join) -> None:
    """The latest chat first, with its last message and what others wrote since one has read."""
    ann, bob, cid = join("ann"), join("bob"), join("cid")
    first = ann.send(bob, "1")["chatId"]
    second = cid.send(bob, "2")["chatId"]
    ann.send(first, "3")
    chats = bob.ask("GET", "/chat")["chats"]
    assert [(chat["id"], chat["unread"], chat["lastMessage"]["body"]) for chat in chats] == [
        (first, 2, "3"),
        (second, 1, "2"),
    ]
    bob.send(second, "4")
    assert [(chat["id"], chat["unread"]) for chat in bob.ask("GET", "/chat")["chats"]] == [(second, 1), (first, 2)]


def test_sending_too_fast_is_a_429_that_says_when(join) -> None:
    """Bursts end, with Retry-After, and nothing of what was refused is stored."""
    ann, bob = join("ann"), join("bob")
    chat = ann.send(bob, "0")["chatId"]
    with ThreadPoolExecutor(8) as pool:
        bodies = [{"chatId": chat, "body": str(n), "clientId": str(n)} for n in range(60)]
        answers = list(pool.map(lambda body: ann.request("POST", "/chat/send", json=body), bodies))
    refused = [answer for answer in answers if answer.status_code == 429]
    stored = [answer for answer in answers if answer.status_code == 201]
    assert refused and len(refused) + len(stored) == 60
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert len(bob.ask("GET", f"/chat/{chat}", params={"limit": 100})["messages"]) == len(stored) + 1
