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


ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"word": "a"}'
while True:
    client, _ = server.accept()
    try:
        client.sendall(ANSWER * 3)
        client.recv(65536)
        client.sendall(ANSWER * 3)
    except OSError:
        continue
