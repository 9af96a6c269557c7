"""nginx.conf as it is, but for its addresses, in front of two instances."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from front import Front, find_nginx, in_front
from stage import Stage, staged


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Two instances of this module alone: one of them is killed."""
    if find_nginx() is None:
        pytest.skip("there is no nginx: apt-get install nginx")
    with staged(TRUSTED_PROXIES="1") as stage:
        stage.web()
        stage.web()
        yield stage


@pytest.fixture(scope="module")
def front(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One nginx before both."""
    with in_front([instance.url for instance in stage.running], tmp_path_factory.mktemp("nginx")) as front:
        yield front


def test_the_story_through_nginx(front: Front, join) -> None:
    """Routes, WebSocket and polling alike."""
    ann, bob = join("ann", front.url), join("bob", front.url)
    for transport in ("websocket", "polling"):
        device = bob.device(transports=[transport])
        sent = ann.send(bob, transport)
        assert device.wait("message:new", lambda message, m=sent: message["id"] == m["id"])
    file = ann.ask("POST", "/media/upload", 201, files={"file": ("a.gif", b"GIF89a" + b"x" * 3_000_000, "image/gif")})
    assert len(ann.http.get(front.url + file["url"]).content) == file["size"]
    refused = ann.request(
        "POST", "/media/upload", files={"file": ("a.gif", b"GIF89a" + b"x" * 12_000_000, "image/gif")}
    )
    assert refused.status_code == 413


def test_an_address_cannot_be_made_up(front: Front) -> None:
    """Whatever a client says of its address, the limit for one address holds."""
    statuses = set()
    for n in range(25):
        sent = {"json": {"email": "no@no.no", "password": "x" * 10}, "headers": {"X-Forwarded-For": f"10.0.0.{n}"}}
        statuses.add(httpx.post(f"{front.url}/api/v1/auth/login", **sent).status_code)
    assert statuses == {401, 429}


def test_one_instance_is_enough(stage: Stage, front: Front) -> None:
    """With one instance killed, requests are answered by the other."""
    stage.running[0].kill()
    deadline = time.monotonic() + 15
    answered = 0
    while answered < 20:
        answered = answered + 1 if httpx.get(f"{front.url}/healthz").status_code == 200 else 0
        assert time.monotonic() < deadline


def test_the_log_has_no_session_in_it(front: Front) -> None:
    """Paths without their queries."""
    text = front.log.read_text()
    assert "/socket.io/" in text
    assert "sid=" not in text and "token" not in text
