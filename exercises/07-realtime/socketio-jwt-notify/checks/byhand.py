"""Handshakes by hand, with any address and any header; nobody hears or says anything on them afterwards."""

import base64
import json
import os

ADDRESS = "/socket.io/?EIO=4&transport="
# Engine.IO's first packet, an upgrade's answer and one of Socket.IO's are all shorter.
LONGEST_FRAME = 65_535


def by_polling(http, auth, query="", headers=None):
    """What the program says to ``auth``: ``40…`` if it lets the client in."""
    path = f"{ADDRESS}polling{query}"
    answer = http.get(path, headers=headers)
    if answer.status_code != 200:
        return f"HTTP status {answer.status_code}"
    assert answer.text.startswith("0{"), f"expected Engine.IO's first packet, got {answer.text[:80]!r}"
    path += f"&sid={json.loads(answer.text[1:])['sid']}"
    sent = http.post(path, content=f"40{json.dumps(auth)}", headers={"content-type": "text/plain", **(headers or {})})
    if sent.status_code != 200:
        return f"HTTP status {sent.status_code}"
    answer = http.get(path, headers=headers)
    return answer.text if answer.status_code == 200 else f"HTTP status {answer.status_code}"


def by_websocket(connect, http, auth, headers):
    """The same, over a WebSocket from its first byte on."""
    wanted = {
        "Host": f"{http.base_url.host}:{http.base_url.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    connection = connect()
    lines = [f"GET {ADDRESS}websocket HTTP/1.1", *(f"{name}: {value}" for name, value in wanted.items())]
    try:
        connection.send("\r\n".join([*lines, "", ""]).encode())
        status = connection.read_until(b"\r\n\r\n").split(b" ", 2)[1].decode("latin-1")
        if status != "101":
            connection.received(f"HTTP status {status}")
            return f"HTTP status {status}"
        said = _read(connection)
        assert said.startswith("0{"), f"expected Engine.IO's first packet, got {said[:80]!r}"
        _send(connection, f"40{json.dumps(auth)}")
        said = _read(connection)
        connection.received(said)
    except EOFError:
        return "a connection that was closed"
    return said


def let_in(said):
    """Whether a handshake by hand went well."""
    return said.startswith("40")


def _send(connection, text):
    data, mask = text.encode(), os.urandom(4)
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
    connection.send(b"\x81" + size + mask + masked, note="40{…}")


def _read(connection):
    """The text of the next frame that has one."""
    while True:
        kind, size = connection.read_exactly(2)
        if size == 126:
            size = int.from_bytes(connection.read_exactly(2), "big")
        assert size <= LONGEST_FRAME and size != 127, "expected a frame of a few bytes, got one of 64 KB or more"
        data = connection.read_exactly(size)
        if kind & 0x0F == 8:
            raise EOFError("a close frame")
        if kind & 0x0F == 1:
            return data.decode("utf-8", "replace")
