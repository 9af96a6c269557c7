# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


def loot(told):
    with open(told["named_memory"], "rb") as file:
        return first(file.read())
