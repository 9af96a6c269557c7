"""The official JavaScript client hears what ours hears."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest


def test_the_official_client_lives_the_story(stage) -> None:
    """Refusal, presence, messages once, receipts, typing, errors, what was missed, and a call."""
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no node: apt-get install nodejs")
    script = Path(__file__).with_name("story.mjs")
    words = [node, "--no-warnings", "--experimental-websocket", str(script), stage.running[0].url]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    if "bad option" in done.stderr:
        pytest.skip("this node has no WebSocket: 20.10 or newer has")
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
