# mypy: ignore-errors
import threading
import time


def double(n):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
