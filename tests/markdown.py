"""Markdown taken apart for the tests of pages: fences, headings, spans of code, links, and the words that are left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import zip_longest
from pathlib import Path

_FENCE = re.compile(r"( *)(`{3,}|~{3,}) *(\w*)(.*)")
_HEADING = re.compile(r"(#{1,6}) +(.+?) *")
# A span may go on in the next line, and ends with its paragraph.
_CODE = re.compile(r"(?<!`)(`+)(?!`)((?:(?!\n *\n)[\s\S])+?)(?<!`)\1(?!`)")
_COMMENT = re.compile(r"<!--[\s\S]*?-->")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HTML_CODE = re.compile(r"<(code|pre)\b[^>]*>[\s\S]*?</\1>")
_ADDRESS = re.compile(r"<?\b[a-z][a-z0-9+.-]*://[^\s<>)]*>?")
_TARGET = re.compile(r"\]\(\s*([^)\s]+)[^)]*\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:[ \t]+(\S+).*$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"""<[a-zA-Z][^<>]*?\s(?:href|src)\s*=\s*["']([^"']*)["']""")
_LINK = re.compile(r"\[[^\]]*\]\([^)\s]+[^)]*\)")


@dataclass(frozen=True)
class Fence:
    """One fenced block; ``line`` is that of its opening fence, counted from 1, and ``more`` what follows the language."""

    line: int
    language: str
    text: str
    more: str = ""


@dataclass(frozen=True)
class Heading:
    """One heading; ``depth`` is its number of ``#``."""

    line: int
    depth: int
    title: str


@dataclass(frozen=True)
class Words:
    """Something that stands on a page: a span of code, or the target of a link."""

    line: int
    text: str


@dataclass(frozen=True)
class Page:
    """A page taken apart; ``prose`` holds its lines with those of fences and front matter made empty.

    ``unclosed`` is the line of a fence that nothing closes, 0 if there is none.
    """

    path: Path
    text: str
    front_matter: tuple[str, ...]
    prose: tuple[str, ...]
    fences: tuple[Fence, ...]
    headings: tuple[Heading, ...]
    unclosed: int = 0

    def lines(self, title: str) -> range:
        """The lines below a ``##`` heading, up to the next one, counted from 1; none when it is not there."""
        second = [heading for heading in self.headings if heading.depth <= 2]
        for heading, following in zip_longest(second, second[1:]):
            if heading.depth == 2 and heading.title == title:
                return range(heading.line + 1, following.line if following else len(self.prose) + 1)
        return range(0)

    def section(self, title: str) -> str:
        """The prose below a ``##`` heading; empty when there is no such heading."""
        return "\n".join(self.prose[number - 1] for number in self.lines(title))

    @cached_property
    def spans(self) -> tuple[Words, ...]:
        """Every span of code, however many lines it goes over, in one line."""
        text = "\n".join(self.prose)
        found = [Words(_line(text, span.start()), " ".join(span[2].split())) for span in _CODE.finditer(text)]
        return tuple(found)

    @cached_property
    def uncoded(self) -> str:
        """The prose without spans of code and comments; every line stands where it stood."""
        return _without(_COMMENT, _without(_CODE, "\n".join(self.prose)))

    @cached_property
    def words(self) -> str:
        """What is read as language: no code, no target of a link, no tag, no address; lines stand where they stood."""
        return self.spoken("")

    def spoken(self, code: str) -> str:
        """The same with a word for each span of code, as when a page is read aloud."""
        text = _without(_COMMENT, _without(_CODE, "\n".join(self.prose), code))
        text = _without(_HTML_CODE, text, code)
        for pattern in (_DEFINITION, _TARGET, _TAG, _ADDRESS):
            text = _without(pattern, text)
        return text

    @cached_property
    def targets(self) -> tuple[Words, ...]:
        """Where links and images lead, in Markdown and in HTML."""
        text = self.uncoded
        found = [
            Words(_line(text, match.start(1)), match[1])
            for pattern in (_TARGET, _DEFINITION, _ATTRIBUTE)
            for match in pattern.finditer(text)
        ]
        return tuple(sorted(found, key=lambda target: target.line))

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Each place in the words of the page, with its line."""
        for match in pattern.finditer(self.words):
            yield _line(self.words, match.start()), match


def _without(pattern: re.Pattern[str], text: str, instead: str = " ") -> str:
    return pattern.sub(lambda match: (instead or " ") + "\n" * match[0].count("\n"), text)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@cache
def read(path: Path) -> Page:
    """Take a page apart."""
    return parse(path, path.read_text(encoding="utf-8"))


def parse(path: Path, text: str) -> Page:
    """Take a text apart; an unclosed fence or front matter swallows the rest, which other tests notice."""
    lines = text.splitlines()
    prose = list(lines)
    start = 0
    front_matter: list[str] = []
    if lines and lines[0] == "---":
        start = lines.index("---", 1) + 1 if "---" in lines[1:] else len(lines)
        front_matter = lines[1 : start - 1]
    fences: list[Fence] = []
    headings: list[Heading] = []
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if number <= start:
            prose[number - 1] = ""
        elif opened:
            prose[number - 1] = ""
            first, mark = opened
            if line.strip() == mark[2]:
                # As far in as the fence is, its lines are, too.
                inside = (re.sub(rf"^ {{0,{len(mark[1])}}}", "", each) for each in lines[first : number - 1])
                fences.append(Fence(first, mark[3], "".join(f"{each}\n" for each in inside), mark[4].strip()))
                opened = None
        elif fence:
            prose[number - 1] = ""
            opened = (number, fence)
        elif heading := _HEADING.fullmatch(line):
            headings.append(Heading(number, len(heading[1]), heading[2]))
    unclosed = opened[0] if opened else 0
    return Page(path, text, tuple(front_matter), tuple(prose), tuple(fences), tuple(headings), unclosed)


def slugs(title: str) -> tuple[str, str]:
    """The anchors that GitHub and MkDocs make of a heading."""
    title = _LINK.sub(lambda link: link[0][1 : link[0].index("]")], title)
    on_github = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    on_mkdocs = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())
    return on_github, on_mkdocs


def anchors(page: Page) -> set[str]:
    """The anchors of a page's headings that GitHub and MkDocs agree on; a link must work in both."""
    found = (slugs(heading.title) for heading in page.headings)
    return {on_github for on_github, on_mkdocs in found if on_github == on_mkdocs}


def links(text: str) -> list[str]:
    """The targets of Markdown links and images; those inside spans of code are only text."""
    return _TARGET.findall(_CODE.sub("", text))
