"""The map of the path: every stage with what is in it, how long it takes, and what depends on what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from grader.course import Course
from grader.model import Exercise, Stage
from grader.site.page import Page, hours, without_front_matter

_OPENING = (
    "Read a stage's lesson, play in its lab, then write its exercises in this order. An exercise says what has to be "
    "done before it; nothing stops you from going elsewhere first. `grader` alone, in a terminal, always says where "
    "you are and what is next."
)
_ARROWS = (
    "An arrow leads from an exercise to one that builds on it. A thick one carries the program itself over. The number "
    "is the stage's; what has no arrows needs nothing before it."
)


def page(course: Course) -> Page:
    """The map as a page of its own."""
    text = "\n\n".join(
        [
            "# The path",
            _OPENING,
            stages(course),
            "## What depends on what",
            _ARROWS,
            _graph(course),
            *_to_come(course),
        ]
    )
    return Page("path.md", PurePosixPath("docs/path.md"), text + "\n")


def stages(course: Course) -> str:
    """A card for each stage that is built, as lists that read well without style, too."""
    return "\n".join(
        ['<div class="stages" markdown="1">', *(_card(course, stage) for stage in course.stages), "</div>"]
    )


def _card(course: Course, stage: Stage) -> str:
    reading = sum(_minutes(text) for text in _lessons(course, stage.id))
    whole = reading + sum(exercise.minutes for exercise in stage.exercises)
    title = f"<span>{int(stage.id[:2])}</span> **[{stage.title}](/curriculum/{stage.id}/index.md)**"
    lines = [
        '<section class="stage" markdown="1">',
        "",
        f'<p class="stage-name" markdown="1">{title} <em>{hours(whole)}</em></p>',
        "",
        *(_row(exercise) for exercise in stage.exercises),
        "",
        "</section>",
    ]
    return "\n".join(lines)


def _row(exercise: Exercise) -> str:
    after = f" · after {', '.join(f'`{name}`' for name in exercise.needs)}" if exercise.needs else ""
    kind = "lab, " if exercise.lab else ""
    return (
        f"- `{exercise.id}` {exercise.title}\n  <small>{kind}{exercise.level}, {hours(exercise.minutes)}{after}</small>"
    )


def _lessons(course: Course, stage: str) -> Iterator[str]:
    for path in course.lessons(stage):
        text = path.read_text(encoding="utf-8")
        if without_front_matter(text)[0].get("kind") != "lab":
            yield text


def _minutes(lesson: str) -> int:
    return int(without_front_matter(lesson)[0].get("minutes", "0"))


def _graph(course: Course) -> str:
    everything = {exercise.id: exercise for stage in course.stages for exercise in stage.exercises}
    pairs = [(need, one) for one in everything.values() for need in one.needs if need in everything]
    tied = {need for need, _ in pairs} | {one.id for _, one in pairs}
    lines = [f'  {_node(one)}["{int(one.stage[:2])} · {one.id}"]' for one in everything.values() if one.id in tied]
    for need, one in pairs:
        lines.append(f"  {_node(everything[need])} {'==>' if need == one.continues else '-->'} {_node(one)}")
    drawn = "\n".join(["```mermaid", "flowchart TB", *lines, "```"])
    # On a phone it is wider than the screen, and scrolls by itself.
    frame = (
        '<div class="wide" role="group" aria-label="What depends on what, scrolls sideways" tabindex="0" markdown="1">'
    )
    return f"{frame}\n\n{drawn}\n\n</div>"


def _node(exercise: Exercise) -> str:
    # "end" is a word of mermaid's, and so may be others.
    return "x-" + exercise.id


def _to_come(course: Course) -> Iterator[str]:
    if course.roadmap is None:
        return
    built = {stage.id for stage in course.stages}
    missing = [part for part in course.roadmap.parts if part.folder not in built and part.topics]
    if missing:
        yield "## Not built yet"
        yield "Promised by [the roadmaps](/docs/roadmaps/index.md), and not written so far:"
        yield "\n".join(f"- Stage {int(part.folder[:2])}: {part.title}" for part in missing)
