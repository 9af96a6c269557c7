"""One pytest session over one exercise's checks, in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from grader.checker import fixtures, stores
from grader.checker.plugin import CheckPlugin, Order
from grader.checker.world import World

# What a session of ours never uses costs a tenth of a second to load.
_LEFT_OUT = (
    "terminal", "capture", "cacheprovider", "doctest", "junitxml", "pastebin", "stepwise", "setuponly",
    "setupplan", "legacypath", "recwarn", "nose", "faulthandler", "logging", "monkeypatch", "tmpdir",
    "unittest", "unraisableexception", "threadexception", "warnings", "debugging", "subtests",
)  # fmt: skip
_MARKS = (
    "task(number): the numbered task of the README that the check belongs to",
    "after(*checks): blocked unless these passed",
    "points(number): what it is worth, 1 unless said",
    "fresh: judged in an untouched world",
    "no_release: the check runs the release command itself, in an untouched world",
    "requires(*capabilities): not judged where a service lacks one of them, as in redis.functions",
)


def judge(
    world: World,
    checks: str,
    seconds: int,
    read_order: Callable[[], str],
    say: Callable[[dict[str, Any]], None],
) -> Order | None:
    """Collect the checks in a folder, wait for the order, judge, and say an event for each.

    ``read_order`` blocks until it has a line of JSON, or an empty one when nobody wants
    anything any more. Returns what was ordered, None if nothing was.
    """
    if checks not in sys.path:
        sys.path.insert(0, checks)
    # Without the cut, pytest lists every folder from the root of the disk down to this one.
    arguments = [checks, "--config-file", os.devnull, "--rootdir", checks, "--confcutdir", checks]
    arguments += ["--noconftest", "--import-mode=importlib", "--strict-markers", "--disable-plugin-autoload"]
    for name in _LEFT_OUT:
        arguments += ["-p", f"no:{name}"]
    plugin = CheckPlugin(world, seconds, read_order, say)
    code = pytest.main(arguments, plugins=[_Session(plugin), fixtures, stores])
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        say({"event": "broken", "message": f"pytest ended with {pytest.ExitCode(code).name}"})
    return plugin.order if plugin.order.seed else None


class _Session:
    """Registers the marks, and the plugin under the name by which the fixtures find it."""

    def __init__(self, plugin: CheckPlugin) -> None:
        self._plugin = plugin

    def pytest_configure(self, config: pytest.Config) -> None:
        for mark in _MARKS:
            config.addinivalue_line("markers", mark)
        config.pluginmanager.register(self._plugin, "groundup-checks")
