"""One Otter test case for each check of the exercise, in the format with exceptions.

The text of the checks is put in front of this when the autograder is built: Otter executes
a test file alone.
"""

from otter.test_files import test_case

OK_FORMAT = False
name = "notes"


def declared(check):
    def case(env):
        run(check, env["app"])  # noqa: F821 part of the text in front

    return test_case(name=check.__name__, points=1)(case)


for key, check in list(globals().items()):
    if key.startswith("test_") and key != "test_case":
        globals()[f"case_{key}"] = declared(check)
