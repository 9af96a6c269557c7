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


PACKED = [b"gzip", b"deflate", b"br", b"zstd", b"gzip, deflate, br", b"nothing of the kind"]


def odd(client, request):
    PACKED.append(PACKED.pop(0))
    body = b"this is not packed"
    client.sendall(
        b"HTTP/1.1 500 No\r\nContent-Encoding: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        % (PACKED[-1], len(body))
        + body
    )


serve(odd)
