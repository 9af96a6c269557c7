"""Proof by running: right solutions pass, wrong ones fail where they should, twice over."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.findings import Finding, inspect
from grader.authoring.signatures import is_learned, recognition
from grader.authoring.trials import OnTrial, Trial, at_once, run
from grader.authoring.unwritten import writing_order
from grader.course import Course, Variant
from grader.model import CheckResult, Exercise, Outcome, Report

_RIGHT = ("reference", "also")
# Of what was all graded as it stands, a sample has the reference and so many more.
_SAMPLED = 1


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
    relearn: bool = False,
    sample: bool = False,
    workers: int | None = None,
    on_trial: OnTrial | None = None,
) -> Verification:
    """Inspect and run everything each exercise ships.

    ``repeat`` grades right solutions that many times: other seeds, half of them in other
    orders, half of them under load. ``relearn`` forgets how wrong solutions used to look.
    ``sample`` grades in one of the two ways, whichever chance takes; and of an exercise whose
    solutions were all graded as they stand, the reference and one more.
    ``on_trial(trial, done, total)`` is called after each grading. Exercises that cannot be
    read are not run.
    """
    findings: list[Finding] = []
    trials: list[Trial] = []
    for exercise in exercises:
        found = inspect(course, exercise)
        findings += found
        try:
            trials += _trials(course, exercise, repeat, sample=sample and not relearn)
        except Exception:
            # What stands in the way is among the findings; anything else is ours.
            if not found:
                raise
    workers = workers or at_once()
    reports = run(trials, workers, on_trial)
    by_variant: dict[Variant, list[Report]] = {}
    for trial, report in reports:
        by_variant.setdefault(trial.variant, []).append(report)
        findings += _unexpected(trial, report)
    for variant in by_variant:
        findings += _disagreements([(trial, report) for trial, report in reports if trial.variant == variant])
    for exercise in exercises:
        # Until everything else is sound, how a solution fails is still going to change.
        if not any(_belongs(finding, course, exercise) for finding in findings):
            own = {v: r for v, r in by_variant.items() if r[0].exercise is exercise}

            def again(variants: Sequence[Variant], exercise: Exercise = exercise) -> list[Report]:
                more = run([Trial(exercise, variant) for variant in variants], workers, on_trial)
                reports.extend(more)
                return [report for _, report in more]

            findings += recognition(course, exercise, own, again, relearn=relearn)
    for trial, report in reports[len(trials) :]:
        findings += _unexpected(trial, report)
    ordered = sorted(set(findings), key=lambda found: (writing_order(found.path, course.root), found))
    return Verification(tuple(ordered), len(reports))


def _belongs(finding: Finding, course: Course, exercise: Exercise) -> bool:
    return any(finding.path.is_relative_to(half) for half in (exercise.path, course.solutions(exercise)))


def _trials(course: Course, exercise: Exercise, repeat: int, *, sample: bool) -> Iterator[Trial]:
    reference, also = course.reference(exercise), course.also(exercise)
    others = [*also, *course.wrong(exercise), course.starter(exercise)]
    if sample and is_learned(course, exercise):
        others = secrets.SystemRandom().sample(others, min(_SAMPLED, len(others)))
    both = (False, True)
    for variant in (reference, *others):
        ways = both if variant.kind != "starter" else (False,)
        for always_fresh in (secrets.choice(ways),) if sample else ways:
            yield Trial(exercise, variant, always_fresh)
    for variant in (reference, *also):
        for n in range(repeat - 1):
            yield Trial(exercise, variant, shuffled=n % 2 == 0, crowded=n % 4 < 2)


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
        elif variant.kind in _RIGHT and result.at_first and not trial.crowded:
            yield Finding(
                check.path,
                check.line,
                f"{variant.name} passes '{check.id}' only once it is judged again, on a fresh program; "
                f"among other checks: {result.at_first} (seed {report.seed})",
            )
        elif variant.kind == "wrong" and check.id == variant.check and not _fails(result, report):
            yield Finding(variant.path, 0, _not_caught(result, report))
    if variant.kind == "starter" and report.passed:
        yield Finding(variant.path, 0, "the untouched starter passes every check")


def _fails(result: CheckResult, report: Report) -> bool:
    # A mistake may well show as silence, but then something else must have worked:
    # a program that never starts proves nothing about its check.
    return result.outcome is Outcome.FAILED or (
        result.outcome is Outcome.TIMED_OUT and any(r.outcome is Outcome.PASSED for r in report.results)
    )


def _not_caught(result: CheckResult, report: Report) -> str:
    if result.outcome is not Outcome.BLOCKED or not result.blocked_by:
        return f"it should fail '{result.check.id}', but: {_said(result, report)}"
    # No seed: so that the same finding of several gradings is one.
    ground = ", ".join(f"'{check}'" for check in result.blocked_by)
    return (
        f"its check '{result.check.id}' is never reached: it waits for {ground}, which does not pass; "
        "name the folder after that one, or make a mistake that passes it"
    )


def _said(result: CheckResult, report: Report) -> str:
    words = result.message.partition("\n")[0] or ", ".join(result.blocked_by)
    return f"{result.outcome.value} {words}".strip() + f" (seed {report.seed})"


def _disagreements(graded: list[tuple[Trial, Report]]) -> Iterator[Finding]:
    (trial, first), *others = graded
    for other_trial, other in others:
        for one, two in zip(first.results, other.results, strict=True):
            if one.outcome is not two.outcome:
                what = f"'{one.check.id}' is at fault, it contradicts itself on {trial.variant.name}"
                how = " and ".join(
                    f"{result.outcome.value} with seed {report.seed}" + (f" ({t.conditions})" if t.conditions else "")
                    for result, report, t in ((one, first, trial), (two, other, other_trial))
                )
                yield Finding(one.check.path, one.check.line, f"{what}: {how}")
