"""Links as the repository has them, turned into links of the site; ids of exercises become links, too.

Knows where every page's source lies and nothing of what a page says.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from grader.site.page import Page

_FENCE = re.compile(r" *(`{3,}|~{3,})")
# A link or an image whole, or a span of code: what is found first hides the other.
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`+)(?P<inner>.+?)(?P=ticks))|(?P<open>\]\()(?P<target>[^)\s]+)(?P<rest>[^)]*\))"
)
_LINK = re.compile(r"!?\[(?:[^\[\]]|`[^`]*`|\[[^\]]*\])*\]\([^)]*\)")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|#")


class Links:
    """Where every source of a page lies on the site; ``exercises`` maps ids to their pages' sources.

    ``files`` are those of the repository that lie on the site and are no pages.
    """

    def __init__(self, pages: Mapping[str, Page], exercises: Mapping[str, str], files: Mapping[str, str]) -> None:
        self.places = {page.source.as_posix(): page.uri for page in pages.values()} | dict(files)
        self.exercises = exercises

    def rewritten(self, page: Page) -> tuple[str, list[str]]:
        """The page's text with links that work on the site, and those that lead to no page there."""
        lost: list[str] = []
        lines: list[str] = []
        fence = ""
        for line in page.text.split("\n"):
            mark = _FENCE.match(line)
            if fence:
                if mark and mark[1].startswith(fence):
                    fence = ""
                lines.append(line)
            elif mark:
                fence = mark[1]
                lines.append(line)
            else:
                lines.append(self._line(page, line, lost))
        return "\n".join(lines), lost

    def _line(self, page: Page, line: str, lost: list[str]) -> str:
        # An id inside a link, a heading or a summary is not made a link.
        taken = [found.span() for found in _LINK.finditer(line)]
        closed = line.startswith(("#", "<summary", "<"))

        def replaced(found: re.Match[str]) -> str:
            if found["code"]:
                inner = found["inner"]
                free = not closed and not any(start < found.start() < end for start, end in taken)
                place = self.exercises.get(inner)
                if free and place and self.places[place] != page.uri:
                    return f"[{found['code']}]({self._between(page, self.places[place])})"
                return found["code"]
            return f"]({self._target(page, found['target'], lost)}{found['rest']}"

        return _INLINE.sub(replaced, line)

    def _target(self, page: Page, target: str, lost: list[str]) -> str:
        if _ABSOLUTE.match(target):
            return target
        name, mark, anchor = target.partition("#")
        # A page that only the site has may count from the top of the repository: /docs/path.md.
        path = posixpath.normpath(posixpath.join("/", page.source.parent.as_posix(), unquote(name))).lstrip("/")
        place = self.places.get(path) or self.places.get(f"{path}/index.md") or self.places.get(f"{path}/README.md")
        if place is None and path.startswith("docs/"):
            place = path.removeprefix("docs/")  # a picture, or a mistake that mkdocs reports
        if place is None:
            lost.append(target)
            return target
        return self._between(page, place) + mark + anchor

    @staticmethod
    def _between(page: Page, place: str) -> str:
        return quote(posixpath.relpath(place, posixpath.dirname(page.uri) or "."))
