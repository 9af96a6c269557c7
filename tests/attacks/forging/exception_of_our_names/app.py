# mypy: ignore-errors
class OutOfTime(BaseException):
    pass


def double(n):
    raise OutOfTime("PASSED")
