# mypy: ignore-errors
def double(n):
    while True:
        n += 1
