"""What stands in the program's database, whatever it calls its tables and columns."""

import re

_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}")
_ARGON = re.compile(r"\$(argon2\w*)\$v=\d+\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
_LEAST_COST = 10
# OWASP's choices: with less memory, more rounds.
_LEAST_MEMORY = {1: 47104, 2: 19456, 3: 12288, 4: 9216, 5: 7168}


def values(sql):
    """Every text and every blob of every table, as text."""
    tables = sql.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    found = []
    for table in tables:
        name = table["name"].replace('"', '""')
        for row in sql.query(f'SELECT * FROM "{name}"'):
            for value in row.values():
                if isinstance(value, bytes):
                    found.append(value.decode("utf-8", "replace"))
                elif isinstance(value, str):
                    found.append(value)
    return found


def hashes(sql):
    """Every password hash in the text form of bcrypt or Argon2."""
    return {match[0] for value in values(sql) for kind in (_BCRYPT, _ARGON) for match in kind.finditer(value)}


def weakness(text):
    """What is too weak about a hash; empty if nothing."""
    if match := _BCRYPT.fullmatch(text):
        cost = int(match[1])
        return "" if cost >= _LEAST_COST else f"bcrypt with the cost {cost}"
    match = _ARGON.fullmatch(text)
    kind, memory, rounds = match[1], int(match[2]), int(match[3])
    if kind != "argon2id":
        return f"{kind}, which is not Argon2id"
    enough = memory >= _LEAST_MEMORY[max(1, min(rounds, 5))]
    return "" if enough else f"Argon2id with m={memory},t={rounds}"
