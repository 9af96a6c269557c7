# mypy: ignore-errors
import os


def double(n):
    while True:
        os.write(1, b"and so on\n" * 5000)
