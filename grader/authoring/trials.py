"""Grading what an exercise ships, several at once, quietly or under load."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from grader.course import Variant
from grader.grading import Options, Pool, collect, new_seed
from grader.model import Exercise, Report

# Half of a grading is waiting: for time-outs, for polls, for a program to start.
_FOR_EACH_CORE = 2
# Under load this many times as many gradings run as there are workers.
_CROWD = 2


@dataclass(frozen=True)
class Trial:
    """One solution to be graded once.

    ``always_fresh``: every check on a fresh program; ``shuffled``: the checks in another
    order; ``crowded``: while the machine has far too much to do.
    """

    exercise: Exercise
    variant: Variant
    always_fresh: bool = False
    shuffled: bool = False
    crowded: bool = False

    @property
    def conditions(self) -> str:
        """In words: ``fresh, crowded``; empty for the ordinary ones."""
        told = {"fresh": self.always_fresh, "shuffled": self.shuffled, "crowded": self.crowded}
        return ", ".join(word for word, holds in told.items() if holds)

    @property
    def name(self) -> str:
        """How progress shows it."""
        how = f" ({self.conditions})" if self.conditions else ""
        return f"{self.exercise.id} {self.variant.name}{how}"


def at_once() -> int:
    """How many gradings keep this machine busy."""
    return _FOR_EACH_CORE * (os.cpu_count() or 1)


OnTrial = Callable[[Trial, int, int], None]


def run(trials: Sequence[Trial], workers: int, on_trial: OnTrial | None = None) -> list[tuple[Trial, Report]]:
    """Grade each with a seed of its own: the quiet ones first, then the crowded ones.

    ``on_trial(trial, done, total)`` is called after each.
    """
    done = 0

    def count(trial: Trial) -> None:
        nonlocal done
        done += 1
        if on_trial:
            on_trial(trial, done, len(trials))

    quiet = [trial for trial in trials if not trial.crowded]
    crowded = [trial for trial in trials if trial.crowded]
    return [*_at_once(quiet, workers, count), *_at_once(crowded, workers * _CROWD, count)]


def _at_once(trials: Sequence[Trial], workers: int, on_trial: Callable[[Trial], None]) -> list[tuple[Trial, Report]]:
    with Pool() as judges, ThreadPoolExecutor(workers) as pool:

        def grade(trial: Trial) -> Report:
            submission = collect(trial.exercise, *trial.variant.layers)
            options = Options(new_seed(), always_fresh=trial.always_fresh, shuffled=trial.shuffled)
            return judges.grade(trial.exercise, submission, options)

        futures = {pool.submit(grade, trial): trial for trial in trials}
        try:
            for future in as_completed(futures):
                future.result()
                on_trial(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            judges.stop()
            raise
    return [(trial, future.result()) for future, trial in futures.items()]
