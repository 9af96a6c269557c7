# mypy: ignore-errors
import os


def double(n):
    while True:
        os.write(2, b"x" * 65536)
