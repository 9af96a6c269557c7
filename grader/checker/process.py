"""Starting the checker's process, if need be before anybody knows what it is to check.

Imports nothing but the standard library, so that a command that is going to judge can start
the judge first and then read what it has to read, side by side.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO

_COMMAND = [sys.executable, "-I", "-m", "grader.checker"]
_ahead: list[Process] = []


@dataclass(frozen=True)
class Process:
    """A checker that waits for its first line; ``errors`` is what it writes to stderr."""

    popen: subprocess.Popen[bytes]
    errors: IO[bytes]


def start_ahead() -> None:
    """Start one that the next :func:`start` gives away; it ends by itself if nobody asks."""
    _ahead.append(_start())


def start() -> Process:
    """A checker's process; the caller ends it."""
    return _ahead.pop() if _ahead else _start()


def _start() -> Process:
    errors = tempfile.TemporaryFile()
    popen = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd="/",
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        # Ctrl-C is for the command line to hear; it ends the checker itself.
        start_new_session=True,
    )
    return Process(popen, errors)
