# mypy: ignore-errors
import os
import time


def double(n):
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
