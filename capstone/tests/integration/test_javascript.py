"""The official JavaScript client hears what ours hears."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

_BAD_OPTION = 9


def with_websocket() -> list[str]:
    """A node that has a WebSocket: the machine's own, if it is 20.10 or newer, else the one playwright brings along."""
    found = [node for node in [shutil.which("node")] if node]
    with contextlib.suppress(ImportError):
        import playwright

        found.append(str(Path(playwright.__file__).parent / "driver" / "node"))
    for node in found:
        words = [node, "--no-warnings", "--experimental-websocket"]
        if subprocess.run([*words, "-e", "new WebSocket"], capture_output=True, check=False).returncode != _BAD_OPTION:
            return words
    pytest.skip("there is no node with a WebSocket: apt-get install nodejs, 20.10 or newer, or pip install playwright")


def test_the_official_client_lives_the_story(stage) -> None:
    """Refusal, presence, messages once, receipts, typing, errors, what was missed, and a call."""
    words = [*with_websocket(), str(Path(__file__).with_name("story.mjs")), stage.running[0].url]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["refused", "unauthorized"],
        ["online", True],
        ["once", True],
        ["heard", "hello 日本 🙂", 1],
        ["read", 1],
        ["typing", True],
        ["invalid", "invalid"],
        ["unknown", "not_found"],
        ["missed", "while you were away"],
        ["offer", {"sdp": "v=0"}],
        ["answer", {"sdp": "v=1"}],
        ["ended", "hung_up"],
    ]
