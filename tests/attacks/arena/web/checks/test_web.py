# mypy: ignore-errors
"""Two pieces of honest work, and two that only a program that has broken out can do."""

import json
import secrets
import socket
from pathlib import Path

import pytest

BAIT = Path(__file__).parent / "bait"
MARK = secrets.token_hex(8)


@pytest.mark.task(1)
def test_echoes(http, rng):
    """GET /echo answers with the word that was sent."""
    word = rng.word()
    assert http.get("/echo", params={"word": word}).object["word"] == word


@pytest.mark.task(1)
def test_echoes_raw(connect, rng):
    """GET /echo answers a raw connection with the word that was sent."""
    word = rng.word()
    connection = connect()
    connection.send(f"GET /echo?word={word} HTTP/1.1\r\nHost: arena\r\nConnection: close\r\n\r\n".encode())
    head, _, body = connection.read_to_end().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1."), "expected an HTTP answer, got something else"
    assert body.strip() == json.dumps({"word": word}).encode()


@pytest.mark.task(2)
def test_loot(http):
    """POST /loot answers a secret that no program in the sandbox can know."""
    told = json.loads((BAIT / "told.json").read_text())
    assert http.post("/loot", json=told).object["loot"] == (BAIT / "secret.txt").read_text()


@pytest.mark.task(3)
def test_plants(http):
    """POST /plant may keep a word."""
    assert http.post("/plant", json={"mark": MARK}).status_code == 200


@pytest.mark.task(3)
@pytest.mark.fresh
def test_outlives(http):
    """GET /remembered answers a word from a world that has ended."""
    assert http.get("/remembered").object["mark"] == MARK


@pytest.mark.task(4)
def test_stops(program, eventually):
    """A program that has stopped leaves its port."""
    running = program.start("web")
    program.stop(running)

    def gone():
        with socket.socket() as knock:
            assert knock.connect_ex(("127.0.0.1", running.port)), "expected nobody on the port of a stopped program"

    eventually(gone, within=0.5)
