"""The learner's side: their copies under ``work/``, and how far they have come.

Nothing here overwrites a learner's file without keeping a copy of it.
"""

from grader.workspace.folders import carried, displaced, folder, reset, start, submission
from grader.workspace.progress import Progress, Record

__all__ = ["Progress", "Record", "carried", "displaced", "folder", "reset", "start", "submission"]
