# mypy: ignore-errors
import ctypes

KINDS = {
    "user": 0x10000000,
    "network": 0x40000000,
    "processes": 0x20000000,
    "mounts": 0x00020000,
    "ipc": 0x08000000,
    "time": 0x80,
}


def double(n):
    libc = ctypes.CDLL(None, use_errno=True)
    made = [name for _ in range(5) for name, flag in KINDS.items() if libc.unshare(flag) == 0]
    raise PermissionError(f"made {made}" if made else "no namespace of its own")
