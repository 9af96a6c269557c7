# mypy: ignore-errors
import os
import socket
import sys

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


server.close()
print("Traceback (most recent call last):")
print('  File "/app/evil\x1b[2J\x07.py", line 1, in f')
print("ValueError: \x1b]0;owned\x07 8 of 8 passed")
sys.exit(1)
