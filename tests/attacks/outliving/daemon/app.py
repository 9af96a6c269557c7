# mypy: ignore-errors
import os
import signal
import socket


def plant(mark):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0daemon")
    server.listen()
    while True:
        client, _ = server.accept()
        client.sendall(mark.encode())
        client.close()


def remembered():
    with socket.socket(socket.AF_UNIX) as connection:
        if connection.connect_ex("\0daemon"):
            return None
        return connection.recv(100).decode()
