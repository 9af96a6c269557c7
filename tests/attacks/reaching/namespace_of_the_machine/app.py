# mypy: ignore-errors
import ctypes
import glob
import os


def loot(told):
    libc = ctypes.CDLL(None, use_errno=True)
    number = 1
    for path in glob.glob("/proc/[0-9]*/ns/*") + ["/proc/self/ns/net"]:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        if libc.setns(descriptor, 0) == 0:
            return "inside"
        number = ctypes.get_errno() if path.endswith("net") else number
        os.close(descriptor)
    raise OSError(number, os.strerror(number))
