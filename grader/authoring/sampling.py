"""A sample of every exercise, several exercises side by side, each by one judge after the other.

Of so few gradings most would be starting judges and servers, were they spread over many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from grader.authoring.verify import Verification, verify
from grader.course import Course
from grader.model import Exercise

if TYPE_CHECKING:
    from grader.authoring.survival import Survival

OnExercise = Callable[[str, int, int], None]


def sampled(
    course: Course,
    exercises: tuple[Exercise, ...],
    *,
    repeat: int = 1,
    mutants: bool = False,
    workers: int,
    on_exercise: OnExercise | None = None,
) -> tuple[Verification, list[Survival]]:
    """A sample of each as :func:`verify` takes it and, with ``mutants``, one mutant of each.

    ``on_exercise(id, done, total)`` is called after each. Results in the order of ``exercises``.
    """
    ending = threading.Event()

    def go_on(*_: object) -> None:
        if ending.is_set():
            raise KeyboardInterrupt

    def prove(exercise: Exercise) -> tuple[Verification, Survival | None]:
        go_on()
        found = verify(course, (exercise,), repeat=repeat, sample=True, workers=1, on_trial=go_on)
        if not mutants:
            return found, None
        from grader.authoring.survival import survival

        return found, survival(course, exercise, most=1, workers=1, on_fate=go_on)

    with ThreadPoolExecutor(workers) as pool:
        # The longest first, so that none is left alone at the end.
        longest = sorted(exercises, key=lambda exercise: -exercise.limits.seconds)
        futures = {pool.submit(prove, exercise): exercise for exercise in longest}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                if on_exercise:
                    on_exercise(futures[future].id, done, len(futures))
        except BaseException:
            ending.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    by_exercise = {exercise.id: future.result() for future, exercise in futures.items()}
    proofs = [by_exercise[exercise.id] for exercise in exercises]
    findings = tuple(finding for found, _ in proofs for finding in found.findings)
    return Verification(findings, sum(found.trials for found, _ in proofs)), [left for _, left in proofs if left]
