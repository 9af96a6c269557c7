# mypy: ignore-errors
import ctypes


def double(n):
    return ctypes.string_at(1)
