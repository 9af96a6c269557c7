# mypy: ignore-errors
def plant(mark):
    with open("/tmp/mark", "w") as file:
        file.write(mark)


def remembered():
    try:
        with open("/tmp/mark") as file:
            return file.read()
    except FileNotFoundError:
        return None
