"""A virtual environment for each peer, made once and kept in a cache folder."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

from checks import BENCH


class NotInstalledError(Exception):
    """A peer could not be installed; the message is the last thing that pip said."""


def requirements(folder: str) -> Path:
    """The pinned packages of the peer in ``bench/peers/<folder>``."""
    return BENCH / "peers" / folder / "requirements.txt"


def version(folder: str, package: str) -> str:
    """The version of a package that a peer is pinned to."""
    for line in requirements(folder).read_text().splitlines():
        name, _, pinned = line.partition("==")
        if name.lower() == package.lower():
            return pinned
    raise ValueError(f"{requirements(folder)} does not pin {package}")


def strays() -> list[str]:
    """What is installed beside our judge and not pinned by the project.

    Flask imports its plugins whenever ``flask run`` starts: one that a learner has not makes all figures worse.
    """
    lock = (BENCH.parent / "requirements-dev.lock").read_text()
    pinned = {_name(line) for line in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    there = {_name(package.name) for package in importlib.metadata.distributions()}
    return sorted(there - pinned - {"groundup", "pip", "setuptools", "wheel"})


def _name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def environment(cache: Path, folder: str) -> Path:
    """The virtual environment of a peer, made with pip where it is missing or out of date.

    pip is used as it is configured on this machine. Raises NotInstalledError.
    """
    pinned = requirements(folder).read_bytes()
    wanted = hashlib.sha256(pinned + sys.version.encode()).hexdigest()
    home = cache / folder
    ready = home / ".ready"
    if ready.is_file() and ready.read_text() == wanted:
        return home
    home.mkdir(parents=True, exist_ok=True)
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(home)
    pip = subprocess.run(
        [home / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", requirements(folder)],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if pip.returncode:
        errors = [line for line in pip.stdout.splitlines() if line.startswith("ERROR")]
        raise NotInstalledError((errors or pip.stdout.splitlines() or ["pip failed and said nothing"])[0])
    ready.write_text(wanted)
    return home
