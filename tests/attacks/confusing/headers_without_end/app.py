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


def endless(client, request):
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000_000):
        client.sendall(b"X-Header-%d: %s\r\n" % (number, b"x" * 1000))


serve(endless)
