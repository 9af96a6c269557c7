"""The five roadmaps, topic by topic, with what teaches each: straight from ``curriculum/roadmap.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from grader.course import Course, Roadmap, Teacher, Topic
from grader.site.page import Page, table, without_front_matter

_FOLDER = PurePosixPath("docs/roadmaps")
_LOOK = (
    "Every topic of [the five roadmaps](roadmaps/index.md), by stage. Look for a word with your browser's own search, "
    "or with the one above, which knows the lessons, too."
)
_HEAD = ["They ask for", "Here it is", "Taught by"]


class Teachers:
    """Where the things that teach stand on the site, and what they are called there."""

    def __init__(self, course: Course, roadmap: Roadmap) -> None:
        self.folders = {part.folder[:2]: part.folder for part in roadmap.parts}
        self.lessons: dict[str, str] = {}
        for stage in course.stages:
            for path in course.lessons(stage.id):
                fields, text = without_front_matter(path.read_text(encoding="utf-8"))
                place = PurePosixPath("curriculum", stage.id, path.name)
                link = f"[{Page('', place, text).title}](/{place})"
                self.lessons |= {fields.get("id", path.stem): link, f"{stage.id}/{path.stem}": link}

    def told(self, topic: Topic) -> str:
        """What teaches a topic: links to what exists, then what is to come."""
        existing = dict.fromkeys(self._one(topic, teacher) for teacher in topic.teachers if teacher.exists)
        missing = [teacher.id for teacher in topic.teachers if not teacher.exists]
        if not missing:
            return "<br>".join(existing)
        return "<br>".join([*existing, f"*not yet:* {', '.join(missing)}"])

    def _one(self, topic: Topic, teacher: Teacher) -> str:
        if teacher.kind in ("exercise", "milestone"):
            return f"`{teacher.id}`"
        # A lesson without a page of its own is a part of its stage's, and a stage's first lab is its lab.md.
        stage = self.folders[topic.number[:2]]
        own = self.lessons.get(teacher.id) or self.lessons.get(f"{stage}/{teacher.id}")
        return own or self.lessons[f"{stage}/{'lab' if teacher.kind == 'lab' else 'index'}"]


def pages(course: Course) -> Iterator[Page]:
    """The overview, one page for each roadmap, and the page of all topics; none for a course without a roadmap."""
    roadmap = course.roadmap
    if roadmap is None:
        return
    teachers = Teachers(course, roadmap)
    yield _overview(roadmap)
    for number, title in roadmap.titles:
        yield _one(roadmap, number, title, teachers)
    yield _topics(roadmap, teachers)


def _counted(topics: Iterable[Topic]) -> str:
    states = [topic.taught for topic in topics]
    return f"{sum(states)} of {len(states)}"


def _anchor(topic: Topic) -> str:
    return f'<span id="topic-{topic.number}"></span>'


def _of(roadmap: Roadmap, number: str) -> list[Topic]:
    """The topics that a roadmap asks for, in its own order."""
    lines = {
        topic.number: min((source.line for source in topic.sources if source.roadmap == number), default=0)
        for topic in roadmap.topics
    }
    return sorted((topic for topic in roadmap.topics if lines[topic.number]), key=lambda topic: lines[topic.number])


def _overview(roadmap: Roadmap) -> Page:
    rows = [[f"[{title}]({number}.md)", _counted(_of(roadmap, number))] for number, title in roadmap.titles]
    text = (
        "# The roadmaps\n\n"
        "Five roadmaps that circulate among people who want to become backend developers list what to know, in terms "
        "of Node.js, and check nothing. Here each of their lines leads to what teaches it in this course, in Python. "
        "What is not built yet says so.\n\n"
        f"{table(['Roadmap', 'Topics taught'], rows)}\n\n"
        "All of them together, without what they have in common twice: [what teaches which topic](../topics.md).\n"
    )
    return Page("roadmaps/index.md", _FOLDER / "index.md", text)


def _one(roadmap: Roadmap, number: str, title: str, teachers: Teachers) -> Page:
    topics = _of(roadmap, number)
    text = (
        f"# Roadmap {number}: {title}\n\n"
        f"{_counted(topics)} of its topics are taught so far, in the order in which the roadmap has them. "
        "[All roadmaps](index.md)\n\n"
        f"{table(_HEAD, ([t.item, t.here, teachers.told(t)] for t in topics))}\n"
    )
    return Page(f"roadmaps/{number}.md", _FOLDER / f"{number}.md", text)


def _topics(roadmap: Roadmap, teachers: Teachers) -> Page:
    blocks = [f"# What teaches which topic\n\n{_LOOK}"]
    for part in roadmap.parts:
        blocks.append(f"## {int(part.folder[:2])}. {part.title}")
        blocks.append(f"{_counted(part.topics)} are taught so far.")
        blocks.append(table(_HEAD, ([_anchor(t) + t.item, t.here, teachers.told(t)] for t in part.topics)))
    return Page("topics.md", PurePosixPath("docs/topics.md"), "\n\n".join(blocks) + "\n")
