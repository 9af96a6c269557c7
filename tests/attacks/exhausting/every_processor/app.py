# mypy: ignore-errors
import os
import signal


def double(n):
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    for _ in range(10):
        if os.fork() == 0:
            break
    while True:
        n += 1
