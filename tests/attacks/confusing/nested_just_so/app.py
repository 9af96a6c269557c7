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


DEPTHS = [950, 930]


def deep(client, request):
    DEPTHS.append(DEPTHS.pop(0))
    body = b'{"word": ' + b"[" * DEPTHS[-1] + b"]" * DEPTHS[-1] + b"}"
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)


serve(deep)
