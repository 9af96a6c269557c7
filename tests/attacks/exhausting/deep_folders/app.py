# mypy: ignore-errors
import os


def double(n):
    return 2 * n


def plant(mark):
    for _ in range(4000):
        os.mkdir("f")
        os.chdir("f")


def remembered():
    return len(os.listdir("/app"))
