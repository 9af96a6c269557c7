"""What instructors and students read of a class: two kinds of page, each one file that works without a network."""

from grader.classroom.pages.feedback import feedback
from grader.classroom.pages.report import report

__all__ = ["feedback", "report"]
