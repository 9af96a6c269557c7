# mypy: ignore-errors
import ctypes
import os


def loot(told):
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (16, 0x4206):
        if libc.ptrace(request, 1, None, None) == 0:
            return "attached"
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
