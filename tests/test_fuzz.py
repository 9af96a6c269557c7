"""Whatever a submission sends, the judge reads data, or says in its own words why not."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import unicodedata
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.checker.http import Answer
from grader.checker.transcript import Transcript, as_json, body, printable
from grader.checker.transport import Loopback
from grader.checker.verdict import judge
from grader.errors import LearnerError
from grader.model import Outcome
from grader.sandbox import ProgramFailure, Raised, answers, procfile
from grader.sandbox.process import last_trace

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$map", "$bytes", "value"]), inner),
    max_leaves=20,
)
REPLIES = st.binary() | JSON.map(lambda value: json.dumps(value).encode())
ANSWERS = st.dictionaries(
    st.sampled_from(["value", "raised", "missing", "not_data"]),
    st.text() | st.fixed_dictionaries({"type": st.text(), "message": st.text(), "where": st.none() | st.text()}) | JSON,
    max_size=2,
).map(lambda value: json.dumps(value).encode())
# Pieces of HTTP in any order: nearer to an answer than bytes by chance ever come.
PIECES = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 204 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 Switching\r\n\r\n",
     b"HTTP/2 200\r\n", b"Content-Length: 3\r\n", b"Content-Length: -1\r\n", b"Content-Length: 3, 3\r\n",
     b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"X:\xff\x00\r\n", b" folded\r\n", b"\r\n", b"\n",
     b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"Set-Cookie: a=b; Domain=.\r\n", b"Location: ://\r\n"]
)  # fmt: skip
RESPONSES = st.lists(PIECES | st.binary(max_size=20), max_size=8).map(b"".join)


def safe(text: str) -> bool:
    """Nothing in it can move a cursor, ring a bell or begin a line."""
    return not any(unicodedata.category(character).startswith("C") for character in text)


@given(REPLIES | ANSWERS)
@example(b'{"raised": {"type": "A\\nB", "message": "\\u001b[2J", "where": "x:1"}}')
@example(b"[" * 100_000)
def test_a_reply_is_a_value_or_a_failure_in_words(line: bytes) -> None:
    """A call gives data or raises one of the failures that have a verdict, never of the check's."""
    try:
        answers.value("add", line)
    except ProgramFailure as error:
        if isinstance(error, Raised):
            assert error.type_name.isidentifier() and len(error.message) <= 500
        verdict = judge(error)
        assert verdict.outcome is not Outcome.BROKEN
        assert safe(verdict.message)


@pytest.fixture(scope="module")
def speaker() -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers every connection with the bytes in a list, and closes it."""
    says = [b""]
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(says[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], says
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@settings(max_examples=300, deadline=None)
@given(response=RESPONSES)
def test_an_answer_is_http_or_an_error_of_transport(speaker: tuple[int, list[bytes]], response: bytes) -> None:
    """Nothing else comes out of the transport, and what comes out can be shown."""
    port, says = speaker
    says[0] = response
    with httpx.Client(transport=Loopback(port), base_url="http://127.0.0.1", timeout=2) as client:
        try:
            answer = client.send(client.build_request("GET", "/"), stream=True)
            content = b"".join(answer.iter_raw())
        except httpx.TransportError as error:
            assert safe(printable(str(error)))
            return
    assert 200 <= answer.status_code <= 999 and safe(body(content))


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 3_000)
@example(b'{"a":' * 900 + b"1" + b"}" * 900)
def test_a_body_is_json_or_an_assertion(content: bytes) -> None:
    """A check that asks for an object or a list gets one, or fails as the learner's failure."""
    asked: tuple[Callable[[Answer], object], ...] = (lambda a: a.object, lambda a: a.array, lambda a: a.json())
    for ask in asked:
        with contextlib.suppress(AssertionError):
            assert safe(as_json(ask(Answer(200, content=content))))
    assert safe(body(content))


@given(st.binary() | st.text())
def test_what_is_shown_is_one_harmless_line(data: bytes | str) -> None:
    """No byte of a program's reaches a terminal as it is."""
    assert safe(printable(data)) and len(printable(data)) <= 160
    transcript = Transcript()
    transcript.received(transcript.sent(printable(data)), printable(data))
    assert all(safe(line) for line in transcript.lines())


@given(
    st.text()
    | st.lists(st.sampled_from(["web: ", "a b", "'", '"', "$PORT", "${X:-", "}", "\n", "#", "&&", "\\", ":"])).map(
        "".join
    )
)
def test_a_procfile_is_processes_or_a_message(text: str) -> None:
    """Any text is read, or refused with what to do about it."""
    with contextlib.suppress(LearnerError):
        for process in procfile.parse(text):
            procfile.argv(process, {"PORT": "5000"})


@given(
    st.lists(
        st.text()
        | st.sampled_from(
            [
                "Traceback (most recent call last):",
                '  File "/app/a.py", line 3, in f',
                "ValueError: x",
                '  File "../../x", line 1',
            ]
        )
    )
)
def test_any_log_can_be_searched_for_a_traceback(lines: list[str]) -> None:
    """A log that looks like a traceback gives a place in the folder, or none."""
    found = last_trace(lines, "/app")
    assert found is None or found.where is None or not found.where.startswith("/")
