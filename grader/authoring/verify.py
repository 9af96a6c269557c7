"""Proof by running: right solutions pass, wrong ones fail where they should, twice over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from grader.authoring.findings import Finding, inspect
from grader.authoring.unwritten import writing_order
from grader.course import Course, Variant
from grader.grading import Options, Preparation, collect, new_seed
from grader.model import CheckResult, Exercise, Outcome, Report

_RIGHT = ("reference", "also")


@dataclass(frozen=True)
class Trial:
    """One solution to be graded once, with every check on a fresh program or not."""

    exercise: Exercise
    variant: Variant
    always_fresh: bool

    @property
    def name(self) -> str:
        """How progress shows it."""
        return f"{self.exercise.id} {self.variant.name}" + (" (fresh)" if self.always_fresh else "")


@dataclass(frozen=True)
class Verification:
    """What verifying some exercises found; ``trials`` counts the gradings.

    Findings stand exercise by exercise, and in each in the order in which an author works.
    """

    findings: tuple[Finding, ...]
    trials: int


def verify(
    course: Course,
    exercises: tuple[Exercise, ...],
    *,
    repeat: int = 1,
    workers: int | None = None,
    on_trial: Callable[[Trial, int, int], None] | None = None,
) -> Verification:
    """Inspect and run everything each exercise ships.

    ``repeat`` grades right solutions that many times, each with another seed.
    ``on_trial(trial, done, total)`` is called after each grading. Exercises that cannot
    be read are not run.
    """
    findings: list[Finding] = []
    trials: list[Trial] = []
    for exercise in exercises:
        found = inspect(course, exercise)
        findings += found
        try:
            trials += _trials(course, exercise, repeat)
        except Exception:
            # What stands in the way is among the findings; anything else is ours.
            if not found:
                raise
    reports = _run(trials, workers or os.cpu_count() or 1, on_trial)
    by_variant: dict[Variant, list[Report]] = {}
    for trial, report in reports:
        by_variant.setdefault(trial.variant, []).append(report)
        findings += _unexpected(trial, report)
    for variant, both in by_variant.items():
        findings += _disagreements(variant, both)
    ordered = sorted(set(findings), key=lambda found: (writing_order(found.path, course.root), found))
    return Verification(tuple(ordered), len(trials))


def _trials(course: Course, exercise: Exercise, repeat: int) -> Iterator[Trial]:
    right = [course.reference(exercise), *course.also(exercise)]
    yield Trial(exercise, course.starter(exercise), False)
    for variant in (*right, *course.wrong(exercise)):
        for always_fresh in (False, True):
            yield Trial(exercise, variant, always_fresh)
    for variant in right:
        for _ in range(repeat - 1):
            yield Trial(exercise, variant, False)


def _run(
    trials: list[Trial], workers: int, on_trial: Callable[[Trial, int, int], None] | None
) -> list[tuple[Trial, Report]]:
    running: set[Preparation] = set()
    stopping = False

    def grade(trial: Trial) -> Report:
        submission = collect(trial.exercise, *trial.variant.layers)
        with Preparation.of(trial.exercise, submission) as preparation:
            running.add(preparation)
            if stopping:
                raise KeyboardInterrupt
            try:
                options = Options(seed=new_seed(), always_fresh=trial.always_fresh)
                return preparation.judge(trial.exercise, submission, options)
            finally:
                running.discard(preparation)

    done: list[tuple[Trial, Report]] = []
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(grade, trial): trial for trial in trials}
        try:
            for future in as_completed(futures):
                done.append((futures[future], future.result()))
                if on_trial:
                    on_trial(futures[future], len(done), len(trials))
        except BaseException:
            stopping = True
            pool.shutdown(wait=False, cancel_futures=True)
            for preparation in list(running):
                preparation.stop()
            raise
    return done


def _unexpected(trial: Trial, report: Report) -> Iterator[Finding]:
    variant = trial.variant
    for note in report.notes if report.incomplete else ():
        yield Finding(variant.path, 0, note)
    for result in report.results:
        check = result.check
        if result.outcome is Outcome.BROKEN:
            yield Finding(check.path, check.line, f"with {variant.name}: {result.message} (seed {report.seed})")
        elif variant.kind in _RIGHT and result.outcome is not Outcome.PASSED:
            how = _said(result, report)
            yield Finding(check.path, check.line, f"{variant.name} should pass '{check.id}': {how}")
        elif variant.kind == "wrong" and check.id == variant.check and not _fails(result, report):
            how = _said(result, report)
            yield Finding(variant.path, 0, f"it should fail '{check.id}', but: {how}")
    if variant.kind == "starter" and report.passed:
        yield Finding(variant.path, 0, "the untouched starter passes every check")


def _fails(result: CheckResult, report: Report) -> bool:
    # A mistake may well show as silence, but then something else must have worked:
    # a program that never starts proves nothing about its check.
    return result.outcome is Outcome.FAILED or (
        result.outcome is Outcome.TIMED_OUT and any(r.outcome is Outcome.PASSED for r in report.results)
    )


def _said(result: CheckResult, report: Report) -> str:
    words = result.message.partition("\n")[0] or ", ".join(result.blocked_by)
    return f"{result.outcome.value} {words}".strip() + f" (seed {report.seed})"


def _disagreements(variant: Variant, reports: list[Report]) -> Iterator[Finding]:
    first = reports[0]
    for other in reports[1:]:
        for one, two in zip(first.results, other.results, strict=True):
            if one.outcome is not two.outcome:
                yield Finding(
                    one.check.path,
                    one.check.line,
                    f"'{one.check.id}' contradicts itself on {variant.name}: "
                    f"{one.outcome.value} with seed {first.seed}, {two.outcome.value} with seed {other.seed}",
                )
