# mypy: ignore-errors
import grader
import wire


def double(n):
    return grader.value(n) and wire.value(n)
