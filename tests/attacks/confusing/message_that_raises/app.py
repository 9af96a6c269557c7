# mypy: ignore-errors
class Strange(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


def double(n):
    raise Strange
