"""The trusted child: runs an exercise's checks against a program in the sandbox.

One process judges one submission and ends. It imports the exercise's checks, never the
learner's code, and says what it found as events on a pipe; ``grader.grading`` lays those
over the checks the exercise declares.
"""
