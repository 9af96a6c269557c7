# mypy: ignore-errors
import os


def plant(mark):
    for folder in ("/app", "/tmp", "/dev/shm"):
        os.makedirs(f"{folder}/locked/inner")
        with open(f"{folder}/locked/inner/mark", "w") as file:
            file.write(mark)
        os.chmod(f"{folder}/locked/inner", 0o500)
        os.chmod(f"{folder}/locked", 0o500)


def remembered():
    for folder in ("/app", "/tmp", "/dev/shm"):
        try:
            with open(f"{folder}/locked/inner/mark") as file:
                return file.read()
        except OSError:
            continue
    return None
