# mypy: ignore-errors
import ctypes

KEY = 0x6D61726B


def attached(size, flags):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    segment = libc.shmget(KEY, size, flags)
    return libc.shmat(segment, None, 0) if segment >= 0 else None


def plant(mark):
    at = attached(64, 0o1600)
    if at:
        ctypes.memmove(at, mark.encode(), len(mark))


def remembered():
    at = attached(0, 0)
    return ctypes.string_at(at, 16).decode() if at else None
