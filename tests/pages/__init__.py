"""What is asked of every page that people read; one module for each kind of question.

A rule is a function that takes a page apart by ``tests.markdown`` and gives ``(line, what is wrong)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from grader.course import Course
from tests.conftest import REPOSITORY
from tests.markdown import Page

Found = tuple[int, str]
Rule = Callable[[Page], Iterable[Found]]

# Everything that somebody is meant to read; WRONG.md are sentences for reports, and `grader verify` judges them.
_READ = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "capstone/README.md",
    "capstone/SPEC.md",
    "docs/**/*.md",
    "curriculum/*/*.md",
    "exercises/*/*/README.md",
    "exercises/*/*/hints.md",
    "solutions/*/*/notes.md",
)
PAGES = sorted(path for pattern in _READ for path in REPOSITORY.glob(pattern))
COURSE = Course(REPOSITORY)


@cache
def ids() -> frozenset[str]:
    """Every exercise of the course."""
    return frozenset(COURSE.ids(drafts=True))


def place(page: Page) -> str:
    """The page's path as people say it: ``docs/class.md``."""
    return page.path.relative_to(REPOSITORY).as_posix()


def complaints(page: Page, rule: Rule) -> Iterator[str]:
    """What a rule finds, each as ``path:line: what is wrong``."""
    for line, what in rule(page):
        yield f"{place(page)}:{line}: {what}"
