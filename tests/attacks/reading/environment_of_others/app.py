# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import glob


def loot(told):
    seen = 0
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                seen += 1
                if found := first(file.read()):
                    return found
        except OSError:
            continue
    raise LookupError(f"nothing in {seen} processes")
