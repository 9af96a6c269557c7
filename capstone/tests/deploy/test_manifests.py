"""What is handed to other programs is read by those programs, or by linters that know their rules."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from stage import CAPSTONE

DEPLOY = CAPSTONE / "deploy"
READERS = {
    "Dockerfile": ["hadolint"],
    "compose.yaml": ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"],
    "kubernetes/chat.yaml": ["kubernetes-validate", "--strict"],
}


@pytest.mark.parametrize("name", READERS)
def test_a_linter_finds_nothing(name: str) -> None:
    """Dockerfile, compose file and manifests."""
    program, *words = READERS[name]
    command = [str(Path(sys.executable).with_name(program)), *words, str(DEPLOY / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").iterdir()))
def test_systemd_reads_its_units(unit: str, tmp_path: Path) -> None:
    """As they are, but for the place of the programs, which has to exist."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd: apt-get install systemd")
    text = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")
    assert "/opt/chat/venv/bin" in text
    instance = tmp_path / unit.replace("@.", "@8001.")
    instance.write_text(text.replace("/opt/chat/venv/bin", str(Path(sys.executable).parent)), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(instance)], capture_output=True, text=True, check=False)
    # Of the units it names it complains that they are not on this machine, which is true.
    said = [line for line in done.stderr.splitlines() if instance.name in line]
    assert done.returncode == 0, done.stderr
    assert said == []


def test_the_image_has_what_the_chat_imports() -> None:
    """Every package of others that it imports is in the lock of the image."""
    locked = set(re.findall(r"^([\w.-]+)==", (DEPLOY / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    of = packages_distributions()
    for path in (CAPSTONE / "chat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {name.partition(".")[0] for name in names} - {"", "chat", *sys.stdlib_module_names}:
                distributions = {re.sub(r"[-_.]+", "-", found).lower() for found in of[name]}
                assert distributions & locked, f"{path}: {name}"


def test_the_programs_start_alike_everywhere() -> None:
    """The same command in the image, in compose and under systemd."""
    serving = "--threads 200"
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    command = " ".join(re.findall(r'"([^"]+)"', image.splitlines()[-1]))
    unit = (DEPLOY / "systemd" / "chat-web@.service").read_text(encoding="utf-8")
    assert serving in command
    for words in command.partition("gunicorn ")[2].replace("0.0.0.0:8000", "").split("--"):
        assert words.strip() in unit, words
