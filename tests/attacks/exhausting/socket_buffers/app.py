# mypy: ignore-errors
import os
import socket
import time


def hoard():
    pairs = []
    try:
        while True:
            ours, theirs = socket.socketpair()
            pairs.append((ours, theirs))
            for end in (ours, theirs):
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
                try:
                    while True:
                        end.send(bytes(1 << 16))
                except BlockingIOError:
                    continue
    except OSError:
        return pairs


def double(n):
    started = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            kept = hoard()
            time.sleep(60 if kept else 0)
            os._exit(0)
        started.append(pid)
    raise OSError(f"{len(hoard())} sockets were all")
