# mypy: ignore-errors
def plant(mark):
    with open("/app/mark", "w") as file:
        file.write(mark)


def remembered():
    try:
        with open("/app/mark") as file:
            return file.read()
    except FileNotFoundError:
        return None
