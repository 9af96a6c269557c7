"""Where a page leads: files and anchors that exist, and pictures that can be read aloud."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from tests.conftest import REPOSITORY
from tests.markdown import Page, anchors, read
from tests.pages import COURSE, Found, ids

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(")
_IMG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(["'])(?=\s*\S)(?!\s*\1)""", re.IGNORECASE)


@cache
def generated() -> frozenset[Path]:
    """Pages that only the site has; links name them as if they lay in docs/."""
    roadmap = COURSE.roadmap
    numbers = [number for number, _ in roadmap.titles] if roadmap else []
    names = ["path", "topics", "reference", "roadmaps/index", "mistakes/index", "decisions/index"]
    names += [f"roadmaps/{number}" for number in numbers] + [f"mistakes/{exercise}" for exercise in ids()]
    return frozenset(REPOSITORY / "docs" / f"{name}.md" for name in names)


def links(page: Page) -> Iterator[Found]:
    """Each relative link stays in the repository and names a file, each anchor a heading of that file."""
    for link in page.targets:
        if _ELSEWHERE.match(link.text):
            continue
        name, _, anchor = link.text.partition("#")
        target = Path(os.path.normpath(page.path.parent / unquote(name))) if name else page.path
        if name.startswith("/") or not target.is_relative_to(REPOSITORY):
            yield link.line, f"{link.text} leaves the repository"
        elif target in generated():
            continue  # what the site makes has anchors that are not known here
        elif name and not target.exists():
            yield link.line, f"{link.text} names no file"
        elif target == REPOSITORY / "README.md" and page.path != target:
            yield link.line, f"{link.text}: the README of the root is no page of the site"
        elif anchor and target.suffix == ".md" and unquote(anchor) not in anchors(read(target) if name else page):
            yield link.line, f"{link.text} names no heading of that page, or one whose anchor differs on the site"
        elif anchor and target.suffix != ".md":
            yield link.line, f"{link.text}: only a page has headings to lead to"


def pictures(page: Page) -> Iterator[Found]:
    """Each picture says in words what it shows."""
    text = page.uncoded
    for picture in _PICTURE.finditer(text):
        if not picture[1].strip():
            yield text.count("\n", 0, picture.start()) + 1, "a picture without words between ![ and ]"
    for tag in _IMG.finditer(text):
        if not _ALT.search(tag[0]):
            yield text.count("\n", 0, tag.start()) + 1, "an <img> without words in alt"
