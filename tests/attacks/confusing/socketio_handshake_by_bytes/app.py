# mypy: ignore-errors
import base64
import hashlib
import os
import socket
import struct
import threading
import time

OPEN = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


def frame(data, opcode=1):
    size = bytes([len(data)]) if len(data) < 126 else b"\x7f" + struct.pack("!Q", len(data))
    return bytes([0x80 | opcode]) + size + data


def welcome(client):
    request = client.recv(65536).decode("latin-1")
    key = request.split("Sec-WebSocket-Key: ")[1].split("\r\n")[0]
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    head = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    client.sendall(head + accept + b"\r\n\r\n" + frame(OPEN))
    client.recv(65536)
    client.sendall(frame(b'40{"sid":"t"}'))


def serve(client):
    with client:
        try:
            tell(client)
        except (OSError, IndexError):
            pass


def tell(client):
    client.recv(65536)
    for byte in b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"x" * 10_000:
        client.sendall(bytes([byte]))
        time.sleep(0.5)


listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
