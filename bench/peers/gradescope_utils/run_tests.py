"""Runs every test of the submission beside it and writes the file that Gradescope reads."""

import unittest

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

if __name__ == "__main__":
    suite = unittest.defaultTestLoader.discover("tests")
    with open("../results/results.json", "w") as results:
        JSONTestRunner(visibility="visible", stream=results).run(suite)
