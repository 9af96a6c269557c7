# mypy: ignore-errors
def double(n):
    return 0
