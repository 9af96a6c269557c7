# mypy: ignore-errors
def double(n):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    deep.append(deep)
    return deep
