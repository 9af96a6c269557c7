# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import zlib


def loot(told):
    with open(told["git"], "rb") as file:
        return first(zlib.decompress(file.read()))
