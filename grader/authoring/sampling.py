"""A sample of every exercise, several exercises side by side, each by one judge after the other.

Of so few gradings most would be starting judges and servers, were they spread over many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any

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
    """A sample of each as :func:`verify` takes it and, with ``mutants``, one mutant of each, both side by side.

    ``on_exercise(id, done, total)`` is called after each of them. Results in the order of ``exercises``.
    """
    ending = threading.Event()

    def go_on(*_: object) -> None:
        if ending.is_set():
            raise KeyboardInterrupt

    def grade(exercise: Exercise) -> Verification:
        go_on()
        return verify(course, (exercise,), repeat=repeat, sample=True, workers=1, on_trial=go_on)

    def survive(exercise: Exercise) -> Survival:
        from grader.authoring.survival import survival

        go_on()
        return survival(course, exercise, most=1, workers=1, on_fate=go_on)

    with ThreadPoolExecutor(workers) as pool:
        graded: dict[str, Future[Verification]] = {}
        survived: dict[str, Future[Survival]] = {}
        # The longest first, so that none is left alone at the end.
        for exercise in sorted(exercises, key=lambda exercise: -exercise.limits.seconds):
            graded[exercise.id] = pool.submit(grade, exercise)
            if mutants:
                survived[exercise.id] = pool.submit(survive, exercise)
        names: dict[Future[Any], str] = {future: name for name, future in graded.items()}
        names |= {future: name for name, future in survived.items()}
        try:
            for done, future in enumerate(as_completed(names), 1):
                future.result()
                if on_exercise:
                    on_exercise(names[future], done, len(names))
        except BaseException:
            ending.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    verifications = [graded[exercise.id].result() for exercise in exercises]
    findings = tuple(finding for verification in verifications for finding in verification.findings)
    trials = sum(verification.trials for verification in verifications)
    return Verification(findings, trials), [survived[exercise.id].result() for exercise in exercises if mutants]
