"""What mkdocs calls while it builds: pages are handed over, links made right, diagrams given what draws them.

mkdocs loads this file by its path and calls its functions by their names; everything that it decides
stands in the modules beside it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as Built
from mkdocs.utils import get_relative_url

from grader.site.content import FILES, Content
from grader.site.links import Links

log = logging.getLogger("mkdocs.plugins.groundup")
_DIALOG = 'data-md-component="search" role="dialog"'
_DIAGRAMS = ("assets/vendor/mermaid.min.js", "assets/diagrams.js")


class _State:
    content: Content
    links: Links


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the course anew, and let it decide the navigation."""
    _State.content = Content(Path(config.config_file_path).parent)
    _State.links = Links(_State.content.pages, _State.content.exercise_sources(), FILES)
    config.nav = _State.content.navigation()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Hand over every page, and the files that pages link to."""
    for page in _State.content.pages.values():
        present = files.get_file_from_path(page.uri)
        if present:
            files.remove(present)
        text, lost = _State.links.rewritten(page)
        for target in lost:
            log.warning("%s links to %s, which is no page of the site", page.source, target)
        files.append(File.generated(config, page.uri, content=text))
    root = Path(config.config_file_path).parent
    for name, uri in FILES.items():
        files.append(File.generated(config, uri, abs_src_path=str(root / name)))
    return files


def on_page_content(html: str, *, page: Built, **_: Any) -> str:
    """Give a page without parts the room that a list of them would take."""
    if not any(title.children for title in page.toc):
        page.meta.setdefault("hide", ["toc"])
    return html


def on_post_page(output: str, *, page: Built, config: MkDocsConfig, **_: Any) -> str:
    """Give a page with a diagram the library that draws it, from this site; no other page loads it."""
    # The theme's dialog has no name for those who hear the page.
    output = output.replace(_DIALOG, f'{_DIALOG} aria-label="Search"', 1)
    if '<pre class="mermaid">' not in output:
        return output
    scripts = "".join(f'<script src="{get_relative_url(name, page.url)}" defer></script>' for name in _DIAGRAMS)
    return output.replace("</head>", f"{scripts}</head>", 1)
