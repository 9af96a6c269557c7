"""Finding exercises, lessons and solutions in the folders of a course."""

from __future__ import annotations

import contextlib
import difflib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from grader.course import declared, manifest, pages, roadmap, signatures
from grader.errors import AuthorError, GraderError, UsageError
from grader.model import Exercise, Stage

STAGE = re.compile(r"\d\d-[a-z0-9-]+")
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Variant:
    """One solution on disk. ``layers`` are folders, later ones replace files of earlier ones.

    ``kind`` is ``reference``, ``starter``, ``also`` or ``wrong``; a wrong one names the
    ``check`` that must catch it and carries ``misconception``, the text of ``WRONG.md``.
    """

    kind: str
    slug: str
    path: Path
    layers: tuple[Path, ...]
    check: str = ""
    misconception: str = ""

    @property
    def name(self) -> str:
        """How a person would point at it: ``wrong/ids-are-never-reused--counts-notes``."""
        return self.kind if self.kind in ("reference", "starter") else f"{self.kind}/{self.path.name}"


class Course:
    """A course folder, read on demand."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def find(cls, start: Path) -> Course:
        """The course that ``start`` lies in, else the one this program was installed from.

        Raises GraderError when there is neither.
        """
        for folder in (start, *start.parents, Path(__file__).resolve().parents[2]):
            if (folder / "exercises").is_dir() and (folder / "curriculum").is_dir():
                return cls(folder)
        raise GraderError(
            "there is no course here: no folder above holds exercises/ and curriculum/",
            where=str(start),
            next_step="cd into your clone of the course, or name it with --course",
        )

    @property
    def work(self) -> Path:
        """Where the learner's copies live."""
        return self.root / "work"

    def ids(self, *, drafts: bool = False) -> list[str]:
        """Every exercise id, by stage and name; those of drafts only if asked for."""
        return [path.name for path in self._folders(drafts=drafts)]

    def exercise(self, exercise_id: str) -> Exercise:
        """Read one exercise; raises UsageError with the nearest id for an unknown one."""
        found = [path for path in self._folders(drafts=True) if path.name == exercise_id]
        if not found:
            near = difflib.get_close_matches(exercise_id, self.ids(), n=1, cutoff=0.4)
            raise UsageError(
                f"there is no exercise '{exercise_id}'" + (f"; did you mean '{near[0]}'?" if near else ""),
                next_step=f"grader show {near[0]}" if near else "grader list",
            )
        if len(found) > 1:
            raise AuthorError(f"the id '{exercise_id}' is used by two stages", where=str(found[1]))
        path = found[0]
        if not ID.fullmatch(path.name):
            raise AuthorError(f"'{path.name}' is not a kebab-case id", where=str(path))
        exercise = Exercise(
            id=path.name,
            stage=path.parent.name,
            path=path,
            checks=declared.read(path / "checks"),
            **manifest.read(path / "exercise.toml"),
        )
        if not exercise.lab:
            return exercise
        release = self.root / "curriculum" / exercise.stage / f"{exercise.notebook}.ipynb"
        return replace(exercise, release=release)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage that has a lesson or an exercise, in order."""
        names = {path.parent.name for path in self._folders()}
        names |= {path.name for path in (self.root / "curriculum").iterdir() if STAGE.fullmatch(path.name)}
        return tuple(Stage(name, self._stage_title(name), self._ordered(name)) for name in sorted(names))

    @cached_property
    def roadmap(self) -> roadmap.Roadmap | None:
        """The topics of the course and what teaches them; None for a course that promises nothing."""
        path = self.root / "curriculum" / "roadmap.toml"
        return roadmap.read(path, frozenset(self.ids())) if path.is_file() else None

    def lessons(self, stage: str) -> tuple[Path, ...]:
        """The pages of a stage, its lesson first and those of labs last."""
        found = (self.root / "curriculum" / stage).glob("*.md")
        order = sorted(found, key=lambda path: (path.with_suffix(".ipynb").exists(), path.name != "index.md", path))
        return tuple(order)

    def page(self, exercise: Exercise) -> pages.Page:
        """The exercise's README."""
        return pages.read_page(exercise.path / "README.md")

    def hints(self, exercise: Exercise) -> tuple[pages.Hint, ...]:
        """The exercise's hints."""
        return pages.read_hints(exercise.path / "hints.md")

    def lab_source(self, exercise: Exercise) -> Path:
        """What a lab's notebook is made from, answers included."""
        return self.root / "solutions" / exercise.stage / f"{exercise.notebook}.py"

    def starter(self, exercise: Exercise) -> Variant:
        """What a learner begins with who has nothing of their own to carry forward.

        Raises AuthorError for a lab that is not built yet.
        """
        if exercise.lab:
            path = exercise.release
            if not path.is_file():
                raise AuthorError("this notebook is not built yet", where=str(path), next_step="grader labs build")
            return Variant("starter", "starter", path, (path.parent,))
        path = exercise.path / "starter"
        return Variant("starter", "starter", path, (*self._before(exercise), path))

    def solutions(self, exercise: Exercise) -> Path:
        """The folder that mirrors the exercise's, on the other side."""
        return self.root / "solutions" / exercise.stage / exercise.id

    def reference(self, exercise: Exercise) -> Variant:
        """The solution of the authors; raises AuthorError when there is none.

        Where the exercise continues another, it holds only what differs from that one's. A lab's
        is the source of its notebook.
        """
        if exercise.lab:
            path = self.lab_source(exercise)
            if not path.is_file():
                raise AuthorError("the lab has no source", where=str(path))
            return Variant("reference", "reference", path, (path.parent,))
        path = self.solutions(exercise) / "reference"
        if not path.is_dir():
            raise AuthorError("the exercise has no reference solution", where=str(path))
        return Variant("reference", "reference", path, (*self._before(exercise), path))

    def also(self, exercise: Exercise) -> tuple[Variant, ...]:
        """Correct solutions in other styles, each complete in itself; a lab's are cells in place of its source's."""
        below = self.reference(exercise).layers if exercise.lab else ()
        return tuple(
            Variant("also", path.name, path, (*below, path))
            for path in self._subfolders(self.solutions(exercise) / "also")
        )

    def wrong(self, exercise: Exercise) -> tuple[Variant, ...]:
        """The solutions that must fail; each holds only what differs from the reference.

        Raises AuthorError for a folder that is not named ``<check>--<slug>`` or has no
        ``WRONG.md``.
        """
        found: list[Variant] = []
        reference = self.reference(exercise)
        for path in self._subfolders(self.solutions(exercise) / "wrong"):
            check, separator, slug = path.name.partition("--")
            if not (separator and ID.fullmatch(check) and ID.fullmatch(slug)):
                raise AuthorError("a wrong solution's folder is named <check>--<slug>", where=str(path))
            try:
                misconception = " ".join((path / "WRONG.md").read_text(encoding="utf-8").split())
            except FileNotFoundError:
                raise AuthorError(
                    "a wrong solution says in WRONG.md what its author believes", where=str(path)
                ) from None
            found.append(Variant("wrong", slug, path, (*reference.layers, path), check, misconception))
        return tuple(found)

    def signatures_file(self, exercise: Exercise) -> Path:
        """Where it is kept what each wrong solution looks like from outside."""
        return self.solutions(exercise) / "signatures.json"

    def signatures(self, exercise: Exercise) -> signatures.Signatures:
        """What is kept of the wrong solutions that still exist, with their texts."""
        kept = signatures.read(self.signatures_file(exercise))
        folder = self.solutions(exercise) / "wrong"
        told: list[signatures.Signature] = []
        for mistake in kept.mistakes:
            with contextlib.suppress(OSError):
                text = (folder / mistake.name / "WRONG.md").read_text(encoding="utf-8")
                told.append(replace(mistake, misconception=" ".join(text.split())))
        return replace(kept, mistakes=tuple(told))

    def _before(self, exercise: Exercise) -> tuple[Path, ...]:
        return self.reference(self.exercise(exercise.continues)).layers if exercise.continues else ()

    def _folders(self, *, drafts: bool = False) -> list[Path]:
        stages = [path for path in (self.root / "exercises").iterdir() if path.is_dir()]
        found = sorted(path for stage in stages for path in self._subfolders(stage))
        return [path for path in found if drafts or not manifest.is_draft(path / "exercise.toml")]

    @staticmethod
    def _subfolders(folder: Path) -> list[Path]:
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))

    def _stage_title(self, name: str) -> str:
        page = self.root / "curriculum" / name / "index.md"
        if page.is_file():
            title = re.search(r"^# +(.+?) *$", page.read_text(encoding="utf-8"), re.MULTILINE)
            if title:
                return title[1]
        return name

    def _ordered(self, stage: str) -> tuple[Exercise, ...]:
        waiting = {path.name: self.exercise(path.name) for path in self._folders() if path.parent.name == stage}
        ordered: list[Exercise] = []
        while waiting:
            free = [e for e in waiting.values() if not any(need in waiting for need in e.needs)]
            if not free:
                circle = ", ".join(sorted(waiting))
                raise AuthorError(f"these exercises need each other: {circle}", where=f"exercises/{stage}")
            # Labs come first: they are there to play in before the exercises.
            chosen = min(free, key=lambda e: (not e.lab, e.id))
            ordered.append(waiting.pop(chosen.id))
        return tuple(ordered)
