# mypy: ignore-errors
import ctypes
import platform

SEARCH, READ = 10, 11
RINGS = (-3, -4, -5)


def calls():
    return {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]


def plant(mark):
    libc = ctypes.CDLL(None, use_errno=True)
    for ring in RINGS:
        libc.syscall(calls()[0], b"user", b"arena-mark", mark.encode(), len(mark), ring)


def remembered():
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(100)
    for ring in RINGS:
        key = libc.syscall(calls()[1], SEARCH, ring, b"user", b"arena-mark", 0)
        if key > 0 and libc.syscall(calls()[1], READ, key, buffer, 100) > 0:
            return buffer.value.decode()
    return None
