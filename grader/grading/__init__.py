"""One submission in, one report out. The only road from a program to a verdict."""

from grader.grading.judge import Preparation, grade
from grader.grading.options import Options, new_seed
from grader.grading.pool import Pool
from grader.grading.results import result_of
from grader.grading.submission import collect, fingerprint

__all__ = ["Options", "Pool", "Preparation", "collect", "fingerprint", "grade", "new_seed", "result_of"]
