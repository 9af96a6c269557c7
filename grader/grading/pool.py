"""Judges that have judged and wait for more of the same exercise: for classes, authors and workers.

A judge that waits has its imports behind it and a nursery that is warm; each submission gets a
sandbox of its own from there. Safe to use from several threads; each has a judge of its own.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from grader.grading.judge import Preparation
from grader.grading.options import Options
from grader.model import CheckResult, Exercise, Report, Submission


class Pool:
    """Grades any number of submissions; use as a context manager."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Exercise, str, Preparation]] = []
        self._busy: set[Preparation] = set()
        self._stopping = False

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_result: Callable[[CheckResult], None] | None = None,
    ) -> Report:
        """Judge one submission, with a judge that waits for it if there is one.

        Raises GraderError when no checker can be run at all, KeyboardInterrupt after :meth:`stop`.
        """
        with self._judge(exercise, submission, options) as judge:
            report = judge.judge(exercise, submission, options, on_result, last=True)
            if report.incomplete:
                # Whatever it is that went wrong, the next one shall not meet it.
                judge.close()
            return report

    @contextlib.contextmanager
    def _judge(self, exercise: Exercise, submission: Submission, options: Options) -> Iterator[Preparation]:
        isolation = options.isolation
        judge = self._take(exercise, isolation) or Preparation.of(
            exercise, submission, sources=options.sources, isolation=isolation
        )
        with self._lock:
            self._busy.add(judge)
        try:
            self._demand_time()
            yield judge
        except BaseException:
            judge.close()
            raise
        else:
            with self._lock:
                if not judge.closed:
                    self._idle.append((exercise, isolation, judge))
        finally:
            with self._lock:
                self._busy.discard(judge)

    def _take(self, exercise: Exercise, isolation: str) -> Preparation | None:
        with self._lock:
            for n, (own, walls, judge) in enumerate(self._idle):
                if own == exercise and walls == isolation:
                    del self._idle[n]
                    return judge
        # Nobody asks for what came before: exercise follows exercise.
        self.close()
        return None

    def _demand_time(self) -> None:
        if self._stopping:
            raise KeyboardInterrupt

    def __len__(self) -> int:
        """How many judges wait."""
        return len(self._idle)

    def stop(self) -> None:
        """End what is being judged, from another thread; whoever waits for it gets an incomplete report."""
        with self._lock:
            self._stopping = True
            for judge in self._busy:
                judge.stop()

    def close(self) -> None:
        """End the judges that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, _, judge in idle:
            judge.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
