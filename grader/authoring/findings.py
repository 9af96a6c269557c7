"""What is wrong with an exercise as it lies on disk, before anything of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.unwritten import marked
from grader.course import RUNGS, Course, Variant
from grader.course.pages import HEADINGS
from grader.errors import GraderFault
from grader.grading import collect
from grader.grading.recognition import AUTHOR
from grader.model import Check, Exercise

_IN_EXERCISE = {"exercise.toml", "README.md", "hints.md", "starter", "checks"}
_IN_SOLUTION = {"reference", "also", "wrong", "notes.md", "equivalent.toml", "mutants.json", "signatures.json"}
_IGNORED = {"__pycache__"}
_FEWEST_WRONG = 5
_PROBE = re.compile(r"""\bprobe\(\s*["']([\w-]+)["']""")
_SENTENCE = re.compile(r"[.!?](?:\s|$)")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing an author has to change, at ``path:line``; line 0 means the whole file."""

    path: Path
    line: int
    what: str

    def shown(self, root: Path) -> str:
        """``path:line: what``, with the path as seen from ``root``."""
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}:{self.line}: {self.what}" if self.line else f"{path}: {self.what}"


def inspect(course: Course, exercise: Exercise) -> list[Finding]:
    """Everything that can be known without running anything, sorted by place."""
    found: list[Finding] = []
    for look in (_page, _hints, _checks, _manifest, _topics, _folders, _wrong, _also, _unwritten):
        try:
            found += look(course, exercise)
        except GraderFault as error:
            path, _, line = (error.where or str(exercise.path)).rpartition(":")
            place = (Path(path), int(line)) if line.isdigit() else (Path(error.where or exercise.path), 0)
            found.append(Finding(*place, error.what))
    return sorted(set(found))


def orphan_solutions(course: Course) -> list[Finding]:
    """Solution folders whose exercise is not there."""
    known = {(path.parent.name, path.name) for path in (course.root / "exercises").glob("*/*")}
    return [
        Finding(path, 0, "this is a solution to no exercise")
        for path in sorted((course.root / "solutions").glob("*/*"))
        if path.is_dir() and (path.parent.name, path.name) not in known
    ]


def _page(course: Course, exercise: Exercise) -> Iterator[Finding]:
    page = course.page(exercise)
    titles = [heading.text for heading in page.headings if heading.number == 2]
    if titles != list(HEADINGS):
        yield Finding(page.path, 1, f"the headings are {', '.join(HEADINGS)}, in this order; here: {', '.join(titles)}")
    top = next((heading for heading in page.headings if heading.number == 1), None)
    if top is None or top.text != exercise.title:
        yield Finding(page.path, top.line if top else 1, f"the page opens with  # {exercise.title}")
    for position, task in enumerate(page.tasks, start=1):
        if task.number != position:
            yield Finding(page.path, task.line, f"task {task.number} stands where task {position} should")
        if not any(check.task == task.number for check in exercise.checks):
            yield Finding(page.path, task.line, f"no check belongs to task {task.number}")
    judged = {item.text.rstrip("."): item.line for item in page.judged}
    sentences = {check.sentence for check in exercise.checks}
    for text, line in judged.items():
        if text not in sentences:
            yield Finding(page.path, line, f"no check begins its docstring with '{text}.'")
    numbers = {task.number for task in page.tasks}
    for check in exercise.checks:
        if check.sentence not in judged:
            yield Finding(check.path, check.line, f"'{check.sentence}' is not announced under 'How you will be judged'")
        if check.task not in numbers:
            yield Finding(check.path, check.line, f"the page has no task {check.task}")


def _hints(course: Course, exercise: Exercise) -> Iterator[Finding]:
    path = exercise.path / "hints.md"
    hints = course.hints(exercise)
    tasks = [task.number for task in course.page(exercise).tasks]
    for number in tasks:
        rungs = [hint.rung for hint in hints if hint.task == number]
        if rungs != list(RUNGS):
            yield Finding(
                path, 1, f"task {number} needs the hints {', '.join(RUNGS)}; it has {', '.join(rungs) or 'none'}"
            )
    for hint in hints:
        if hint.task not in tasks:
            yield Finding(path, hint.line, f"a hint for task {hint.task}, which the page does not have")
        if not hint.text:
            yield Finding(path, hint.line, "this hint is empty")


def _checks(course: Course, exercise: Exercise) -> Iterator[Finding]:
    if not exercise.checks:
        yield Finding(exercise.path / "checks", 0, "there is no check")
    seen: set[str] = set()
    for check in exercise.checks:
        for needed in check.after:
            if needed not in seen:
                yield Finding(check.path, check.line, f"its ground '{needed}' is not a check that stands before it")
        seen.add(check.id)
    used = set(_PROBE.findall("\n".join(path.read_text() for path in (exercise.path / "checks").glob("*.py"))))
    for probe in sorted((exercise.path / "checks" / "probes").glob("*.py")):
        if probe.stem not in used:
            yield Finding(probe, 0, "no check uses this probe")


def _manifest(course: Course, exercise: Exercise) -> Iterator[Finding]:
    path = exercise.path / "exercise.toml"
    text = path.read_text(encoding="utf-8")
    known = set(course.ids(drafts=True))
    for needed in (*exercise.needs, *([exercise.continues] if exercise.continues else [])):
        if needed not in known:
            line = text.count("\n", 0, max(text.find(needed), 0)) + 1
            yield Finding(path, line, f"there is no exercise '{needed}' to build on")
    lesson = course.root / "curriculum" / exercise.stage / "index.md"
    if not lesson.is_file():
        yield Finding(lesson, 0, "the stage has no lesson")


def _topics(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """The manifest and the roadmap say the same about what this exercise teaches."""
    if course.roadmap is None:
        return
    path = exercise.path / "exercise.toml"
    text = path.read_text(encoding="utf-8")
    rows = {topic.number: topic for topic in course.roadmap.topics}
    name = course.roadmap.path.name
    known_as, kind = (exercise.lab, "labs") if exercise.lab else (exercise.id, "exercises")
    if not exercise.topics:
        line = text.count("\n", 0, max(text.find("topics"), 0)) + 1
        what = f"it teaches no topic; choose the nearest rows of curriculum/{name} and add {known_as} to them"
        yield Finding(path, line, what)
    for number in exercise.topics:
        # Quoted, so that a number in the title or a comment is not taken for it.
        line = text.count("\n", 0, max(text.find(f'"{number}"'), 0)) + 1
        if number not in rows:
            yield Finding(path, line, f"{name} has no topic {number}")
        elif not rows[number].names(known_as):
            row = f"{name}:{rows[number].exercises_line}"
            what = f"add {known_as} to the {kind} of {number} ({row}), or take {number} out here"
            yield Finding(path, line, what)
    for topic in rows.values():
        if topic.names(known_as) and topic.number not in exercise.topics:
            what = f"{known_as} teaches {topic.number}, but the topics of its manifest do not name it"
            yield Finding(course.roadmap.path, topic.exercises_line, what)


def _folders(course: Course, exercise: Exercise) -> Iterator[Finding]:
    solutions = course.solutions(exercise)
    for folder, expected in ((exercise.path, _IN_EXERCISE), (solutions, _IN_SOLUTION)):
        names = {path.name for path in folder.iterdir()} - _IGNORED if folder.is_dir() else set()
        for name in sorted(names - expected):
            yield Finding(folder / name, 0, "nothing reads this; an orphan")
    for needed in sorted(_IN_EXERCISE - ({"starter"} if exercise.lab else set())):
        if not (exercise.path / needed).exists():
            yield Finding(exercise.path / needed, 0, "this is missing")
    first = [course.starter(exercise), course.reference(exercise)]
    # Those of a lab are files among others.
    variants = [*([] if exercise.lab else first), *course.also(exercise), *course.wrong(exercise)]
    for variant in variants:
        yield from _unread(exercise, variant)


def _unread(exercise: Exercise, variant: Variant) -> Iterator[Finding]:
    submitted = {source for _, source in collect(exercise, variant.path).files}
    for path in sorted(variant.path.rglob("*")):
        if path.is_dir() or path in submitted or _IGNORED & set(path.parts):
            continue
        if variant.kind == "wrong" and path == variant.path / "WRONG.md":
            continue
        yield Finding(path, 0, "no pattern of 'submit' hands this file in")


def _wrong(course: Course, exercise: Exercise) -> Iterator[Finding]:
    wrong = course.wrong(exercise)
    checks = {check.id: check for check in exercise.checks}
    if len(wrong) < _FEWEST_WRONG:
        where = course.solutions(exercise) / "wrong"
        count = f"{len(wrong)} wrong solution{'s' * (len(wrong) != 1)}"
        yield Finding(where, 0, f"{count}; an exercise has at least {_FEWEST_WRONG}")
    for variant in wrong:
        if variant.check not in checks:
            yield Finding(variant.path, 0, f"it is named after the check '{variant.check}', which does not exist")
        sentences = len(_SENTENCE.findall(variant.misconception))
        if not 1 <= sentences <= 3:
            yield Finding(variant.path / "WRONG.md", 1, f"it has {sentences} sentences; one to three are wanted")
        if not variant.misconception.startswith(AUTHOR):
            # Learners read it as "It looks like your program …".
            yield Finding(variant.path / "WRONG.md", 1, f"it begins with '{AUTHOR}' and what that person does")
        reference = dict(collect(exercise, *variant.layers[:-1]).files)
        for name, source in collect(exercise, variant.path).files:
            if name in reference and reference[name].read_bytes() == source.read_bytes():
                yield Finding(source, 0, "it is the reference's own file; keep only what differs")
    yield from (_unguarded(check) for check in checks.values() if not any(v.check == check.id for v in wrong))


def _also(course: Course, exercise: Exercise) -> Iterator[Finding]:
    if not course.also(exercise):
        where = course.solutions(exercise) / "also"
        yield Finding(where, 0, "no right solution in another style; an exercise has at least one")


def _unwritten(course: Course, exercise: Exercise) -> Iterator[Finding]:
    lesson = course.root / "curriculum" / exercise.stage / "index.md"
    for path, line, what in marked(exercise.path, course.solutions(exercise), lesson):
        yield Finding(path, line, f"still to be written: {what}")


def _unguarded(check: Check) -> Finding:
    return Finding(check.path, check.line, f"no wrong solution is named {check.id}--…, so nothing proves this check")
