# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import ctypes
import platform

SEARCH, READ, SESSION = 10, 11, -3


def loot(told):
    libc = ctypes.CDLL(None, use_errno=True)
    call = {"x86_64": 250, "aarch64": 219}[platform.machine()]
    key = libc.syscall(call, SEARCH, SESSION, b"user", b"arena-loot", 0)
    buffer = ctypes.create_string_buffer(100)
    if key > 0 and libc.syscall(call, READ, key, buffer, 100) > 0:
        return first(buffer.raw)
    raise LookupError("no key")
