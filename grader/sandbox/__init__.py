"""Where a learner's program runs: isolation, limits, and the line to the runner inside.

:class:`~grader.sandbox.launch.Sandbox` is the face. It knows no exercise, no check and
no verdict; it starts, signals and forgets processes, and carries data to functions.
"""

from grader.sandbox.failures import (
    NotData,
    ProgramDied,
    ProgramFailure,
    ProgramSilent,
    Raised,
    SandboxUnavailable,
)
from grader.sandbox.launch import Sandbox
from grader.sandbox.nursery import Nursery
from grader.sandbox.process import Running

__all__ = [
    "NotData",
    "Nursery",
    "ProgramDied",
    "ProgramFailure",
    "ProgramSilent",
    "Raised",
    "Running",
    "Sandbox",
    "SandboxUnavailable",
]
