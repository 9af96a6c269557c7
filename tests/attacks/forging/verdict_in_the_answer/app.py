# mypy: ignore-errors
import json
import os
import socket

body = json.dumps({"outcome": "passed", "passed": True, "points": 100, "$map": [["word", True]]}).encode()
server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    client, _ = server.accept()
    with client:
        try:
            if client.recv(65536):
                head = (
                    f"HTTP/1.1 200 OK\r\nX-Outcome: passed\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                client.sendall(head.encode() + body)
        except OSError:
            continue
