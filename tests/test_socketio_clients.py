"""The judge's Socket.IO client beside the official JavaScript one: the same stories, word for word."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import jwt
import pytest

from grader.checker.socket_client import SocketClient
from grader.checker.sockets import Sockets
from grader.checker.transcript import Transcript
from grader.checker.world import World
from grader.course import Course
from grader.grading import collect
from grader.grading.submission import copy
from grader.sandbox import Running
from grader.services.server import free_port
from tests.conftest import REPOSITORY

SECRET = "a secret of thirty-two characters or more"


class Server:
    """A reference, started the way its Procfile says, on a port of this machine."""

    def __init__(self, exercise_id: str, folder: Path) -> None:
        course = Course(REPOSITORY)
        exercise = course.exercise(exercise_id)
        copy(collect(exercise, *course.reference(exercise).layers), folder)
        self._settings = {"DATABASE_URL": f"sqlite:///{folder}/notes.db", "SECRET_KEY": SECRET}
        self._folder = folder
        if (folder / "migrations").is_dir():
            self._flask("db", "upgrade").wait()
        self.port = free_port()
        self._process = self._flask("run", "--port", str(self.port))

    def _flask(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-B", "-m", "flask", "--app", "app", *words],
            cwd=self._folder,
            env=os.environ | self._settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, seconds: float) -> None:
        """It does not end by itself."""

    def health(self) -> int:
        """How many clients the study room says are connected."""
        return int(httpx.get(f"{self.url}/health", trust_env=False).json()["connections"])

    def wait_until_ready(self) -> None:
        """Poll until it answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(self.url, trust_env=False)
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
def serve(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    """Starts the reference of an exercise, which nobody has connected to."""
    servers: list[Server] = []

    def start(exercise_id: str) -> Server:
        folder = tmp_path / exercise_id
        folder.mkdir()
        servers.append(Server(exercise_id, folder))
        servers[-1].wait_until_ready()
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the official client in it; skips where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no Node.js on this machine")
    folder = tmp_path_factory.mktemp("official")
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
    for script in (REPOSITORY / "tests" / "data").glob("*.js"):
        shutil.copy(script, folder)
    return folder


def told_by(official: Path, script: str, *words: str) -> list[Any]:
    """The story as the official client tells it."""
    done = subprocess.run(
        ["node", script, *words], cwd=official, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    story: list[Any] = json.loads(done.stdout)
    return story


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


def test_the_official_client_tells_the_same_story(official: Path, serve: Callable[[str], Server]) -> None:
    """Events, acknowledgements, errors, namespaces and transports are for both clients what they are for the other."""
    server = serve("socketio-events-acks")
    theirs = told_by(official, "study_room.js", server.url)
    sockets = Sockets(cast("World", None), Transcript())
    try:
        ours = tell(sockets, server)
    finally:
        sockets.close()
    assert ours == theirs
    assert ours[0] is True and ours[-1] == [[], []]


def live(sockets: Sockets, server: Server) -> list[Any]:
    """The story of live_notes.js, lived by the clients that checks get."""
    running = cast("Running", server)
    http = httpx.Client(base_url=server.url, trust_env=False)

    def newcomer(name: str) -> str:
        account = {"email": f"{name}@py.example", "password": f"the password of {name}"}
        http.post("/auth/register", json=account)
        return str(http.post("/auth/login", json=account).json()["access_token"])

    def ask(method: str, path: str, token: str, body: dict[str, str] | None = None) -> Any:
        answer = http.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
        return answer.json() if answer.content else None

    def connect(token: str, transport: str, **more: int) -> SocketClient:
        return sockets.connect(auth={"token": token, **more}, transports=(transport,), running=running)

    ann, bob = newcomer("ann"), newcomer("bob")
    story: list[Any] = []
    for auth in ({}, {"token": 7}, {"token": f"{ann}x"}):
        for transport in ("polling", "websocket"):
            refusal = sockets.refused(auth=auth, transports=(transport,), running=running)
            story.append([refusal["message"].strip() != "", refusal["data"]])
    laptop, phone = connect(ann, "websocket", tab=1), connect(ann, "polling")
    stranger = connect(bob, "websocket")
    made = ask("POST", "/notes", ann, {"title": "Grüße, 日本 🙂"})
    replaced = ask("PUT", f"/notes/{made['id']}", ann, {"title": "later", "content": "psst"})
    ask("DELETE", f"/notes/{made['id']}", ann)
    own = ask("POST", "/notes", bob, {"title": "mine"})
    told = [("note:created", made), ("note:updated", replaced), ("note:deleted", {"id": made["id"]})]
    for client in (laptop, phone):
        story += [client.expect(event) == data for event, data in told]
    story.append(stranger.expect("note:created") == own)
    claims = jwt.decode(ann, SECRET, algorithms=["HS256"]) | {"exp": int(time.time()) + 2}
    brief = connect(jwt.encode(claims, SECRET, "HS256"), "websocket")
    brief.disconnected(within=10)
    story.append("io server disconnect")
    ask("POST", "/notes", ann, {"title": "still here"})
    story += [client.expect("note:created")["title"] for client in (laptop, phone)]
    # Each of Ann's was given four events above, Bob one; what is left over is one too many.
    story.append([len(c.received()) - given for c, given in ((laptop, 4), (phone, 4), (stranger, 1), (brief, 0))])
    return story


def test_the_official_client_hears_the_same_notes(official: Path, serve: Callable[[str], Server]) -> None:
    """By its token each client is let in, kept out, told of its own notes and nobody else's, and disconnected."""
    server = serve("socketio-jwt-notify")
    theirs = told_by(official, "live_notes.js", server.url, SECRET)
    sockets = Sockets(cast("World", None), Transcript())
    try:
        ours = live(sockets, server)
    finally:
        sockets.close()
    assert ours == theirs
    assert ours == [[True, {"status": 401}]] * 6 + [True] * 7 + ["io server disconnect"] + ["still here"] * 2 + [
        [0] * 4
    ]
