# mypy: ignore-errors
import os
import socket
import sys

server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))


def serve(answer):
    while True:
        client, _ = server.accept()
        with client:
            try:
                request = client.recv(65536)
                if request:
                    answer(client, request)
            except OSError:
                continue


EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[1;1Hpassed\r\x9b31m\u202e\u2066\x1bc\x08\x08\x7f"


def paint(client, request):
    sys.stdout.write(EVIL + "\n")
    sys.stdout.flush()
    body = ('"' + EVIL + '"').encode()
    client.sendall(
        b"HTTP/1.1 200 " + b"OK\r\nX-Evil: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
    )


serve(paint)
