"""How a page is built: one title, headings in order, and nothing that is of one machine only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.conftest import REPOSITORY
from tests.markdown import Page, slugs
from tests.pages import Found

_UNDERLINE = re.compile(r" {0,3}(=+|-{2,}) *")
_MACHINE = re.compile(r"(?<![\w.~/-])/(?:home|Users|root|tmp|work|mnt|private)/\S*")
_REGISTRY = re.compile(
    r"\b(?:(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs|rubygems|crates|anaconda|quay|ghcr)\.(?:org|com|io)"
    r"|[\w-]*(?:artifactory|nexus|registry|mirror)[\w-]*(?:\.[\w-]+)*\.(?:com|org|net|io|internal|local|dev)|index\.docker\.io)\b"
)


def headings(page: Page) -> Iterator[Found]:
    """One ``#`` at the top, no level left out, no two with one anchor, none with nothing below it."""
    titles = [heading for heading in page.headings if heading.depth == 1]
    if not titles:
        yield 1, "it has no title: one line that begins with a single #"
    for heading in titles[1:]:
        yield heading.line, f"a second title, '{heading.title}'; a page has one"
    if titles and page.headings[0].depth != 1:
        yield page.headings[0].line, f"'{page.headings[0].title}' stands before the title"
    for above, heading in pairwise(page.headings):
        if heading.depth > above.depth + 1:
            yield heading.line, f"'{heading.title}' has {heading.depth} # below one with {above.depth}"
    for number, (text, dashes) in enumerate(pairwise(page.prose), start=2):
        if _UNDERLINE.fullmatch(dashes) and text.strip() and not text.startswith(("#", "|")):
            yield number, "a line of dashes makes a heading of the line above it; write ## or leave a line empty"


def anchors(page: Page) -> Iterator[Found]:
    """No two headings with one anchor; a link would lead to the first."""
    if page.path.name == "hints.md":
        return  # the rungs of each task have the same names, which `grader verify` asks for; nobody links to them
    for side, name in enumerate(("GitHub", "the site")):
        seen: dict[str, int] = {}
        for heading in page.headings:
            anchor = slugs(heading.title)[side]
            if anchor in seen:
                yield heading.line, f"on {name} '{heading.title}' has the anchor of line {seen[anchor]}, #{anchor}"
            seen.setdefault(anchor, heading.line)


def sections(page: Page) -> Iterator[Found]:
    """No heading with nothing below it; parts below it are something."""
    written = page.text.splitlines()
    for number, heading in enumerate(page.headings):
        following = page.headings[number + 1] if number + 1 < len(page.headings) else None
        end = following.line - 1 if following else len(written)
        deeper = following and following.depth > heading.depth
        if not deeper and not "".join(written[heading.line : end]).strip():
            yield heading.line, f"nothing stands below '{heading.title}'"


def machines(page: Page) -> Iterator[Found]:
    """No path of one machine in prose, the folder of this clone nowhere, and no address of a package registry."""
    for line, path in page.matches(_MACHINE):
        yield line, f"{path[0]} is a path of one machine"
    for number, written in enumerate(page.text.splitlines(), start=1):
        if re.search(rf"{re.escape(str(REPOSITORY))}(?![\w-])", written):
            yield number, f"{REPOSITORY} is where this clone happens to lie"
        if registry := _REGISTRY.search(written):
            yield number, f"{registry[0]} is the address of a package registry"
