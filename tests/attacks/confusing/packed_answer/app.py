# mypy: ignore-errors
import os
import socket
import zlib

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


def packed(piece, times):
    # A piece after a full flush stands by itself, so it can be repeated without packing again.
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = pack.compress(b"") + pack.flush(zlib.Z_FULL_FLUSH)
    return (
        head
        + (pack.compress(piece) + pack.flush(zlib.Z_FULL_FLUSH))
        + (pack.compress(piece) + pack.flush(zlib.Z_FULL_FLUSH)) * (times - 1)
    )


BODY = packed(packed(bytes(1 << 20), 1024), 1)


def small(client, request):
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)


serve(small)
