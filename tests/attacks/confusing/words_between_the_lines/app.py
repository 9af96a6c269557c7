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


def loud(client, request):
    os.write(1, b"\r" * 100_000 + b"\n" * 100_000 + b"\0" * 10_000 + b"\xf0\x9f" * 10_000)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


serve(loud)
