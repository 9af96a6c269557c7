"""The noun of the site: one page as Markdown, before mkdocs has seen it; and the marks that pages are written with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n+", re.DOTALL)
_TITLE = re.compile(r"^# +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """``uri`` is its place on the site, ``source`` the file of the repository that its links start from.

    A page that only the site has names the file that it would be: ``docs/path.md``. Where a page is made
    from a file and something else, ``text`` holds both, with the links as the file has them.
    """

    uri: str
    source: PurePosixPath
    text: str

    @property
    def title(self) -> str:
        """Its first heading."""
        found = _TITLE.search(self.text)
        return found[1] if found else self.source.stem


def without_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields as they are written, and the page below them."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    fields = dict(line.partition(":")[::2] for line in found[1].splitlines())
    return {name: value.strip() for name, value in fields.items()}, text[found.end() :]


def below_title(text: str, addition: str) -> str:
    """The page with ``addition`` between its title and its first words."""
    title = _TITLE.search(text)
    if not title:
        return f"{addition}\n\n{text}"
    return f"{text[: title.end()]}\n\n{addition}\n{text[title.end() :]}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar inside a cell stays one, and a column of numbers stands on the right."""
    lines = [list(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    columns = zip(*lines[1:], strict=True)
    lines.insert(
        1, ["---:" if all(re.fullmatch(r"\**\d+\**", cell) for cell in column) else "---" for column in columns]
    )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def fold(summary: str, body: str) -> str:
    """A part that opens when its summary is clicked."""
    return f'<details markdown="1">\n<summary>{summary}</summary>\n\n{body}\n\n</details>'


def hours(minutes: int) -> str:
    """``135`` → ``2 h 15 min``."""
    whole, rest = divmod(minutes, 60)
    return " ".join([f"{whole} h"] * bool(whole) + [f"{rest} min"] * bool(rest or not whole))
