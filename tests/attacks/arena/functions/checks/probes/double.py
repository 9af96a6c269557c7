# mypy: ignore-errors
def probe(numbers):
    import app

    return [app.double(n) for n in numbers]
