# mypy: ignore-errors
import os


def double(n):
    while True:
        os.open("/dev/null", os.O_RDONLY)
