"""Groundup's judge: runs a learner's program in a sandbox and says what holds.

Start reading at :mod:`grader.grading`, which turns one submission into one report.
"""

__version__ = "0.1.0"
