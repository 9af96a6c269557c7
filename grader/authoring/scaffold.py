"""A new exercise's two halves, written all at once or not at all; never touches what is there."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.templates import exercise_files, stage_files
from grader.course import Course
from grader.course.catalogue import ID, STAGE
from grader.errors import GraderError, UsageError


@dataclass(frozen=True)
class Draft:
    """An exercise that may be written: folders from the course's root, each with its files.

    ``folders`` pairs a folder that does not exist yet with relative path → text.
    """

    id: str
    stage: str
    folders: tuple[tuple[Path, dict[str, str]], ...]


def draft(course: Course, place: str, *, functions: bool = False, new_stage: str | None = None) -> Draft:
    """Plan the exercise ``place``, which is ``NN-stage/id``; ``new_stage`` is the title of a stage to add.

    Writes nothing. Raises UsageError for a place that is no place, a stage that is not
    there (or is, with ``new_stage``), an id that is taken, and a folder that exists.
    """
    stage, exercise_id = _place(course, place)
    if new_stage is None:
        _must_exist(course, stage, exercise_id)
    else:
        _must_be_new(course, stage, exercise_id, new_stage)
    taken = [path for path in sorted((course.root / "exercises").glob(f"*/{exercise_id}")) if path.is_dir()]
    if taken:
        raise UsageError(
            f"the id '{exercise_id}' is used already; an id is used once in the whole course",
            where=str(taken[0]),
            next_step=f"grader new {stage}/ANOTHER-ID   (or go on with that one: grader verify {exercise_id})",
        )
    title = exercise_id.replace("-", " ").capitalize()
    planned = course.roadmap.topics if course.roadmap else ()
    topics = tuple(topic.number for topic in planned if topic.names(exercise_id))
    asked, answered = exercise_files(exercise_id, title, topics, functions=functions)
    folders = [(Path("exercises", stage, exercise_id), asked), (Path("solutions", stage, exercise_id), answered)]
    if new_stage is not None:
        folders.append((Path("curriculum", stage), stage_files(stage, " ".join(new_stage.split()), exercise_id)))
    for folder, _ in folders:
        if os.path.lexists(course.root / folder):
            raise UsageError(
                "this is there already, and nothing is overwritten",
                where=str(course.root / folder),
                next_step=f"move it away if nobody needs it, or: grader new {stage}/ANOTHER-ID",
            )
    return Draft(exercise_id, stage, tuple(folders))


def write(course: Course, planned: Draft) -> None:
    """Write every file of a draft; a failure half-way takes away again what was written.

    Raises GraderError when the machine does not let us write.
    """
    try:
        # Everything is written aside first, so that nobody sees half an exercise.
        with tempfile.TemporaryDirectory(dir=course.root, prefix=".grader-new-") as aside:
            for folder, files in planned.folders:
                for name, text in files.items():
                    path = Path(aside) / folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
            _move(Path(aside), course.root, [folder for folder, _ in planned.folders])
    except OSError as error:
        raise GraderError(
            f"the new exercise cannot be written: {error.strerror or error}; nothing of it is left",
            where=str(error.filename or course.root),
            next_step=f"see that you may write there, then: grader new {planned.stage}/{planned.id}",
        ) from None


def _move(source: Path, root: Path, folders: list[Path]) -> None:
    made: list[Path] = []
    moved: list[Path] = []
    try:
        for folder in folders:
            for parent in reversed(folder.parents[:-1]):
                if not (root / parent).is_dir():
                    (root / parent).mkdir()
                    made.append(root / parent)
            # Onto a folder with something in it, a rename fails: what is there stays.
            (source / folder).rename(root / folder)
            moved.append(root / folder)
    except BaseException:
        for path in moved:
            shutil.rmtree(path, ignore_errors=True)
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


def _place(course: Course, place: str) -> tuple[str, str]:
    *before, exercise_id = place.strip("/").split("/")
    stages = _stages(course)
    if len(before) != 1:
        stage = before[-1] if before and STAGE.fullmatch(before[-1]) else stages[-1] if stages else "01-basics"
        raise UsageError(
            f"'{place}' does not say where the exercise belongs: name its stage and its id, NN-stage/id",
            next_step=f"grader new {stage}/{_kebab(exercise_id)}",
        )
    if not ID.fullmatch(exercise_id):
        raise UsageError(
            f"'{exercise_id}' is not an id; an id is lower-case words joined by hyphens, such as notes-crud",
            next_step=f"grader new {before[0]}/{_kebab(exercise_id)}",
        )
    return before[0], exercise_id


def _must_exist(course: Course, stage: str, exercise_id: str) -> None:
    stages = _stages(course)
    if stage in stages:
        return
    near = difflib.get_close_matches(stage, stages, n=1)
    named = bool(STAGE.fullmatch(stage))
    what = f"there is no stage '{stage}'" if named else f"'{stage}' is not a stage; a stage is named NN-name"
    meant = f"grader new {near[0]}/{exercise_id}" if near else ""
    wanted = stage if named and not _with_number(course, stage[:2]) else f"{_free(course)}-{_kebab(stage)}"
    planned = course.roadmap.parts if course.roadmap else ()
    title = next((part.title for part in planned if part.folder == wanted), "Title")
    added = f'grader new {wanted}/{exercise_id} --new-stage "{title}"'
    raise UsageError(
        what + (f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(stages)}" if stages else ""),
        next_step=f"{meant}   (to add a stage: {added})" if meant else added,
    )


def _must_be_new(course: Course, stage: str, exercise_id: str, title: str) -> None:
    if stage in _stages(course):
        raise UsageError(f"the stage '{stage}' is there already", next_step=f"grader new {stage}/{exercise_id}")
    better = f'grader new {_free(course)}-{_kebab(stage)}/{exercise_id} --new-stage "Title"'
    if not STAGE.fullmatch(stage):
        raise UsageError(f"'{stage}' is not a stage; a stage is named NN-name, such as 02-rest", next_step=better)
    other = _with_number(course, stage[:2])
    if other:
        raise UsageError(f"the number {stage[:2]} belongs to the stage '{other}'", next_step=better)
    if not title.strip():
        raise UsageError(
            "a new stage needs a title", next_step=f'grader new {stage}/{exercise_id} --new-stage "A title"'
        )


def _stages(course: Course) -> list[str]:
    return sorted(
        path.name for path in (course.root / "curriculum").iterdir() if path.is_dir() and STAGE.fullmatch(path.name)
    )


def _with_number(course: Course, number: str) -> str:
    return next((name for name in _stages(course) if name.startswith(f"{number}-")), "")


def _free(course: Course) -> str:
    used = {name[:2] for name in _stages(course)}
    return next((f"{number:02}" for number in range(1, 100) if f"{number:02}" not in used), "99")


def _kebab(text: str) -> str:
    """The nearest thing to ``text`` that is kebab-case and begins with a letter."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()
    return re.sub(r"[^a-z0-9]+", "-", spaced).strip("-0123456789") or "name"
