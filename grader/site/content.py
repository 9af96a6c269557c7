"""Everything that becomes a page, and the order in which a reader finds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from grader.course import Course
from grader.errors import AuthorError
from grader.model import Stage
from grader.site import exercise_pages, figures, mistake_pages, path_page, reference, roadmap_pages
from grader.site.page import Page, below_title, hours, without_front_matter

# Pages that lie elsewhere in the repository because they are looked for there.
_ELSEWHERE = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "capstone/README.md": "capstone/index.md",
    "capstone/SPEC.md": "capstone/spec.md",
}
# Files that are no pages and are linked all the same.
FILES = {"grader/render/report-1.schema.json": "report-1.schema.json"}
_PATH = re.compile(r"\{\{ *path *\}\}")


class Content:
    """Every page of the site by its place there; read when it is made, so that a new one sees what has changed."""

    def __init__(self, root: Path) -> None:
        self.course = Course(root)
        self.exercises = {one.id: one for stage in self.course.stages for one in stage.exercises}
        self.figures: dict[str, str] = json.loads(figures.path(self.course).read_text(encoding="utf-8"))
        self.pages = {page.uri: page for page in self._all()}

    def exercise_sources(self) -> dict[str, str]:
        """Where the page of each exercise comes from."""
        return {name: exercise_pages.source(one).as_posix() for name, one in self.exercises.items()}

    def _all(self) -> Iterator[Page]:
        for path in sorted((self.course.root / "docs").rglob("*.md")):
            yield self._file(path, path.relative_to(self.course.root / "docs").as_posix())
        for name, uri in _ELSEWHERE.items():
            yield self._file(self.course.root / name, uri)
        for stage in self.course.stages:
            for path in self.course.lessons(stage.id):
                yield self._lesson(path, stage)
        for exercise in self.exercises.values():
            yield exercise_pages.page(self.course, exercise, self.exercises)
        yield from roadmap_pages.pages(self.course)
        yield from mistake_pages.pages(self.course)
        yield path_page.page(self.course)
        yield Page("reference.md", PurePosixPath("docs/reference.md"), reference.page())
        yield self._decisions()

    def _file(self, path: Path, uri: str) -> Page:
        source = PurePosixPath(path.relative_to(self.course.root).as_posix())
        text, unknown = figures.filled(path.read_text(encoding="utf-8"), {**self.figures, "path": "{{ path }}"})
        if unknown:
            raise AuthorError(f"there is no figure {unknown[0]}", where=str(path), next_step="see docs/figures.json")
        return Page(uri, source, _PATH.sub(lambda _: path_page.stages(self.course), text))

    def _lesson(self, path: Path, stage: Stage) -> Page:
        source = PurePosixPath(path.relative_to(self.course.root).as_posix())
        fields, text = without_front_matter(path.read_text(encoding="utf-8"))
        kind = "Lab" if fields.get("kind") == "lab" else "Lesson"
        facts = [f"**{kind}**", fields.get("level", ""), hours(int(fields.get("minutes", "0")))]
        facts += ["to go further"] * (fields.get("kind") == "stretch")
        return Page(f"{stage.id}/{path.name}", source, below_title(text, " · ".join(facts) + "\n{ .facts }"))

    def _decisions(self) -> Page:
        found = sorted((self.course.root / "docs" / "decisions").glob("0*.md"))
        titles = [self._file(path, "").title for path in found]
        lines = [f"- [{title}]({path.name})" for title, path in zip(titles, found, strict=True)]
        text = (
            "# Decisions\n\nWhat was worth arguing about, a page each: how things stood, what was decided, what it "
            "costs. Each tells what was known on its day, and so do its figures.\n\n" + "\n".join(lines) + "\n"
        )
        return Page("decisions/index.md", PurePosixPath("docs/decisions/index.md"), text)

    def navigation(self) -> list[Any]:
        """The tree of the site, as mkdocs wants it: titles with pages or with more of the same."""
        decisions = sorted(uri for uri in self.pages if uri.startswith("decisions/0"))
        return [
            {"Home": "index.md"},
            {
                "Learn": [
                    {"First steps": "start.md"},
                    {"The path": "path.md"},
                    *({f"{int(stage.id[:2])}. {stage.title}": self._stage(stage)} for stage in self.course.stages),
                    {
                        "The capstone": [
                            {"A chat backend": "capstone/index.md"},
                            {"Its contract": "capstone/spec.md"},
                            {"Under load": "chat-under-load.md"},
                        ]
                    },
                ]
            },
            {
                "Roadmaps": [
                    {"The roadmaps": "roadmaps/index.md"},
                    {"What teaches which topic": "topics.md"},
                    *(
                        {title: f"roadmaps/{number}.md"}
                        for number, title in (self.course.roadmap.titles if self.course.roadmap else ())
                    ),
                ]
            },
            {
                "Teach": [
                    {"Run a class in ten minutes": "class.md"},
                    {"How marks are made": "marks.md"},
                    {"Why you can trust a mark": "trust.md"},
                    {"Attacks": "attacks.md"},
                    {
                        "The mistakes people make": [
                            {"All exercises": "mistakes/index.md"},
                            *({name: f"mistakes/{name}.md"} for name in self.exercises),
                        ]
                    },
                    {"Labs with nbgrader": "nbgrader.md"},
                    {"A grading fleet": "fleet.md"},
                    {"Privacy": "privacy.md"},
                ]
            },
            {
                "Build": [
                    {"Add an exercise": "contributing.md"},
                    {"Architecture": "architecture.md"},
                    {"What a check may use": "reference.md"},
                    {"The report as JSON": "report-schema.md"},
                    {"Benchmarks": "benchmarks.md"},
                    {
                        "Decisions": [
                            {"All of them": "decisions/index.md"},
                            *({self.pages[u].title: u} for u in decisions),
                        ]
                    },
                    {"Changelog": "changelog.md"},
                ]
            },
        ]

    def _stage(self, stage: Stage) -> list[Any]:
        lessons = [f"{stage.id}/{path.name}" for path in self.course.lessons(stage.id)]
        # Also read beside an arrow at the end of another page, where no stage stands above it.
        first = f"Lesson: {stage.title.partition(':')[0]}"
        titles = {uri: first if uri.endswith("/index.md") else self.pages[uri].title for uri in lessons}
        exercises = [{name.id: f"exercises/{name.id}.md"} for name in stage.exercises]
        return [*({title: uri} for uri, title in titles.items()), *exercises]
