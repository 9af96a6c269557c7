"""Pages of the documentation that a command writes are what it writes now."""

from __future__ import annotations

from tests.attacks import table
from tests.conftest import REPOSITORY


def test_the_page_of_attacks_is_the_corpus() -> None:
    """Every attack stands there with its verdict; python -m tests.attacks.table writes the page."""
    assert (REPOSITORY / "docs" / "attacks.md").read_text(encoding="utf-8") == table.page()
