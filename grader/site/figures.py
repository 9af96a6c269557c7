"""Every figure that a page names, counted or read from where it was measured: ``python -m grader.site.figures``.

The command writes docs/figures.json; pages say ``{{ course.exercises }}`` and the site fills it in. A test
fails where the file and the course differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.errors import AuthorError
from grader.site.mistake_pages import mutants
from grader.site.page import without_front_matter

_PLACEHOLDER = re.compile(r"\{\{ *([a-z_.]+) *\}\}")


def path(course: Course) -> Path:
    """Where the figures are kept."""
    return course.root / "docs" / "figures.json"


def counted(course: Course) -> dict[str, str]:
    """Every figure by its name, as it is shown."""
    exercises = [exercise for stage in course.stages for exercise in stage.exercises]
    topics = course.roadmap.topics if course.roadmap else ()
    lessons = sum(
        int(without_front_matter(path.read_text(encoding="utf-8"))[0].get("minutes", "0"))
        for stage in course.stages
        for path in course.lessons(stage.id)
        if not path.with_suffix(".ipynb").exists()
    )
    numbers = {
        "course.stages": len(course.stages),
        "course.exercises": sum(not exercise.lab for exercise in exercises),
        "course.labs": sum(bool(exercise.lab) for exercise in exercises),
        "course.checks": sum(len(exercise.checks) for exercise in exercises),
        "course.mistakes": sum(len(course.wrong(exercise)) for exercise in exercises),
        "course.also": sum(len(course.also(exercise)) for exercise in exercises),
        "course.mutants": sum(mutants(course, exercise) for exercise in exercises),
        "course.hours": round((lessons + sum(exercise.minutes for exercise in exercises)) / 60),
        "course.topics": len(topics),
        "course.taught": sum(topic.taught for topic in topics),
        "attacks.total": _attacks(course.root / "docs" / "attacks.md"),
    }
    return {name: f"{number:,}" for name, number in numbers.items()} | _measured(course.root / "bench" / "figures.json")


def _attacks(page: Path) -> int:
    found = re.search(r"^(\d+) programs", page.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise AuthorError("the page of attacks does not begin with their number", where=str(page))
    return int(found[1])


def _measured(file: Path) -> dict[str, str]:
    document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    check, watch = document["one_check"]["grader check"], document["one_check"]["grader, waiting (watch)"]
    grades = document["class"]["grader, shared"]
    return {
        "bench.check": f"{check['median']:.0f}",
        "bench.check_ratio": f"{check['ratio']:.2f}",
        "bench.watch": f"{watch['median']:.0f}",
        "bench.watch_ratio": f"{watch['ratio']:.2f}",
        "bench.class_a_minute": f"{grades['median']:.0f}",
        "bench.class_ratio": f"{grades['ratio']:.2f}",
        "bench.date": str(document["date"]),
    }


def dumped(figures: Mapping[str, str]) -> str:
    """The file's text."""
    return json.dumps(figures, indent=1) + "\n"


def filled(text: str, figures: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its figures, and the names for which there are none."""
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in figures]
    return _PLACEHOLDER.sub(lambda found: figures.get(found[1], found[0]), text), unknown


def main() -> None:
    """Write the file anew."""
    course = Course.find(Path.cwd())
    path(course).write_text(dumped(counted(course)), encoding="utf-8")
    print(f"wrote {path(course)}")  # noqa: T201 - a command of the authors'


if __name__ == "__main__":
    main()
