# mypy: ignore-errors
import os
import time


def double(n):
    doors = []
    for _ in range(12):
        reading, writing = os.pipe()
        if os.fork() == 0:
            kept = bytearray(b"x") * (80 << 20)
            os.write(writing, b"x")
            time.sleep(60)
            os._exit(len(kept) % 2)
        os.close(writing)
        doors.append(reading)
    whole = sum(len(os.read(door, 1)) for door in doors)
    if whole < len(doors):
        raise MemoryError(f"only {whole} of {len(doors)} processes got their memory")
    return 0
