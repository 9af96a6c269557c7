"""What the service says of itself: OpenAPI, AsyncAPI, metrics, logs, and its settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import httpx
import pytest

from stage import CAPSTONE

_PUBLIC = {"/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh"}


def test_the_openapi_document_names_every_route(stage) -> None:
    """Each with its answers, and a token where one is asked for."""
    document = httpx.get(stage.running[0].url + "/openapi.json").json()
    operations = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "put")
    }
    assert len(operations) == 22
    for (method, path), operation in operations.items():
        assert operation.get("summary"), (method, path)
        guarded = operation.get("security", document["security"]) == [{"token": []}]
        assert guarded == (path not in _PUBLIC), (method, path)


def test_the_asyncapi_document_names_every_event(stage) -> None:
    """What is received, with its schema, and what is sent."""
    document = httpx.get(stage.running[0].url + "/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    received = {one for one, what in document["operations"].items() if what["action"] == "receive"}
    assert {"receive.message.send", "receive.call.offer", "receive.status.view"} <= received
    messages = document["channels"]["root"]["messages"]
    assert messages["send.message.new"]["payload"] == {"$ref": "#/components/schemas/Message"}
    for message in messages.values():
        name = message["payload"].get("$ref", "").rpartition("/")[2]
        assert not name or name in document["components"]["schemas"]


def test_errors_have_one_form_everywhere(stage) -> None:
    """Unknown routes, wrong methods, bodies of every wrong kind: JSON, with a request id, and no inside shown."""
    url = stage.running[0].url
    cases = [
        ("GET", "/api/v1/nothing", {}, 404),
        ("DELETE", "/api/v1/auth/login", {}, 405),
        ("POST", "/api/v1/auth/login", {"content": b'{"a": '}, 400),
        ("POST", "/api/v1/auth/login", {"content": b"[1]"}, 400),
        ("POST", "/api/v1/auth/login", {"content": b'{"email": NaN}'}, 400),
        ("POST", "/api/v1/auth/login", {"content": b"[" * 60000}, 400),
        ("POST", "/api/v1/auth/login", {"content": b"\xff\xfe"}, 400),
        ("POST", "/api/v1/auth/login", {"content": b'{"email": "' + b"x" * 70000 + b'"}'}, 413),
        ("POST", "/api/v1/auth/login", {"content": b"a=b", "headers": {"Content-Type": "text/plain"}}, 415),
        ("GET", "/client/../../etc/passwd", {}, 404),
    ]
    for method, path, sent, status in cases:
        sent = {"headers": {"Content-Type": "application/json"}, **sent}
        answer = httpx.request(method, url + path, **sent)
        assert answer.status_code == status, (method, path, answer.text)
        error = answer.json()["error"]
        assert error["requestId"] == answer.headers["X-Request-Id"]
        assert "Traceback" not in answer.text and ".py" not in answer.text


def test_a_request_id_of_the_client_is_kept_if_it_is_one(stage) -> None:
    """And goes into the log with the request; a strange one does not."""
    url = stage.running[0].url
    assert httpx.get(url, headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert httpx.get(url, headers={"X-Request-Id": "a b\tc"}).headers["X-Request-Id"] != "a b\tc"


def test_the_log_is_json_and_has_no_token_in_it(stage, join) -> None:
    """Whatever people do, neither a token nor a password is written down."""
    ann = join("ann")
    device = ann.device(transports=["polling"])
    device.emit("message:missed", {})
    ann.request("GET", "/user/me", headers={"X-Request-Id": "look-for-me"})
    deadline = time.monotonic() + 5
    while "look-for-me" not in (text := stage.running[0].log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ann.token not in text and ann.refresh_token not in text and ann.password not in text
    [line] = [json.loads(line) for line in text.splitlines() if "look-for-me" in line]
    assert (line["route"], line["status"], line["user"]) == ("/api/v1/user/me", 200, ann.id)


def test_metrics_count(stage, join) -> None:
    """Requests by route and status, connections, events."""
    ann = join("ann")
    ann.device().emit("message:missed", {})
    text = httpx.get(stage.running[0].url + "/metrics").text
    assert 'chat_requests_total{method="POST",route="/api/v1/auth/register",status="201"}' in text
    assert 'chat_events_total{event="message:missed",outcome="success"}' in text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"MONGODB_URI": ""}, "MONGODB_URI"),
        ({"MONGODB_URI": "localhost"}, "MONGODB_URI"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ],
)
def test_a_setting_that_is_wrong_ends_the_start_and_is_named(stage, change, named) -> None:
    """In one sentence, without a traceback, and without showing what may be secret."""
    environ = os.environ | {"PYTHONPATH": str(CAPSTONE)} | stage.environ | change
    done = subprocess.run(
        [sys.executable, "-c", "import chat.wsgi"], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert named in done.stderr and "Traceback" not in done.stderr
