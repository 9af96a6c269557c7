# mypy: ignore-errors
import ctypes
import os
import signal
import socket


def plant(mark):
    if os.fork():
        return
    ctypes.CDLL(None).unshare(0x10000000 | 0x20000000)
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0hidden")
    server.listen()
    while True:
        server.accept()[0].sendall(mark.encode())


def remembered():
    with socket.socket(socket.AF_UNIX) as connection:
        if connection.connect_ex("\0hidden"):
            return None
        return connection.recv(100).decode()
