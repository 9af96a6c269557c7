"""What the site's pages are made of: links, figures, exercises, roadmaps; without building or opening any."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from grader.site import figures
from grader.site.content import Content
from grader.site.links import Links
from grader.site.page import Page, fold, hours, table, without_front_matter
from tests.conftest import REPOSITORY
from tests.pages import leads


@pytest.fixture(scope="module")
def content() -> Content:
    """The course's own pages."""
    return Content(REPOSITORY)


@pytest.fixture
def links() -> Links:
    """A site of three pages, one of them an exercise's."""
    pages = [
        Page("index.md", PurePosixPath("docs/index.md"), ""),
        Page("02-rest/index.md", PurePosixPath("curriculum/02-rest/index.md"), ""),
        Page("exercises/notes-crud.md", PurePosixPath("exercises/02-rest/notes-crud/README.md"), ""),
    ]
    exercises = {"notes-crud": "exercises/02-rest/notes-crud/README.md"}
    return Links({page.uri: page for page in pages}, exercises, {"LICENSE": "LICENSE"})


def _lesson(text: str) -> Page:
    return Page("02-rest/index.md", PurePosixPath("curriculum/02-rest/index.md"), text)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[a](../../docs/index.md#top)", "[a](../index.md#top)"),
        ("[a](../../exercises/02-rest/notes-crud/README.md)", "[a](../exercises/notes-crud.md)"),
        ("[a](/LICENSE)", "[a](../LICENSE)"),
        ("[a](../../docs/chart.svg)", "[a](../chart.svg)"),
        ("[a](#below) [b](https://example.org/x)", "[a](#below) [b](https://example.org/x)"),
        ("do `notes-crud` next", "do [`notes-crud`](../exercises/notes-crud.md) next"),
        ("`grader start notes-crud`", "`grader start notes-crud`"),
        ("`[a](../../docs/index.md)`", "`[a](../../docs/index.md)`"),
        ("## About `notes-crud`", "## About `notes-crud`"),
        ("[the `notes-crud` page](#x)", "[the `notes-crud` page](#x)"),
        ("```\n[a](../../docs/index.md) `notes-crud`\n```", "```\n[a](../../docs/index.md) `notes-crud`\n```"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(links: Links, written: str, shown: str) -> None:
    """A link to a source leads to its page, an exercise's id becomes a link, and code stays as it is."""
    assert links.rewritten(_lesson(written)) == (shown, [])


def test_a_link_to_no_page_is_reported(links: Links) -> None:
    """A link to a file of the repository that is not on the site is named, so that the build stops."""
    assert links.rewritten(_lesson("[a](../../grader/wire.py)"))[1] == ["../../grader/wire.py"]


def test_an_exercise_does_not_link_to_itself(links: Links) -> None:
    """Its own id stays code on its own page."""
    page = Page("exercises/notes-crud.md", PurePosixPath("exercises/02-rest/notes-crud/README.md"), "`notes-crud`")
    assert links.rewritten(page) == ("`notes-crud`", [])


def test_the_file_of_figures_is_what_is_counted_now(content: Content) -> None:
    """docs/figures.json follows from the course and the measurements; python -m grader.site.figures writes it."""
    kept = figures.path(content.course).read_text(encoding="utf-8")
    assert kept == figures.dumped(figures.counted(content.course))


def test_a_figure_is_filled_in_and_a_wrong_name_is_told() -> None:
    """A placeholder becomes its figure; one that nobody writes is named."""
    assert figures.filled("{{ a.b }} and {{c}}", {"a.b": "7"}) == ("7 and {{c}}", ["c"])


def test_every_check_is_announced_and_every_hint_is_folded(content: Content) -> None:
    """An exercise's page has each check's sentence, and each hint inside a fold."""
    for exercise in content.exercises.values():
        page = content.pages[f"exercises/{exercise.id}.md"].text
        judged = page[page.index("## How you will be judged") : page.index("## Hints")]
        assert [check.sentence for check in exercise.checks if f"- {check.sentence}" not in judged] == []
        hints = page[page.index("## Hints") : page.index("## Before and after")]
        assert hints.count("<details") == len(content.course.hints(exercise))


def test_no_page_shows_a_solution(content: Content) -> None:
    """No six lines of a solution, right or wrong, stand together on any page of the site; a hint may be a skeleton."""
    hints = re.compile(r"\n## Hints\n.*?(?=\n## )", re.DOTALL)
    shown = {uri: "\n".join(_lines(hints.sub("", page.text))) for uri, page in content.pages.items()}
    found: list[str] = []
    for exercise in content.exercises.values():
        given = _given(content, exercise.id)
        for path in content.course.solutions(exercise).rglob("*.py"):
            lines = _lines(path.read_text(encoding="utf-8"))
            for start in range(len(lines) - 5):
                part = "\n".join(lines[start : start + 6])
                if part not in given:
                    found += [f"{uri} shows {path}: {part}" for uri, text in shown.items() if part in text]
    assert found == []


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _given(content: Content, exercise: str) -> str:
    """What a learner is handed anyway: the starter, and the cells of a lab."""
    starter = content.course.starter(content.exercises[exercise])
    files = [starter.path] if starter.path.is_file() else list(starter.path.rglob("*.py"))
    lab = [path.with_suffix(".md") for path in files if path.suffix == ".ipynb"]
    return "\n".join("\n".join(_lines(path.read_text(encoding="utf-8"))) for path in [*files, *lab])


def test_roadmaps_show_every_topic_and_what_is_missing(content: Content) -> None:
    """Each topic stands on the page of each roadmap that asks for it; what is not built says so, and has no link."""
    roadmap = content.course.roadmap
    assert roadmap
    for topic in roadmap.topics:
        for source in topic.sources:
            assert topic.item.replace("|", "\\|") in content.pages[f"roadmaps/{source.roadmap}.md"].text
        row = next(line for line in content.pages["topics.md"].text.splitlines() if f'"topic-{topic.number}"' in line)
        missing = [teacher.id for teacher in topic.teachers if not teacher.exists]
        assert all(name in row.partition("*not yet:*")[2] for name in missing)
        assert ("*not yet:*" in row) == bool(missing)
        assert topic.taught == ("](" in row.rsplit(" | ", 1)[1] or "`" in row.rsplit(" | ", 1)[1])


def test_every_wrong_solution_is_told_to_instructors(content: Content) -> None:
    """The page of an exercise's mistakes has the text of each wrong solution, under the check that catches it."""
    for exercise in content.exercises.values():
        page = content.pages[f"mistakes/{exercise.id}.md"].text
        for variant in content.course.wrong(exercise):
            sentence = next(check.sentence for check in exercise.checks if check.id == variant.check)
            part = page[page.index(f"### {sentence}\n") :]
            assert variant.misconception in re.split(r"\n### ", part, maxsplit=1)[0]


def test_every_page_has_a_place_in_the_navigation(content: Content) -> None:
    """No page is left out, and the navigation names no page that does not exist."""
    named: list[str] = []

    def walk(branch: object) -> None:
        if isinstance(branch, str):
            named.append(branch)
        elif isinstance(branch, dict):
            for below in branch.values():
                walk(below)
        elif isinstance(branch, list):
            for below in branch:
                walk(below)

    walk(content.navigation())
    assert sorted(named) == sorted(content.pages)


def test_what_pages_may_link_to_is_made(content: Content) -> None:
    """The pages that the lint takes for the site's own are those that it makes, and have no file."""
    made = {path.relative_to(REPOSITORY / "docs").as_posix() for path in leads.generated()}
    own = {page.source for page in content.pages.values() if not (REPOSITORY / page.source).exists()}
    assert {f"docs/{name}" for name in made} == {source.as_posix() for source in own}


def test_the_vendored_library_has_its_licence() -> None:
    """What was made by others lies beside its licence."""
    folder = REPOSITORY / "docs" / "assets" / "vendor"
    assert sorted(path.name for path in folder.iterdir()) == ["mermaid.LICENSE.txt", "mermaid.min.js"]
    assert "MIT License" in (folder / "mermaid.LICENSE.txt").read_text(encoding="utf-8")


def test_marks_of_a_page(tmp_path: Path) -> None:
    """Front matter, tables, folds and durations are as Markdown and people want them."""
    assert without_front_matter("---\na: 1\nb: [x]\n---\n\n# T\n") == ({"a": "1", "b": "[x]"}, "# T\n")
    assert table(["a", "b"], [["x|y", "7"]]) == "| a | b |\n| --- | ---: |\n| x\\|y | 7 |"
    assert fold("s", "b") == '<details markdown="1">\n<summary>s</summary>\n\nb\n\n</details>'
    assert [hours(minutes) for minutes in (0, 45, 60, 135)] == ["0 min", "45 min", "1 h", "2 h 15 min"]
