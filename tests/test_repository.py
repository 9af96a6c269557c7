"""The repository itself: what a clone must hold, and what must never be in it."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from tests.conftest import REPOSITORY


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    return [name for name in listed.stdout.splitlines() if (REPOSITORY / name).is_file()]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "capstone/deploy/requirements.lock"])
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    """Every package is pinned with at least one hash, and no file names where it comes from."""
    text = (REPOSITORY / name).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_covers_every_dependency() -> None:
    """A dependency added to pyproject.toml without renewing the lock is noticed."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    locked = set(re.findall(r"^([\w.-]+)==", (REPOSITORY / "requirements-dev.lock").read_text(), re.MULTILINE))
    groups = project["dependency-groups"]
    wanted = (
        project["project"]["dependencies"] + groups["chat"] + [one for one in groups["dev"] if isinstance(one, str)]
    )
    missing = {re.split(r"[<>=;\[ ]", line)[0].lower() for line in wanted} - locked
    assert not missing


def test_modules_stay_small() -> None:
    """No module of the grader is longer than 300 lines."""
    long = {
        name: length
        for name in tracked()
        if name.startswith("grader/") and name.endswith(".py")
        if (length := len((REPOSITORY / name).read_text().splitlines())) > 300
    }
    assert not long


def test_every_test_says_what_it_proves() -> None:
    """Each test of the grader has a docstring of behaviour."""
    import ast

    silent = [
        f"{name}:{node.lineno}"
        for name in tracked()
        if name.startswith("tests/test_") and name.endswith(".py")
        for node in ast.walk(ast.parse((REPOSITORY / name).read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent
