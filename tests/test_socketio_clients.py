"""The judge's Socket.IO client beside the official JavaScript one: the same story, word for word."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from grader.checker.sockets import Sockets
from grader.checker.transcript import Transcript
from grader.checker.world import World
from grader.sandbox import Running
from grader.services.server import free_port
from tests.conftest import REPOSITORY

REFERENCE = REPOSITORY / "solutions" / "07-realtime" / "socketio-events-acks" / "reference"


class Server:
    """The reference, started the way its Procfile says, on a port of this machine."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-B", "-m", "flask", "--app", "app", "run", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, cwd=REFERENCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def wait(self, seconds: float) -> None:
        """It does not end by itself."""

    def health(self) -> int:
        """How many clients it says are connected."""
        return int(httpx.get(f"http://127.0.0.1:{self.port}/health", trust_env=False).json()["connections"])

    def wait_until_ready(self) -> None:
        """Poll until it answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.health()
            except httpx.TransportError:
                assert time.monotonic() < deadline and self._process.poll() is None, "the reference does not start"
                time.sleep(0.02)
            else:
                return

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    """A reference that nobody has connected to."""
    server = Server()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A folder with the official client in it; skips where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no Node.js on this machine")
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}')
    quick = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0", "--fetch-timeout=20000"]
    command = [npm, "install", *quick, "--cache", str(folder / "cache"), "socket.io-client@4"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=os.environ | {"TMPDIR": str(folder)},
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not answer")
    if done.returncode:
        pytest.skip(f"socket.io-client cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    shutil.copy(REPOSITORY / "tests" / "data" / "study_room.js", folder)
    return folder


def tell(sockets: Sockets, server: Server) -> list[Any]:
    """The story of study_room.js, told by the clients that checks get."""
    running = cast("Running", server)

    def connect(namespace: str, *transports: str) -> Any:
        return sockets.connect(namespace, transports=transports, running=running)

    ann, ben = connect("/", "websocket"), connect("/", "polling")
    everyone = (ann, ben)
    name, other = (client.expect("welcome")["name"] for client in everyone)
    story: list[Any] = [name != other, server.health()]
    story.append(ann.call("say", {"text": "Grüße, 日本 🙂"}))
    for client in everyone:
        heard = client.expect("said")
        story.append([heard["from"] == name, heard["text"]])
    story.append(ann.call("rename", {"name": "Zoë"}))
    renamed = ben.expect("renamed")
    story.append([renamed["from"] == name, renamed["to"]])
    story.append(ben.call("whisper", {"to": "Zoë", "text": "psst"}))
    story.append(ann.expect("whispered")["text"])
    story += [ben.call("say", *payload)["ok"] for payload in ((), (None,), ("text",), ({"text": 5},))]
    ben.emit("nobody knows this", {"text": "?"})
    story += [client.call("stats")["said"] for client in everyone]
    corner = connect("/quiz", "polling", "websocket")
    question = corner.call("ask")["question"]
    story.append(corner.call("answer", {"value": sum(map(int, question.split(" + ")))}))
    story.append(corner.expect("solved")["question"] == question)
    story += [corner.call("answer", {"value": 1})["ok"], server.health()]
    cleo = connect("/", "polling", "websocket")
    story += [cleo.transport, cleo.call("say", {"text": "up"})["ok"]]
    story += [client.expect("said")["text"] for client in everyone]
    for client in (ann, ben, cleo):
        client.disconnect()
    deadline = time.monotonic() + 10
    while server.health() and time.monotonic() < deadline:
        time.sleep(0.01)
    # Each was given four events above; what is left over is one too many.
    story.append([[each for each, _ in client.received()][4:] for client in everyone])
    return story


def test_the_official_client_tells_the_same_story(official: Path, server: Server) -> None:
    """Events, acknowledgements, errors, namespaces and transports are for both clients what they are for the other."""
    url = f"http://127.0.0.1:{server.port}"
    done = subprocess.run(
        ["node", "study_room.js", url], cwd=official, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    sockets = Sockets(cast("World", None), Transcript())
    try:
        ours = tell(sockets, server)
    finally:
        sockets.close()
    assert ours == theirs
    assert ours[0] is True and ours[-1] == [[], []]
