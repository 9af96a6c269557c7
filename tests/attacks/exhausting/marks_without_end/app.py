# mypy: ignore-errors
import os


def double(n):
    number = 0
    while True:
        os.write(2, b"".join(b"\0ran app.py:%d\n" % line for line in range(number, number + 4000)))
        number += 4000
