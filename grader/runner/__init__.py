"""The only code of ours inside the sandbox; launched there, never imported by the judge.

Nothing it says is a verdict. It forks, reports which process ended, and carries data;
a learner's program that takes it over has gained nothing but its own failure.
"""
