"""Who may do what: each route and each event, for a stranger and for somebody whose login has ended."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from stage import Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PUBLIC = {"/auth/register", "/auth/login", "/auth/refresh"}
# What a stranger asks for with the ids of others, and the answer; None where there is nothing of others to ask for.
ROUTES: dict[tuple[str, str], tuple[dict[str, Any], int] | None] = {
    ("POST", "/auth/logout"): None,
    ("GET", "/user/me"): None,
    ("PUT", "/user/profile"): ({"json": {"avatarId": "{file}"}}, 422),
    ("GET", "/user/{username}"): ({}, 200),
    ("GET", "/user"): ({"params": {"ids": "{ann}"}}, 200),
    ("GET", "/chat"): ({}, 200),
    ("POST", "/chat/send"): ({"json": {"chatId": "{chat}", "body": "let me in", "clientId": "1"}}, 404),
    ("GET", "/chat/{chat}"): ({}, 404),
    ("POST", "/chat/group"): ({"json": {"name": "mine", "members": ["{nobody}"]}}, 422),
    ("POST", "/call/start"): ({"json": {"to": "{bob}", "kind": "audio"}}, 409),
    ("POST", "/call/end"): ({"json": {"callId": "{call}"}}, 404),
    ("GET", "/call/{call}"): ({}, 404),
    ("POST", "/status"): ({"json": {"mediaId": "{file}"}}, 422),
    ("GET", "/status"): ({}, 200),
    ("POST", "/media/upload"): None,
    ("GET", "/media/{file}"): ({}, 404),
    ("GET", "/media/{file}/thumbnail"): ({}, 404),
    ("GET", "/notification"): ({}, 200),
    ("POST", "/notification/read"): ({"json": {"ids": ["{notification}"]}}, 200),
}
# What a stranger says with the ids of others, and the code of the refusal; none where there is nothing to refuse.
EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "message:send": ({"chatId": "{chat}", "body": "let me in", "clientId": "1"}, "not_found"),
    "message:missed": ({"after": {"{chat}": 0}}, ""),
    "message:delivered": ({"chatId": "{chat}", "messageId": "{message}"}, "not_found"),
    "message:read": ({"chatId": "{chat}", "messageId": "{message}"}, "not_found"),
    "typing:start": ({"chatId": "{chat}"}, "not_found"),
    "typing:stop": ({"chatId": "{chat}"}, "not_found"),
    "user:presence": ({"userIds": ["{ann}", "{bob}"]}, ""),
    "call:offer": ({"callId": "{call}", "offer": {}}, "not_found"),
    "call:answer": ({"callId": "{call}", "answer": {}}, "not_found"),
    "call:ice": ({"callId": "{call}", "candidate": {}}, "not_found"),
    "call:end": ({"callId": "{call}"}, "not_found"),
    "status:view": ({"statusId": "{status}"}, "not_found"),
}


@dataclass
class Scene:
    """Two friends with something of everything, and somebody who knows all its ids."""

    ann: Any
    bob: Any
    eve: Any
    ids: dict[str, str]

    def of(self, value: Any) -> Any:
        """The same with ids for their names."""
        if isinstance(value, str):
            return value.format(**self.ids)
        if isinstance(value, dict):
            return {self.of(key): self.of(one) for key, one in value.items()}
        return [self.of(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def scene(stage: Stage, joined) -> Scene:
    """Made once: nothing of what follows may change it."""
    ann, bob, eve = joined("ann"), joined("bob"), joined("eve")
    ann.ask("PUT", "/user/profile", json={"contacts": [bob.id]})
    bob.ask("PUT", "/user/profile", json={"contacts": [ann.id]})
    file = ann.ask("POST", "/media/upload", 201, files={"file": ("a.png", PNG, "image/png")})
    message = ann.send(bob, "between us", mediaId=file["id"])
    status = ann.ask("POST", "/status", 201, json={"body": "for friends", "mediaId": file["id"]})
    deadline = time.monotonic() + 20
    while not (found := bob.ask("GET", "/notification")["notifications"]):
        assert time.monotonic() < deadline, "a notification"
        time.sleep(0.05)
    ids = {"ann": ann.id, "bob": bob.id, "username": ann.username, "chat": message["chatId"], "message": message["id"]}
    ids |= {"file": file["id"], "status": status["id"], "notification": found[0]["id"], "nobody": "0" * 24}
    for one in (ann, bob):
        one.device()
    ids["call"] = ann.ask("POST", "/call/start", 201, json={"to": bob.id, "kind": "audio"})["id"]
    # Nobody answers a call for thirty seconds, and it ends in the middle of a test.
    ann.devices[0].emit("call:offer", {"callId": ids["call"], "offer": {"type": "offer", "sdp": "o"}})
    bob.devices[0].wait("call:offer")
    bob.devices[0].emit("call:answer", {"callId": ids["call"], "answer": {"type": "answer", "sdp": "a"}})
    ann.devices[0].wait("call:answer")
    return Scene(ann, bob, eve, ids)


def test_the_tables_are_whole(stage: Stage) -> None:
    """What the documents of the service name, and nothing else."""
    url = stage.running[0].url
    paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in paths.items()
        for method in methods
        if method != "parameters"
    }
    plain = {(method, path.partition("{")[0], path.rpartition("}")[2]) for method, path in routes}
    assert {(m, p.partition("{")[0], p.rpartition("}")[2]) for m, p in ROUTES} == {
        one for one in plain if one[1] not in PUBLIC
    }
    operations = httpx.get(f"{url}/asyncapi.json").json()["operations"]
    received = {name.removeprefix("receive.").replace(".", ":") for name in operations if name.startswith("receive.")}
    assert received == EVENTS.keys()


@pytest.mark.parametrize("route", [route for route, asked in ROUTES.items() if asked], ids=" ".join)
def test_a_route_shows_a_stranger_nothing_of_others(scene: Scene, route: tuple[str, str]) -> None:
    """A refusal is that of something that is not there; an answer has nothing private of others in it."""
    method, path = route
    asked = ROUTES[route]
    assert asked
    sent, status = asked
    answer = scene.eve.request(method, scene.of(path), **scene.of(sent))
    assert answer.status_code == status, answer.text
    for private in ("between us", "for friends", scene.ann.email, scene.ids["notification"], scene.ids["chat"]):
        assert private not in answer.text
    nothing = dict.fromkeys(scene.ids, "0" * 24)
    if status == 404:
        stranger = Scene(scene.ann, scene.bob, scene.eve, nothing)
        there_is_none = scene.eve.request(method, stranger.of(path), **stranger.of(sent))
        assert there_is_none.status_code == status
        if answer.content:
            assert there_is_none.json()["error"]["message"] == answer.json()["error"]["message"]


def nobody_else_heard(scene: Scene, listening: list[Any], before: list[int]) -> None:
    """Nothing came to them since, but a message that comes after whatever should not have come."""
    mark = secrets.token_hex(4)
    scene.bob.send(scene.ids["chat"], mark)
    for one, count in zip(listening, before, strict=True):
        one.wait("message:new", lambda heard: heard["body"] == mark)
        assert {name for name, _ in one.heard[count:]} <= {"message:new", "notification:new"}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_of_a_stranger_changes_nothing(scene: Scene, event: str) -> None:
    """It is refused as for something that is not there, and nobody else hears of it."""
    sent, code = EVENTS[event]
    device = scene.eve.device()
    listening = [scene.ann.devices[0], scene.bob.devices[0]]
    before = [len(one.heard) for one in listening]
    if code:
        device.refused(event, scene.of(sent), code)
    else:
        told = device.emit(event, scene.of(sent))
        assert not told or not any(told.values()), told
    assert [message for message in device.all("message:new") if message["chatId"] == scene.ids["chat"]] == []
    nobody_else_heard(scene, listening, before)
    device.close()


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_login_that_has_ended_opens_no_route(scene: Scene, gone, route: tuple[str, str]) -> None:
    """Its token is not old yet, and a 401 all the same."""
    method, path = route
    sent = (ROUTES[route] or ({"json": {}},))[0]
    answer = gone.request(method, scene.of(path), **scene.of(sent))
    assert answer.status_code == 401
    if answer.content:
        assert answer.json()["error"]["code"] == "unauthorized"


@pytest.fixture(scope="module")
def gone(joined) -> Any:
    """Somebody who has logged out and kept the token."""
    person = joined("gone")
    assert person.request("POST", "/auth/logout", json={"refreshToken": person.refresh_token}).status_code == 204
    return person


@pytest.fixture(scope="module")
def hung_up(scene: Scene, joined) -> tuple[httpx.Client, str]:
    """A client that does not care that its connection is over, and the address of its session."""
    cat = joined("cat")
    http = httpx.Client(timeout=10)
    opened = http.get(f"{cat.url}/socket.io/?EIO=4&transport=polling")
    address = f"{cat.url}/socket.io/?EIO=4&transport=polling&sid={json.loads(opened.text[1:])['sid']}"
    assert http.post(address, content="40" + json.dumps({"token": cat.token})).status_code == 200
    heard = http.get(address).text
    assert heard.startswith("40"), heard
    assert cat.request("POST", "/auth/logout", json={"refreshToken": cat.refresh_token}).status_code == 204
    while "session:end" not in heard:
        answer = http.get(address)
        assert answer.status_code == 200, answer.text
        heard = answer.text
    return http, address


@pytest.mark.parametrize("event", EVENTS)
def test_a_login_that_has_ended_says_nothing_more(scene: Scene, hung_up, event: str) -> None:
    """Whatever it sends by the connection it had is neither acknowledged nor done."""
    http, address = hung_up
    sent, _ = EVENTS[event]
    listening = [scene.ann.devices[0], scene.bob.devices[0]]
    before = [len(one.heard) for one in listening]
    with contextlib.suppress(httpx.ReadTimeout):  # Silence is an answer, too.
        answer = http.post(address, content="427" + json.dumps([event, scene.of(sent)]))
        if answer.status_code == 200:
            assert "437" not in http.get(address, timeout=1).text
    nobody_else_heard(scene, listening, before)
