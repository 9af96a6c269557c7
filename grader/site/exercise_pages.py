"""The page of one exercise: what its folder says, what the course knows of it, its hints folded. Never a solution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePosixPath

from grader.course import Course, Hint
from grader.model import Exercise
from grader.services import TITLES
from grader.site.page import Page, below_title, fold, hours, table

_RUNGS = {"Idea": "the idea", "Approach": "an approach", "Skeleton": "a skeleton"}
_PART = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_NODE = re.compile(r"^## If you know Node\.js$", re.MULTILINE)
_BULLET = re.compile(r"^- .*(?:\n[ \t]+.*)*\n?", re.MULTILINE)


def source(exercise: Exercise) -> PurePosixPath:
    """The file of the repository that the page is made from."""
    return PurePosixPath("exercises", exercise.stage, exercise.id, "README.md")


def link(exercise: Exercise) -> str:
    """A link to the page, by its id; the site makes it one."""
    return f"`{exercise.id}`"


def page(course: Course, exercise: Exercise, everything: dict[str, Exercise]) -> Page:
    """The whole page; ``everything`` are all exercises by id."""
    text = (exercise.path / "README.md").read_text(encoding="utf-8")
    before, *parts = re.split(r"(?m)^(?=## )", text)
    shown = [below_title(before, _facts(course, exercise)).rstrip()]
    for part in parts:
        title = _PART.match(part)
        shown.append((_judged(exercise, part) if title and title[1] == "How you will be judged" else part).rstrip())
    shown += ["## Hints", *_hints(course.hints(exercise)), *_node(course, exercise)]
    shown += ["## Before and after", *_around(course, exercise, everything)]
    return Page(f"exercises/{exercise.id}.md", source(exercise), "\n\n".join(shown) + "\n")


def _facts(course: Course, exercise: Exercise) -> str:
    stage = next(stage for stage in course.stages if stage.id == exercise.stage)
    number = int(exercise.stage[:2])
    facts = [f"**{exercise.level.capitalize()}**", hours(exercise.minutes)]
    facts.append(f"[{number}. {stage.title}](/curriculum/{stage.id}/index.md)")
    facts += [f"with {' and '.join(TITLES[name] for name in exercise.services)}"] * bool(exercise.services)
    lines = [" · ".join(facts) + "\n{ .facts }"]
    if exercise.lab:
        name = exercise.id.removesuffix("-lab")
        to_read = f"/curriculum/{exercise.stage}/{exercise.notebook}.md"
        lines += [f"[The notebook, to read]({to_read}); to work in it:", f"```sh\ngrader lab {name}\n```"]
    else:
        lines.append(f"```sh\ngrader start {exercise.id}\ngrader watch {exercise.id}\n```")
    return "\n\n".join(lines)


def _judged(exercise: Exercise, part: str) -> str:
    """The README's section with its bullets replaced by the checks themselves, task by task."""
    opening = _BULLET.sub("", part).rstrip()
    blocks = [opening]
    for task, checks in groupby(sorted(exercise.checks, key=lambda check: check.task), key=lambda check: check.task):
        blocks.append(f"**Task {task}**")
        lines = []
        for check in checks:
            notes = [f"{check.points} points"] * (check.points > 1) + ["on a freshly started program"] * check.fresh
            lines.append(f"- {check.sentence}" + f" *({', '.join(notes)})*" * bool(notes))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _hints(hints: tuple[Hint, ...]) -> Iterator[str]:
    yield "Three steps for each task, from an idea to a skeleton. Try first, and open one at a time."
    for task, rungs in groupby(hints, key=lambda hint: hint.task):
        for hint in rungs:
            yield fold(f"Task {task}: {_RUNGS.get(hint.rung, hint.rung.lower())}", hint.text)


def _node(course: Course, exercise: Exercise) -> Iterator[str]:
    topics = [topic for topic in course.roadmap.topics if topic.number in exercise.topics] if course.roadmap else []
    if not topics:
        return
    yield "## If you know Node.js"
    yield table(["The roadmaps say", "Here that is"], ([topic.item, topic.here] for topic in topics))
    for lesson in course.lessons(exercise.stage):
        if _NODE.search(lesson.read_text(encoding="utf-8")):
            target = f"/{lesson.relative_to(course.root).as_posix()}#if-you-know-nodejs"
            yield f"More of it, name by name, in [the lesson]({target})."
            break


def _around(course: Course, exercise: Exercise, everything: dict[str, Exercise]) -> Iterator[str]:
    lines = []
    if exercise.continues:
        lines.append(
            f"- It goes on from {link(everything[exercise.continues])}: your own finished program is carried over, "
            "and where you have none, one that works."
        )
    needs = [everything[name] for name in exercise.needs if name in everything and name != exercise.continues]
    lines += [f"- Do {' and '.join(map(link, needs))} before."] * bool(needs)
    following = [other for other in everything.values() if exercise.id in other.needs]
    lines += [f"- Next, what builds on it: {', '.join(map(link, following))}."] * bool(following)
    if not lines or not following:
        order = [one for stage in course.stages for one in stage.exercises]
        place = next(i for i, one in enumerate(order) if one.id == exercise.id)
        if place + 1 < len(order):
            lines.append(f"- Next on the path: {link(order[place + 1])}.")
    lines.append("- [The whole path](/docs/path.md), and [what teaches which topic](/docs/topics.md).")
    yield "\n".join(lines)
