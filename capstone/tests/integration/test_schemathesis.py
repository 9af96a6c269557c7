"""Whatever the OpenAPI document allows, and what it does not: no answer that it does not describe."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = 20


def test_schemathesis_finds_nothing(join, tmp_path: Path) -> None:
    """Generated requests to every route, each checked against the document."""
    beside = Path(sys.executable).with_name("schemathesis")
    command = str(beside) if beside.exists() else shutil.which("schemathesis")
    if not command:
        pytest.skip("schemathesis is not installed: pip install schemathesis")
    ann = join("ann")
    words = ["run", f"{ann.url}/openapi.json", "-H", f"Authorization: Bearer {ann.token}"]
    # What only the data can say (whose file, which cursor) is a 422 here, and no schema can tell it before.
    words += ["--exclude-checks", "positive_data_acceptance", "--max-examples", str(EXAMPLES)]
    # It would end the session that all the others need.
    words += ["--exclude-path", "/api/v1/auth/logout"]
    done = subprocess.run([command, *words], capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:]
