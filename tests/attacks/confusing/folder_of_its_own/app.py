# mypy: ignore-errors
from inner.folder import number


def double(n):
    return number.NUMBER
