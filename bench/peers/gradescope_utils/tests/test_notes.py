"""One unittest method for each check of the exercise, one point each."""

import unittest

import notes_checks
from app import app
from gradescope_utils.autograder_utils.decorators import weight


class TestNotes(unittest.TestCase):
    pass


def method(check):
    @weight(1)
    def test(self):
        notes_checks.run(check, app)

    test.__doc__ = check.__doc__
    return test


for name, check in vars(notes_checks).items():
    if name.startswith("test_"):
        setattr(TestNotes, name, method(check))
