# mypy: ignore-errors
def loot(told):
    with open("notes.txt") as file:
        return file.read()
