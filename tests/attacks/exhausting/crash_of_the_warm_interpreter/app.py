# mypy: ignore-errors
def never():
    import antigravity
    import test.__main__
    import this
    import idlelib.__main__
    import lib2to3.__main__
    import venv.__main__
    import test.crashers.bogus_code_obj
    import test.crashers.recursive_call
    import test.crashers.trace_at_recursion_limit
    import test.crashers.infinite_loop_re


def double(n):
    return 0
