"""Learning how each wrong solution fails, and proving that each is recognised as itself.

solutions/…/signatures.json     written by ``grader verify``; keyed by the content of the
                                exercise, its starter, reference and wrong solutions
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from grader.authoring.content import digest
from grader.authoring.findings import Finding
from grader.course import Course, Variant
from grader.course.signatures import Signature, Signatures, Symptom, Template, dumps
from grader.grading.recognition import TELLING, fits, guessed, numbered, stretches, words
from grader.model import CheckResult, Exercise, Report

# Gradings to learn from, each with another seed. With three, one in twenty later reports
# had a coincidence in it that the three did not have; with six, one in a hundred.
SAMPLES = 6
# How often a solution is graded again before it counts as not recognised.
_PATIENCE = 4
_FORMAT = "signatures 1"

Failures = dict[str, CheckResult]
Grade = Callable[[Sequence[Variant]], Sequence[Report]]


def is_learned(course: Course, exercise: Exercise) -> bool:
    """Whether every wrong solution has been graded just as it and the exercise stand now."""
    return course.signatures(exercise).key == _key(course, exercise)


def _key(course: Course, exercise: Exercise) -> str:
    return digest(exercise, (course.starter(exercise), *course.wrong(exercise)), _FORMAT)


def recognition(
    course: Course,
    exercise: Exercise,
    reports: Mapping[Variant, Sequence[Report]],
    grade: Grade,
    *,
    relearn: bool = False,
) -> list[Finding]:
    """Prove the kept signatures with the reports at hand, or learn them anew.

    ``reports`` holds those of the starter and of every solution; where signatures are kept, a
    sample of the solutions will do. ``grade`` gives one more report, by another seed, for each
    variant it is asked for.
    """
    wrong, starter = course.wrong(exercise), course.starter(exercise)
    kept = course.signatures(exercise)
    seen = {variant: [failures(report) for report in given] for variant, given in reports.items()}
    if relearn or not is_learned(course, exercise):
        asked = [v for v in (starter, *wrong) for _ in range(SAMPLES - len(seen[v]))]
        for variant, report in zip(asked, grade(asked), strict=True):
            seen[variant].append(failures(report))
        learned = replace(learn({v: seen[v] for v in wrong}, seen[starter]), key=_key(course, exercise))
        course.signatures_file(exercise).write_text(dumps(learned), encoding="utf-8")
        kept = course.signatures(exercise)
        return [*_strangers(seen, kept, 1), *_unclear(wrong, seen, kept)]
    wrong = tuple(variant for variant in wrong if variant in seen)
    for _ in range(_PATIENCE):
        # Once may be a coincidence of random words; a defect shows again.
        odd = {finding.path for finding in _strangers(seen, kept, 1)}
        missed = [v for v in seen if v.path in odd or (v in wrong and not _recognised(v, seen[v], kept))]
        for variant, report in zip(missed, grade(missed), strict=True):
            seen[variant].append(failures(report))
    return [*_strangers(seen, kept, 3), *_missed(wrong, seen, kept)]


def failures(report: Report) -> Failures:
    """The failures of a report that show something, by check id."""
    return {result.check.id: result for result in report.results if result.outcome in TELLING}


def learn(wrong: Mapping[Variant, Sequence[Failures]], starter: Sequence[Failures]) -> Signatures:
    """What is the same in every sample of each wrong solution."""
    mistakes = {v: Signature(v.path.name, v.check, _symptoms(samples), frozenset()) for v, samples in wrong.items()}
    covers = {
        (one.name, other.name): all(fits(one, sample) for sample in wrong[variant])
        for one in mistakes.values()
        for variant, other in mistakes.items()
    }
    names = [mistake.name for mistake in mistakes.values()]
    beats = {n: frozenset(m for m in names if covers[m, n] and not covers[n, m]) for n in names}
    return Signatures(
        tuple(replace(mistake, beats=beats[mistake.name]) for mistake in mistakes.values()),
        tuple(_symptoms(starter).items()),
    )


def _symptoms(samples: Sequence[Failures]) -> dict[str, Symptom]:
    found: dict[str, Symptom] = {}
    for check in samples[0]:
        results = [sample.get(check) for sample in samples]
        outcomes = {result.outcome if result else None for result in results}
        if len(outcomes) == 1:
            found[check] = _symptom([result for result in results if result])
    return found


def _symptom(results: Sequence[CheckResult]) -> Symptom:
    messages = [words(result.message) for result in results]
    constant = frozenset(set(messages[0]).intersection(*messages[1:]))
    template: Template = tuple(numbered(messages[0], constant))
    for message in messages[1:]:
        template = _common(template, tuple(numbered(message, constant)))
    return Symptom(results[0].outcome, constant, _without_coincidences(template))


def _common(template: Template, message: Template) -> Template:
    blocks = SequenceMatcher(None, template, message, autojunk=False).get_matching_blocks()
    common: list[str | int | None] = []
    left = right = 0
    for block in blocks:
        if (block.a > left or block.b > right) and common[-1:] != [None]:
            common.append(None)
        common += template[block.a : block.a + block.size]
        left, right = block.a + block.size, block.b + block.size
    return tuple(common)


def _without_coincidences(template: Template) -> Template:
    # Beside a gap, a random word that is said nowhere else; between two, words of which none is constant:
    # neither says anything of the mistake, and both make a template hold by chance.
    told = Counter(word for word in template if isinstance(word, int))
    alone = {word for word, count in told.items() if count == 1}
    found = stretches(template)
    for n, stretch in enumerate(found):
        while n and stretch and stretch[0] in alone:
            del stretch[0]
        while n < len(found) - 1 and stretch and stretch[-1] in alone:
            del stretch[-1]
    first, *others = found
    between = [stretch for stretch in others[:-1] if any(isinstance(word, str) for word in stretch)]
    kept: list[str | int | None] = [*first]
    for stretch in [*between, *others[-1:]]:
        kept += [None, *stretch]
    return tuple(kept)


def _names(found: Failures, signatures: Signatures) -> list[str]:
    return [mistake.name for mistake in guessed(found, signatures)]


def _recognised(variant: Variant, samples: Sequence[Failures], signatures: Signatures) -> bool:
    return any(_names(sample, signatures) == [variant.path.name] for sample in samples)


def _strangers(seen: Mapping[Variant, Sequence[Failures]], signatures: Signatures, times: int) -> Iterator[Finding]:
    """Anything that is taken, so many times, for a mistake it is not."""
    for variant, samples in seen.items():
        taken = Counter(name for sample in samples for name in _names(sample, signatures))
        for name in sorted(n for n, count in taken.items() if n != variant.path.name and count >= times):
            yield Finding(variant.path, 0, f"its failures are taken for those of wrong/{name}")


def _unclear(
    wrong: Sequence[Variant], seen: Mapping[Variant, Sequence[Failures]], signatures: Signatures
) -> Iterator[Finding]:
    """What was just learned has to fit what it was learned from, and nothing else may."""
    by_name = {mistake.name: mistake for mistake in signatures.mistakes}
    for variant in wrong:
        if all(_names(sample, signatures) == [variant.path.name] for sample in seen[variant]):
            continue
        rivals = sorted(
            name
            for name, mistake in by_name.items()
            if name != variant.path.name and any(fits(mistake, sample) for sample in seen[variant])
        )
        failure = next((sample[variant.check].message for sample in seen[variant] if variant.check in sample), "")
        what = f'fails like {", ".join(f"wrong/{name}" for name in rivals) or "the starter"}: "{failure[:200]}"'
        if variant.check not in by_name[variant.path.name].symptoms:
            what = f"'{variant.check}' fails in another way with every seed, for example: \"{failure[:200]}\""
        elif rivals and rivals[0] < variant.path.name and _alike(rivals[0], variant, seen, signatures):
            continue  # Said of the other one.
        remedy = (
            "a check stops at its first failure: ask first what only one of them gets wrong, and say what was asked"
        )
        yield Finding(variant.path, 0, f"it {what}; {remedy}")


def _alike(name: str, variant: Variant, seen: Mapping[Variant, Sequence[Failures]], signatures: Signatures) -> bool:
    """Whether this variant, too, is among what the other one fails like."""
    mistake = next(mistake for mistake in signatures.mistakes if mistake.name == variant.path.name)
    other = next(samples for v, samples in seen.items() if v.path.name == name)
    return any(fits(mistake, sample) for sample in other)


def _missed(
    wrong: Sequence[Variant], seen: Mapping[Variant, Sequence[Failures]], signatures: Signatures
) -> Iterator[Finding]:
    for variant in wrong:
        if not _recognised(variant, seen[variant], signatures):
            what = f"it is not recognised in {len(seen[variant])} gradings; learn it again: grader verify --all"
            yield Finding(variant.path, 0, what)
