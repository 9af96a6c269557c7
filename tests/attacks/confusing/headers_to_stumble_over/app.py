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


HEADERS = [
    b"Location: http://[::1\r\nLocation: http://\xff:99999999/",
    b"Location: \x01javascript:alert(1)",
    b"Set-Cookie: a=b; expires=Wed, 99 Xxx 99999999 99:99:99; domain=.; path=\xff; max-age=x\r\nSet-Cookie: \xff=;=;;",
    b"Content-Type: \xff/; charset=rot13; charset=\xff\r\nContent-Type: text/plain; charset=undefined",
]


def odd(client, request):
    HEADERS.append(HEADERS.pop(0))
    client.sendall(b"HTTP/1.1 302 Go\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % HEADERS[-1])


serve(odd)
