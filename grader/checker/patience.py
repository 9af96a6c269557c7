"""Waiting without sleeping, and doing things at the same instant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.05


def eventually(claim: Callable[[], T], within: float = 3.0) -> T:
    """Call ``claim`` until it neither raises AssertionError nor gives something false.

    Returns what it gave. After ``within`` seconds its last AssertionError is raised, or
    one that says what it gave.
    """
    deadline = time.monotonic() + within
    pause = _FIRST_PAUSE
    while True:
        failure: AssertionError | None = None
        try:
            value = claim()
            if value or value is None:
                return value
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure or AssertionError(f"expected this to become true within {within:g} s, got {value!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def race(callers: int, act: Callable[[int], T]) -> list[T]:
    """Call ``act(0) … act(callers - 1)`` at the same instant, each in a thread.

    Returns the results in that order; the first exception raised by any is raised here.
    """
    barrier = threading.Barrier(callers)
    results: dict[int, T] = {}
    failures: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = act(number)
        except BaseException as error:  # noqa: BLE001 raised again in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [results[number] for number in range(callers)]
