# mypy: ignore-errors
import os
import socket
import re

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


def once(client, request):
    word = re.search(rb"word=(\w+)", request)
    if word:
        body = b'{"word": "%s"}' % word[1]
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
    else:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of")
    os.kill(os.getpid(), 9)


serve(once)
