"""nginx.conf as it is, but for its addresses, in front of two instances."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from stage import CAPSTONE, Stage, free_port, staged

CONF = CAPSTONE / "deploy" / "nginx.conf"


@dataclass
class Front:
    """A running nginx, and what is behind it."""

    url: str
    stage: Stage
    log: Path


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Two instances behind nginx, on ports of this machine."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not binary:
        pytest.skip("there is no nginx: apt-get install nginx")
    folder = tmp_path_factory.mktemp("nginx")
    with staged(TRUSTED_PROXIES="1") as stage:
        one, other = stage.web(), stage.web()
        port = free_port()
        text = CONF.read_text()
        for old, new in (
            ("app-1:8000", one.url.removeprefix("http://")),
            ("app-2:8000", other.url.removeprefix("http://")),
            ("listen 8080", f"listen 127.0.0.1:{port}"),
            ("/tmp/nginx.pid", f"{folder}/pid"),
            ("access_log /dev/stdout", f"access_log {folder}/access.log"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        (folder / "nginx.conf").write_text(text.replace("http {\n", "http {\n" + paths, 1))
        words = [binary, "-e", f"{folder}/error.log", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
        checked = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        process = subprocess.Popen([*words, "-g", "daemon off;"])
        try:
            deadline = time.monotonic() + 10
            while socket.socket().connect_ex(("127.0.0.1", port)):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield Front(f"http://127.0.0.1:{port}", stage, folder / "access.log")
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def stage(front: Front) -> Stage:
    """The databases behind it."""
    return front.stage


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


def test_one_instance_is_enough(front: Front) -> None:
    """With one instance killed, requests are answered by the other."""
    front.stage.running[0].kill()
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
