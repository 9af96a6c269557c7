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


def odd(client, request):
    os.write(1, b"\xff\xfe\x80 log \xc3\x28 \xed\xa0\x80\n")
    client.sendall(
        b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\nContent-Type: \xc3\x28\r\nContent-Length: 9\r\n\r\n\xff\xfe\x80\xc3\x28\xed\xa0\x80\n"
    )


serve(odd)
