"""The fixture ``socketio``: real clients, in order, with deadlines, and safe from what they are told."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from grader.checker import socket_client
from grader.checker.sockets import Sockets
from grader.checker.transcript import Transcript
from grader.checker.verdict import judge as give_verdict
from grader.checker.world import World
from grader.model import CheckResult, Outcome
from grader.sandbox import Running
from tests.conftest import REPOSITORY, Mini

_FLASK = """
from flask import Flask
from flask_socketio import ConnectionRefusedError, SocketIO, disconnect, emit

app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading")
here = set()


@app.get("/")
def count():
    return {"here": len(here)}


@socketio.on("connect")
def enter(auth=None):
    from flask import request
    if isinstance(auth, dict) and auth.get("token") != "sesame":
        raise ConnectionRefusedError("no token", {"code": 7})
    here.add(request.sid)


@socketio.on("disconnect")
def leave(*_):
    from flask import request
    here.discard(request.sid)


@socketio.on("say")
def say(data):
    emit("said", data, broadcast=True)
    return {"ok": True}


@socketio.on("whisper")
def whisper(data):
    emit("whispered", data)
    return {"ok": True}


@socketio.on("many")
def many(count):
    for number in range(count):
        emit("number", number)


@socketio.on("pair")
def pair(first, second):
    emit("pair", (second, first))
    return second, first


@socketio.on("bytes")
def double(data):
    emit("bytes", {"twice": data + data})
    return data


@socketio.on("kick")
def kick():
    disconnect()


@socketio.on("header")
def header():
    from flask import request
    return request.headers.get("X-Room")
"""
# The same contract as far as it is needed, with neither Flask nor its extension.
_PLAIN = """
import os
import socketio
from werkzeug.serving import run_simple

server = socketio.Server(async_mode="threading")


@server.on("connect")
def connect(sid, environ, auth=None):
    if auth:
        raise socketio.exceptions.ConnectionRefusedError("no token", {"code": 7})


@server.on("say")
def say(sid, data):
    server.emit("said", data)
    return {"ok": True}


run_simple("127.0.0.1", int(os.environ["PORT"]), socketio.WSGIApp(server), threaded=True)
"""
_PYTHON = {"Procfile": "web: python app.py\n"}

# A server of one's own making: it shakes hands as told, and then says what the test wants.
_STRANGER = """
import base64, hashlib, os, socket, struct, threading, time

OPEN = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'

def frame(data, opcode=1):
    size = len(data)
    head = bytes([128 | opcode]) + (
        bytes([size]) if size < 126 else b"\\x7e" + struct.pack("!H", size) if size < 65536
        else b"\\x7f" + struct.pack("!Q", size))
    return head + data

def shake(client):
    request = client.recv(65536).decode("latin-1")
    if not request:
        return False
    key = next(line for line in request.split("\\r\\n") if line.lower().startswith("sec-websocket-key")).split(": ")[1]
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    client.sendall(f"HTTP/1.1 101 Switching\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: {accept}\\r\\n\\r\\n".encode())
    return True

def welcome(client):
    if not shake(client):
        return False
    client.sendall(frame(OPEN))
    client.recv(65536)
    client.sendall(frame(b'40{"sid":"t"}'))
    return True

def serve(client):
    try:
        tell(client)
    except OSError:
        pass

"""


def judge(mini: Mini, check: str, app: str = _FLASK, **files: str) -> CheckResult:
    """The result of one check; ``check`` is the body of a function with all fixtures."""
    body = textwrap.indent(textwrap.dedent(check).strip(), "    ")
    checks = (
        "@pytest.mark.task(1)\ndef test_it(socketio, http, program, rng, eventually, race):\n"
        f'    """It holds."""\n{body}\n'
    )
    return mini.judge(checks, app_py=app, **files)["it"]


class Neighbour:
    """A program on a port of this very process, as far as a client has to know one."""

    name = "web"

    def __init__(self, tell: str) -> None:
        told = textwrap.indent(textwrap.dedent(tell).strip(), "    ")
        names: dict[str, Any] = {}
        exec(f"{_STRANGER}def tell(client):\n{told}\n", names)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._serve = names["serve"]
        threading.Thread(target=self._accept, daemon=True).start()

    def wait(self, seconds: float) -> None:
        """It never ends before its test."""

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()


@pytest.mark.parametrize("transports", [("websocket",), ("polling",), ("polling", "websocket")])
def test_events_and_acknowledgements_travel_both_ways(mini: Mini, transports: tuple[str, ...]) -> None:
    """Whatever the transport: data of any number and kind arrives, and a hundred events keep their order."""
    result = judge(
        mini,
        f"""
        ann, ben = (socketio.connect(transports={transports!r}) for _ in range(2))
        assert ann.transport == {transports[-1]!r}
        text = rng.text()
        assert ann.call("say", {{"text": text}}) == {{"ok": True}}
        assert ben.expect("said")["text"] == text
        assert ann.expect("said") == {{"text": text}}
        ann.emit("say", [])
        assert [ben.expect("said"), ann.expect("said")] == [[], []]
        assert ann.call("pair", 1, "two") == ("two", 1)
        assert ann.expect("pair") == ("two", 1)
        assert ann.call("bytes", b"\\x00\\xff") == b"\\x00\\xff"
        assert ann.expect("bytes") == {{"twice": b"\\x00\\xff\\x00\\xff"}}
        assert ann.call("many", 100) is None
        ann.silence("said", after=("header",))
        assert [ann.expect("number") for _ in range(100)] == list(range(100))
        assert ann.received("number") == list(range(100))
        assert ann.received()[0] == ("said", {{"text": text}})
        """,
    )
    assert result.outcome is Outcome.PASSED, result.message


def test_headers_reach_the_program_by_every_transport(mini: Mini) -> None:
    """Headers of a connection are there in a handler, polled or not."""
    result = judge(
        mini,
        """
        for transports in (("polling",), ("websocket",)):
            word = rng.word()
            client = socketio.connect(headers={"X-Room": word}, transports=transports)
            assert client.call("header") == word
        """,
    )
    assert result.outcome is Outcome.PASSED, result.message


def test_a_program_without_flask_is_judged_the_same(mini: Mini) -> None:
    """Plain python-socketio under werkzeug: acknowledged, refused, silent and unknown alike."""
    result = judge(
        mini,
        """
        assert socketio.refused(auth={"token": "x"}) == {"message": "no token", "data": {"code": 7}}
        for transports in (("polling",), ("websocket",)):
            ann, ben = (socketio.connect(transports=transports) for _ in range(2))
            assert ann.call("say", 1) == {"ok": True}
            assert ben.expect("said") == 1
            ben.emit(rng.word())
            ben.silence()
        """,
        _PLAIN,
        **_PYTHON,
    )
    assert result.outcome is Outcome.PASSED, result.message


def test_a_refusal_is_something_to_assert_on(mini: Mini) -> None:
    """`refused` gives the data of connect_error, and both ways to be surprised are failures in words."""
    result = judge(
        mini,
        """
        for transports in (("polling",), ("websocket",)):
            reason = socketio.refused(auth={"token": rng.word()}, transports=transports)
            assert reason == {"message": "no token", "data": {"code": 7}}
        socketio.connect(auth={"token": "sesame"})
        socketio.connect(auth={"token": "simsalabim"}, name="the stranger")
        """,
    )
    assert result.outcome is Outcome.FAILED
    assert "expected the connection to / to be accepted, it was refused" in result.message
    assert "no token" in result.message
    result = judge(mini, 'socketio.refused(auth={"token": "sesame"})')
    assert result.outcome is Outcome.FAILED
    assert "expected the connection of client 1 to be refused, it was accepted" in result.message


def test_silence_is_proved_without_sleeping(mini: Mini) -> None:
    """After a round trip of its own an event that was sent is there, and one that was not is proved absent."""
    result = judge(
        mini,
        """
        ann, ben = socketio.connect(name="ann"), socketio.connect(name="ben")
        for _ in range(20):
            ann.call("whisper", rng.text())
            ben.silence()
        ann.call("say", "psst")
        ben.silence("said")
        """,
    )
    assert result.outcome is Outcome.FAILED
    assert 'expected no event said for ben, got said "psst"' in result.message
    result = judge(
        mini,
        """
        ann = socketio.connect(name="ann")
        ann.emit("kick")
        ann.disconnected()
        ann.silence()
        """,
    )
    assert result.outcome is Outcome.FAILED
    assert "expected an open connection for ann, but the program disconnected this client" in result.message


def test_what_does_not_come_fails_in_words(mini: Mini) -> None:
    """A missing event and a missing acknowledgement are failures that say for whom and how long."""
    result = judge(mini, 'socketio.connect(name="ann").expect("said", within=0.3)')
    assert result.outcome is Outcome.FAILED
    assert result.message == "expected the event said for ann within 0.3 s, it did not come"
    result = judge(mini, 'socketio.connect(name="ann").call("never heard of", within=0.3)')
    assert result.outcome is Outcome.FAILED
    assert "expected an acknowledgement of never heard of for ann within 0.3 s" in result.message


def test_the_transcript_shows_what_was_said(mini: Mini) -> None:
    """A failure comes with every line: who connected, sent, heard and left."""
    result = judge(
        mini,
        """
        ann, ben = socketio.connect(name="ann"), socketio.connect(name="ben", transports=("polling",))
        ann.call("say", {"text": "hi"})
        ben.expect("said")
        ann.expect("said")
        ben.disconnect()
        ann.emit("kick")
        ann.disconnected()
        assert ann.call("say") == 1
        """,
    )
    assert result.outcome is Outcome.FAILED
    assert "expected an open connection for ann, but the program disconnected this client" in result.message
    shown = list(result.transcript)
    assert shown[:2] == ["ann: connect to / by websocket → connected", "ben: connect to / by polling → connected"]
    assert sorted(shown[2:5]) == [
        'ann: call say {"text": "hi"} → acknowledged {"ok": true}',
        'ann: ← said {"text": "hi"}',
        'ben: ← said {"text": "hi"}',
    ]
    assert shown[5:] == ["ben: disconnect", "ann: emit kick", "ann: call say → the program disconnected this client"]


def test_clients_end_with_their_check(mini: Mini) -> None:
    """However a client was connected, the program hears that it left, at once and when the check ends."""
    checks = """
    @pytest.mark.task(1)
    def test_first(socketio, http, eventually):
        '''It leaves clients behind.'''
        def here(count):
            return lambda: http.get("/").object["here"] == count
        every = [socketio.connect(transports=each) for each in
                 (("polling",), ("websocket",), ("polling", "websocket")) for _ in range(2)]
        eventually(here(6))
        for client in every[::2]:
            client.disconnect()
        eventually(here(3))

    @pytest.mark.task(1)
    def test_second(http, eventually):
        '''It finds none of them.'''
        eventually(lambda: http.get("/").object["here"] == 0)

    @pytest.mark.task(1)
    def test_third(socketio):
        '''No thread has survived.'''
        import threading
        before = threading.active_count()
        for transports in (("polling",), ("websocket",)):
            socketio.connect(transports=transports)
        assert threading.active_count() == before + 4
        socketio.close()
        assert threading.active_count() == before
    """
    results = mini.judge(checks, app_py=_FLASK)
    assert {each.outcome for each in results.values()} == {Outcome.PASSED}, results


def test_clients_of_an_instance_and_at_the_same_moment(mini: Mini) -> None:
    """A client may be one of a process that the check started, and eight may come at once."""
    result = judge(
        mini,
        """
        running = program.start("web")
        other = socketio.connect(running=running)
        clients = race(8, lambda number: socketio.connect())
        assert race(8, lambda number: clients[number].call("whisper", number)) == [{"ok": True}] * 8
        assert [client.expect("whispered") for client in clients] == list(range(8))
        clients[0].call("say", 1)
        other.silence()
        """,
    )
    assert result.outcome is Outcome.PASSED, result.message


def test_a_program_that_dies_is_said_to_have_died(mini: Mini) -> None:
    """A crash in a handler is the program's death with its place, not a missing acknowledgement."""
    app = _FLASK + "\n@socketio.on('die')\ndef die():\n    import os\n    os._exit(3)\n"
    result = judge(mini, 'socketio.connect().call("die")', app)
    assert result.outcome is Outcome.CRASHED
    assert "your program (web) ended with exit code 3" in result.message


def test_an_exception_in_a_handler_is_in_the_message(mini: Mini) -> None:
    """A missing acknowledgement comes with the traceback that explains it."""
    app = _FLASK + "\n@socketio.on('fail')\ndef fail():\n    return {}['answer']\n"
    result = judge(mini, 'socketio.connect().call("fail", within=0.5)', app)
    assert result.outcome is Outcome.FAILED
    assert "your program's log says KeyError: 'answer'" in result.message
    assert (result.where or "").startswith("app.py:")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_program_without_socketio_is_told_so(mini: Mini, transport: str) -> None:
    """A web server that knows nothing of Socket.IO fails with its status."""
    app = "from flask import Flask\napp = Flask(__name__)\n"
    result = judge(mini, f"socketio.connect(transports=({transport!r},))", app)
    assert result.outcome is Outcome.FAILED
    assert "expected Socket.IO's handshake, got HTTP status 404" in result.message


def hello(client: Callable[..., Any]) -> None:
    """Connect, and expect an event."""
    client().expect("x", within=1)


def poll(client: Callable[..., Any]) -> None:
    """Connect by polling."""
    client(transports=("polling",))


SILENT = "expected Socket.IO's handshake within 1 s, it did not come"
# What a stranger's server does; the check; the verdict; a piece of what is said.
STRANGERS = [
    ("silent", "time.sleep(60)", hello, Outcome.TIMED_OUT, SILENT),
    (
        "silent to a poll",
        "time.sleep(60)",
        poll,
        Outcome.TIMED_OUT,
        SILENT,
    ),
    (
        "a byte at a time",
        """
        for byte in b"HTTP/1.1 101 Switching\\r\\nX: " + b"x" * 1000:
            client.sendall(bytes([byte]))
            time.sleep(0.2)
        """,
        hello,
        Outcome.TIMED_OUT,
        SILENT,
    ),
    ("garbage", "client.recv(9); client.sendall(b'\\xff' * 99 + b'\\r\\n\\r\\n')", hello, Outcome.FAILED, "handshake, got"),
    ("hangs up", "client.close()", hello, Outcome.FAILED, "handshake, got"),
    (
        "a redirect",
        "client.recv(9); client.sendall(b'HTTP/1.1 302 Found\\r\\nLocation: ws://10.1.1.1/\\r\\nContent-Length: 0\\r\\n\\r\\n')",
        hello,
        Outcome.FAILED,
        "an answer that is no WebSocket's",
    ),
    (
        "a length that is none",
        "client.recv(9); client.sendall(b'HTTP/1.1 404 No\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\n')",
        hello,
        Outcome.FAILED,
        "handshake, got",
    ),
    ("no open packet", "shake(client); client.sendall(frame(b'6'))", hello, Outcome.FAILED, "no OPEN packet"),
    ("another open packet", "shake(client); client.sendall(frame(b'0[1]'))", hello, Outcome.FAILED, "handshake, got"),
    (
        "an open packet out of measure",
        "shake(client); client.sendall(frame(OPEN.replace(b'25000', b'1e999'))); time.sleep(9)",
        hello,
        Outcome.FAILED,
        "handshake, got",
    ),
    ("no answer to CONNECT", "shake(client); client.sendall(frame(OPEN)); time.sleep(60)", hello, Outcome.TIMED_OUT, SILENT),
    (
        "a hundred megabytes",
        """
        welcome(client)
        client.sendall(b"\\x81\\x7f" + struct.pack("!Q", 100_000_000))
        for _ in range(1600): client.sendall(b"x" * 65536)
        """,
        hello,
        Outcome.FAILED,
        "got more than 10 MB in one check",
    ),
    (
        "three megabytes of objects",
        "welcome(client); client.sendall(frame(b'42[\"x\",' + b'{},' * 1_000_000 + b'1]'))",
        hello,
        Outcome.FAILED,
        "got a message of 3",
    ),
    (
        "objects, objects",
        "welcome(client); client.sendall(frame(b'42[\"x\",' + b'{},' * 400_000 + b'1]'))",
        hello,
        Outcome.FAILED,
        "got more than 200,000 values",
    ),
    (
        "a flood",
        "welcome(client)\nwhile True: client.sendall(frame(b'42[\"y\"]') * 100)",
        hello,
        Outcome.FAILED,
        "got more than 2,000 events to one client",
    ),
    (
        "frames of nothing",
        "welcome(client)\nwhile True: client.sendall(frame(b'', 9) * 1000)",
        hello,
        Outcome.FAILED,
        "for client 1",
    ),
    ("nested", "welcome(client); client.sendall(frame(b'42[\"x\",' + b'[' * 999 + b']' * 999 + b']'))", hello, Outcome.FAILED, "deep"),
    ("nested deeply", "welcome(client); client.sendall(frame(b'42[\"x\",' + b'[' * 99999 + b']' * 99999 + b']'))", hello, Outcome.FAILED, "deep"),
    ("a number", "welcome(client); client.sendall(frame(b'42[\"x\",' + b'9' * 9999 + b']'))", hello, Outcome.FAILED, "not Socket.IO's"),
    ("attachments", "welcome(client); client.sendall(frame(b'45999999999-[\"x\"]'))", hello, Outcome.FAILED, "999999999 binary attachments"),
    ("another's attachment", "welcome(client); client.sendall(frame(b'451-[\"x\",{\"_placeholder\":true,\"num\":9}]') + frame(b'a', 2))", hello, Outcome.FAILED, "not Socket.IO's"),
    ("no event's attachment", "welcome(client); client.sendall(frame(b'a', 2))", hello, Outcome.FAILED, "belongs to no event"),
    ("no name", "welcome(client); client.sendall(frame(b'42[]'))", hello, Outcome.FAILED, "not Socket.IO's: 2[]"),
    ("no list", "welcome(client); client.sendall(frame(b'42{}'))", hello, Outcome.FAILED, "not Socket.IO's"),
    ("no Engine.IO", "welcome(client); client.sendall(frame(b'hello'))", hello, Outcome.FAILED, "not Engine.IO's: hello"),
    ("no UTF-8", "welcome(client); client.sendall(frame(b'42[\"\\xff\"]'))", hello, Outcome.FAILED, "no WebSocket frame"),
    ("no frame", "welcome(client); client.sendall(b'\\x8f\\x01a')", hello, Outcome.FAILED, "no WebSocket frame"),
    ("words of the library", "welcome(client); client.sendall(frame(b'42[\"connect_error\",1]') + frame(b'42[\"disconnect\"]')); time.sleep(9)",
     lambda client: client().expect("disconnect"), Outcome.PASSED, ""),
    ("another's namespace", "welcome(client); client.sendall(frame(b'42/other,[\"x\"]'))", hello, Outcome.FAILED, "namespace /other"),
    ("a terminal's words", "welcome(client); client.sendall(frame(b'42[\"\\\\u001b[2J\"]')); time.sleep(9)", hello, Outcome.FAILED, "did not come"),
    (
        "answers of another kind",
        """
        client.recv(65536)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello")
        """,
        poll,
        Outcome.FAILED,
        "not Engine.IO's: hello",
    ),
    (
        "a bomb",
        """
        import gzip
        client.recv(65536)
        bomb = gzip.compress(b"0" * 50_000_000)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(bomb) + bomb)
        """,
        poll,
        Outcome.FAILED,
        "not Engine.IO's",
    ),
    (
        "deaf to a marker",
        "welcome(client); time.sleep(60)",
        lambda client: client().silence(within=1),
        Outcome.TIMED_OUT,
        "did not answer the request for a namespace within 1 s",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tell", "check", "outcome", "words"), [each[1:] for each in STRANGERS], ids=[each[0] for each in STRANGERS]
)
def test_whatever_a_program_sends_is_judged_in_words(
    monkeypatch: pytest.MonkeyPatch, tell: str, check: Callable[..., None], outcome: Outcome, words: str
) -> None:
    """Silence, garbage and floods are failures or the end of the time, in one printable line, and no thread stays."""
    # Short where the end of the time is what is expected; long where a busy machine must not come before the fault.
    monkeypatch.setattr(socket_client, "ANSWER_SECONDS", 1.0 if outcome is Outcome.TIMED_OUT else 30.0)
    neighbour, transcript = Neighbour(tell), Transcript()
    made = Sockets(cast("World", None), transcript)
    got, message = Outcome.PASSED, ""
    try:
        check(lambda **options: made.connect(running=cast("Running", neighbour), **options))
    except Exception as error:  # noqa: BLE001 whatever it is, it has a verdict
        verdict = give_verdict(error)
        got, message = verdict.outcome, verdict.message
    finally:
        made.close()
        neighbour.close()
    assert got is outcome, message
    assert words in message
    assert all(line.isprintable() for line in [message, *transcript.lines()])
    assert [thread for thread in threading.enumerate() if "_guarded" in thread.name] == []


def test_more_than_sixteen_packets_in_one_answer_are_nothing_bad(mini: Mini) -> None:
    """A program that has much to say to a client that polls is heard out."""
    app = _FLASK.replace("    here.add(", "    for number in range(40): emit('number', number)\n    here.add(")
    result = judge(
        mini,
        """
        client = socketio.connect(transports=("polling",))
        assert [client.expect("number") for _ in range(40)] == list(range(40))
        """,
        app,
    )
    assert result.outcome is Outcome.PASSED, result.message


_GREEDY = """
import resource
from tests.test_socketio import Neighbour, Sockets, Transcript
neighbour, made = Neighbour({tell!r}), Sockets(None, Transcript())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(3):
    try:
        made.connect(running=neighbour).expect("never", within=20)
    except AssertionError as error:
        print(error)
made.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in kilobytes on Linux only")
@pytest.mark.parametrize(
    "tell",
    [
        "welcome(client); client.sendall(b'\\x81\\x7f' + struct.pack('!Q', 10 ** 12))\nwhile True: client.sendall(b'x' * 65536)",
        "welcome(client)\nwhile True: client.sendall(frame(b'42[\"x\",' + b'{},' * 50_000 + b'1]'))",
        'welcome(client)\nwhile True: client.sendall(frame(b\'451-["x",{"_placeholder":true,"num":0}]\') + frame(b\'y\' * 1_000_000, 2))',
        "welcome(client)\nwhile True: client.sendall(frame(b'4599-[\"x\"]') + frame(b'y', 2) * 98)",
        "while True: client.sendall(b'X' * 65536)",
    ],
    ids=["a terabyte", "objects", "attachments", "events that never end", "a header"],
)
def test_the_memory_of_the_judge_is_bounded(tell: str) -> None:
    """However much three connections of one check are sent, it stays below a hundred megabytes."""
    command = [sys.executable, "-c", _GREEDY.format(tell=tell)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) < 100_000, done.stdout
    assert "expected " in done.stdout


def test_random_data_survives_the_journey(mini: Mini) -> None:
    """Text with characters that careless code stumbles over is the same when it comes back."""
    result = judge(
        mini,
        """
        client = socketio.connect(transports=("polling",))
        for _ in range(20):
            text = rng.text() + "\\u2028\\x1e"
            client.call("whisper", {text: text})
            assert client.expect("whispered") == {text: text}
        """,
    )
    assert result.outcome is Outcome.PASSED, result.message
