# mypy: ignore-errors
def double(n):
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
