# mypy: ignore-errors
import ctypes
import os
import threading
import time


def take(writing):
    time.sleep(0.2)
    kept = bytearray(b"x") * (80 << 20)
    os.write(writing, b"x")
    time.sleep(60)
    os._exit(len(kept) % 2)


def double(n):
    doors = []
    for _ in range(5):
        reading, writing = os.pipe()
        if os.fork() == 0:
            threading.Thread(target=take, args=(writing,)).start()
            # Without leaving Python's lock to nobody: the wait below gives it to the other thread.
            leave = ctypes.CDLL(None).pthread_exit
            leave(None)
        os.close(writing)
        doors.append(reading)
    whole = sum(len(os.read(door, 1)) for door in doors)
    if whole < len(doors):
        raise MemoryError(f"only {whole} of {len(doors)} processes got their memory")
    return 0
