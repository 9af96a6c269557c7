# mypy: ignore-errors
import os
import socket

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


BODIES = [b"[" * 900_000 + b"]" * 900_000, b"9" * 1_900_000]


def deep(client, request):
    BODIES.append(BODIES.pop(0))
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODIES[-1]) + BODIES[-1])


serve(deep)
