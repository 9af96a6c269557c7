"""Grading what an exercise ships, all cores at once, quietly or under load."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from grader.course import Variant
from grader.grading import Options, Preparation, collect, new_seed
from grader.model import Exercise, Report, Submission

# Under load this many times as many gradings run as there are workers.
_CROWD = 4


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
    waiting = _Judges()

    def grade(trial: Trial) -> Report:
        submission = collect(trial.exercise, *trial.variant.layers)
        with waiting.one_for(trial.exercise, submission) as (judge, anew):
            options = Options(new_seed(), always_fresh=trial.always_fresh, shuffled=trial.shuffled)
            return judge.judge(trial.exercise, submission, options, anew=anew)

    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(grade, trial): trial for trial in trials}
        try:
            for future in as_completed(futures):
                future.result()
                on_trial(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            waiting.stop()
            raise
        finally:
            waiting.close()
    return [(trial, future.result()) for future, trial in futures.items()]


class _Judges:
    """Judges that have judged and wait for more of the same exercise, each with a new sandbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Exercise, Preparation]] = []
        self._busy: set[Preparation] = set()
        self._stopping = False

    @contextlib.contextmanager
    def one_for(self, exercise: Exercise, submission: Submission) -> Iterator[tuple[Preparation, bool]]:
        """A judge, and whether it has judged before; it waits again afterwards if all went well."""
        judge = self._take(exercise)
        known = judge is not None
        judge = judge or Preparation.of(exercise, submission)
        with self._lock:
            self._busy.add(judge)
        try:
            self._demand_time()
            yield judge, known
        except BaseException:
            judge.close()
            raise
        else:
            with self._lock:
                self._idle.append((exercise, judge))
        finally:
            with self._lock:
                self._busy.discard(judge)

    def _take(self, exercise: Exercise) -> Preparation | None:
        with self._lock:
            for n, (own, judge) in enumerate(self._idle):
                if own is exercise:
                    del self._idle[n]
                    return judge
            # Nobody asks for what came before: exercise follows exercise.
            old = [judge for _, judge in self._idle]
            self._idle.clear()
        for judge in old:
            judge.close()
        return None

    def _demand_time(self) -> None:
        if self._stopping:
            raise KeyboardInterrupt

    def stop(self) -> None:
        """End what is being judged; whoever waits for it gets an incomplete report."""
        with self._lock:
            self._stopping = True
            for judge in self._busy:
                judge.stop()

    def close(self) -> None:
        """End those that wait."""
        with self._lock:
            for _, judge in self._idle:
                judge.close()
            self._idle.clear()
