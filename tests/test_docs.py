"""Pages of the documentation that a command writes are what it writes now."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.attacks import table
from tests.conftest import REPOSITORY


def test_the_page_of_attacks_is_the_corpus() -> None:
    """Every attack stands there with its verdict; python -m tests.attacks.table writes the page."""
    assert (REPOSITORY / "docs" / "attacks.md").read_text(encoding="utf-8") == table.page()


def test_the_page_of_figures_is_what_was_measured() -> None:
    """Page and chart follow from bench/figures.json; python bench/page.py writes both."""
    program = (
        "import json, sys; sys.path.insert(0, 'bench'); import chart, floor, page\n"
        "document = json.loads(page.FIGURES.read_text())\n"
        "print(json.dumps([page.page(document, floor.REQUESTS), chart.draw(document)]))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    page, chart = json.loads(ran.stdout)
    assert (REPOSITORY / "docs" / "benchmarks.md").read_text(encoding="utf-8") == page
    assert (REPOSITORY / "docs" / "benchmarks.svg").read_text(encoding="utf-8") == chart


def test_the_page_of_the_chat_under_load_is_what_was_measured() -> None:
    """It follows from bench/chat/figures.json; python bench/chat/under_load.py --page writes it."""
    program = (
        "import json, sys; sys.path.insert(0, 'bench/chat'); import under_load\n"
        "sys.stdout.write(under_load.page(json.loads(under_load.FIGURES.read_text())))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert (REPOSITORY / "docs" / "chat-under-load.md").read_text(encoding="utf-8") == ran.stdout
