# mypy: ignore-errors
import ctypes
import os

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000


def double(n):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER | NEW_MOUNTS):
        raise PermissionError("no namespace of its own")
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, b"size=4g"):
        raise PermissionError("no disk of its own, but a namespace")
    with open("/tmp/large", "wb") as file:
        for _ in range(600):
            file.write(bytes(1 << 20))
    return os.stat("/tmp/large").st_size
