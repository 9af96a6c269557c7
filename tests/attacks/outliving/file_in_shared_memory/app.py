# mypy: ignore-errors
def plant(mark):
    with open("/dev/shm/mark", "w") as file:
        file.write(mark)


def remembered():
    try:
        with open("/dev/shm/mark") as file:
            return file.read()
    except FileNotFoundError:
        return None
