"""Small deliberate faults in a reference: which ones there are, and which ones the checks catch.

The operators are mutmut's; libcst puts each fault into the source without touching the
rest of it. A fault in a line that the checks never make the reference run proves nothing
and is not made; neither is one in prose (a text with a space in it, or a call that loses one),
which no contract judges.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from grader.authoring.trials import at_once
from grader.course import Variant
from grader.errors import AuthorError
from grader.grading import Options, Preparation, collect
from grader.grading.notebook import notebook_cells
from grader.model import CheckResult, Exercise, Outcome, Report, Submission

Lines = Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Mutant:
    """One fault: ``source`` is the whole file with it, ``line`` where it begins."""

    file: str
    line: int
    source: str
    diff: str

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the fault alone: the same wherever its lines move to."""
        return hashlib.sha256(f"{self.file}\n{self.diff}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the id of the check that caught it, empty if none did."""

    mutant: Mutant
    caught_by: str

    @property
    def name(self) -> str:
        """How progress shows it."""
        return f"{self.mutant.file}:{self.mutant.line} {self.caught_by or 'not caught'}"


def mutate(file: str, source: str, ran: frozenset[int]) -> Iterator[Mutant]:
    """Every mutant of one Python file, in the order of its lines; ``ran`` are the lines that run and matter."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder(ran)
    wrapper.visit(finder)
    seen = {source}
    for line, node, replacement in finder.found:
        changed = wrapper.module.deep_replace(node, replacement)
        assert isinstance(changed, cst.Module)
        if changed.code in seen or not _compiles(changed.code):
            continue
        seen.add(changed.code)
        yield Mutant(file, line, changed.code, _diff(source, changed.code))


def lines_that_run(exercise: Exercise, reference: Variant) -> Lines:
    """The lines of each file of a reference that its checks make run, found out by running them.

    Raises AuthorError if the reference itself does not pass.
    """
    submission = collect(exercise, *reference.layers)
    with Preparation.of(exercise, submission, trace=True) as preparation:
        report = preparation.judge(exercise, submission, Options("mutants"))
    if not report.passed:
        raise AuthorError("the reference does not pass, so its mutants prove nothing", where=str(reference.path))
    found: dict[str, set[int]] = {}
    for place in report.ran:
        name, _, line = place.rpartition(":")
        found.setdefault(name, set()).add(int(line))
    return {name: frozenset(lines) for name, lines in sorted(found.items())}


def mutants_of(exercise: Exercise, reference: Variant, starter: Variant, ran: Lines) -> tuple[Mutant, ...]:
    """Every mutant of the lines that run and that a reference adds to its starter: what its learners write.

    Where an exercise continues another, the lines of the one before are mutated there.
    """
    submission = collect(exercise, *reference.layers)
    given = {name: path.read_text(encoding="utf-8") for name, path in collect(exercise, *starter.layers).files}
    if exercise.notebook:
        # A lab's reference is a script: what is given of it stands in the cells of the release.
        released = notebook_cells(given[f"{exercise.notebook}.ipynb"].encode())
        given = {f"{exercise.notebook}.py": "\n".join(text for _, text in released)}
    found: list[Mutant] = []
    for name, path in submission.files:
        if name.endswith(".py"):
            source = path.read_text(encoding="utf-8")
            added = _added(given.get(name, ""), source)
            own = ran.get(name, frozenset()) & added
            found += mutate(name, source, own) if own else ()
    return tuple(found)


def grade_mutants(
    exercise: Exercise,
    reference: Variant,
    mutants: tuple[Mutant, ...],
    *,
    kept: Mapping[str, str] = MappingProxyType({}),
    workers: int | None = None,
    on_fate: Callable[[Fate, int, int], None] | None = None,
) -> tuple[Fate, ...]:
    """Grade each mutant through the judge, several at once; fates in the order of ``mutants``.

    A sandbox serves many mutants one after the other, which is sound because they are the
    authors' own code. The seed of each follows from its id, so a rerun repeats its fate.
    ``kept`` is who caught which one before, by id: to be caught once more needs no second proof.
    """
    submission = collect(exercise, *reference.layers)
    idle: SimpleQueue[Preparation] = SimpleQueue()
    workers = workers or at_once()
    fates: dict[str, Fate] = {}
    with tempfile.TemporaryDirectory(prefix="groundup-mutants-") as scratch:
        grade = partial(_grade, exercise, submission, Path(scratch), idle, kept)
        with ThreadPoolExecutor(workers) as pool:
            try:
                for future in as_completed([pool.submit(grade, mutant) for mutant in mutants]):
                    fate = future.result()
                    fates[fate.mutant.source] = fate
                    if on_fate:
                        on_fate(fate, len(fates), len(mutants))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            finally:
                while not idle.empty():
                    idle.get().close()
    return tuple(fates[mutant.source] for mutant in mutants)


def sample(fates: tuple[Fate, ...], rng: random.Random, most: int) -> tuple[Fate, ...]:
    """A random twentieth, at least one and at most ``most``: what is recomputed of results that are kept."""
    return tuple(rng.sample(fates, min(most, max(1, len(fates) // 20)))) if fates else ()


def _grade(
    exercise: Exercise,
    submission: Submission,
    scratch: Path,
    idle: SimpleQueue[Preparation],
    kept: Mapping[str, str],
    mutant: Mutant,
) -> Fate:
    path = scratch / f"{mutant.id}-{hashlib.sha256(mutant.source.encode()).hexdigest()[:8]}.py"
    path.write_text(mutant.source, encoding="utf-8")
    files = tuple((name, path if name == mutant.file else source) for name, source in submission.files)
    changed = replace(submission, files=files)
    # Only a wrong answer says at once that it was the fault. A fault may also take the judge's
    # process with it, or the program, but so may a busy machine: then the second time counts.
    for _ in range(2):
        preparation = Preparation.of(exercise, submission) if idle.empty() else idle.get()
        report = preparation.judge(exercise, changed, Options(mutant.id, stop=True))
        if report.incomplete:
            preparation.close()
        else:
            idle.put(preparation)
        caught = _caught(report)
        if caught is None or caught.outcome is Outcome.FAILED or kept.get(mutant.id):
            break
    return Fate(mutant, caught.check.id if caught else "")


def _caught(report: Report) -> CheckResult | None:
    return next((result for result in report.results if result.outcome is not Outcome.PASSED), None)


class _Finder(cst.CSTVisitor):
    """Collects what mutmut would put in the place of each node whose statement runs."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, ran: frozenset[int]) -> None:
        super().__init__()
        self.found: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []
        self._ran = ran
        self._statements: list[CodeRange] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Annotations and docstrings are not what a program does."""
        if isinstance(node, cst.Annotation) or _is_docstring(node):
            return False
        place = self.get_metadata(PositionProvider, node, None)
        if isinstance(node, cst.SimpleStatementLine) and isinstance(place, CodeRange):
            self._statements.append(place)
        if isinstance(place, CodeRange) and self._runs(place):
            for kind, operator in mutation_operators:
                if isinstance(node, kind) and not _is_prose(node):
                    self.found += [
                        (place.start.line, node, replacement)
                        for replacement in operator(node)
                        if not _drops_prose(node, replacement)
                    ]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """A statement has been walked through."""
        if isinstance(original_node, cst.SimpleStatementLine):
            self._statements.pop()

    def _runs(self, place: CodeRange) -> bool:
        # A statement of several lines may be reported by any one of them.
        places = [place, *self._statements[-1:]]
        return any(line in self._ran for at in places for line in range(at.start.line, at.end.line + 1))


def _added(before: str, after: str) -> frozenset[int]:
    """The numbers of the lines that are new or changed."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    stretches = [(start, end) for tag, _, _, start, end in matcher.get_opcodes() if tag != "equal"]
    return frozenset(line + 1 for start, end in stretches for line in range(start, end))


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString)


def _is_prose(node: cst.CSTNode) -> bool:
    match node:
        case cst.SimpleString():
            return " " in node.value
        case cst.FormattedString():
            return any(isinstance(part, cst.FormattedStringText) and " " in part.value for part in node.parts)
        case cst.ConcatenatedString():
            return _is_prose(node.left) or _is_prose(node.right)
    return False


def _drops_prose(node: cst.CSTNode, replacement: cst.CSTNode) -> bool:
    """A call without its text, or with None for it: abort(404) for abort(404, "No such note.")."""
    if not isinstance(node, cst.Call) or not isinstance(replacement, cst.Call):
        return False
    kept = [arg.value for arg in replacement.args]
    gone = [arg.value for arg in node.args if not any(arg.value.deep_equals(value) for value in kept)]
    return len(gone) == 1 and _is_prose(gone[0])


def _compiles(source: str) -> bool:
    try:
        # The source of a notebook may await at its top.
        compile(source, "mutant", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
