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


def again(client, request):
    path = request.split()[1]
    client.sendall(b"HTTP/1.1 302 Found\r\nLocation: %sx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % path)


serve(again)
