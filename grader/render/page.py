"""A Markdown page for the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown

from grader.render.style import Style


def rendered(page: str, style: Style) -> str:
    """The page with headings, tables and code set for a terminal of this width."""
    console = Console(width=style.width, force_terminal=style.colour, no_color=not style.colour)
    with console.capture() as capture:
        console.print(Markdown(page))
    return capture.get()
