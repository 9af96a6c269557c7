"""The roadmap: what its file may say, what counts as taught, and that the real one leaves nothing out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from itertools import pairwise

import pytest

from grader.course import Course, Roadmap
from grader.course.roadmap import Kind, Source
from grader.errors import AuthorError
from grader.render.coverage import coverage
from grader.render.style import Style
from tests.conftest import REPOSITORY, Finished, Mini

Run = Callable[..., Finished]

# Line numbers matter: the tests below count from the first line.
ROADMAP = """\
[roadmaps]
1 = "One way"

[[stage]]
folder = "01-basics"
title  = "Basics"

[[stage]]
folder = "02-more"
title  = "More"

[[topic]]
number = "01.01"
stage = "01-basics"
kind = "topic"
item = "Greeting"
here = "`hello` in Flask"
from = ["1:2", "1:3"]
exercises = ["hello", "goodbye"]

[[topic]]
number = "02.01"
stage = "02-more"
kind = "resource"
item = "Reading"
here = "the manual"
from = ["1:9"]
lessons = ["reading-list"]
"""


def roadmap(mini: Mini, extra: str = "") -> Roadmap:
    (mini.root / "curriculum" / "roadmap.toml").write_text(ROADMAP + extra)
    found = mini.course.roadmap
    assert found
    return found


def taught(mini: Mini, extra: str) -> bool:
    """Whether the topic 02.02, taught by ``extra``, is."""
    row = '\n[[topic]]\nnumber = "02.02"\nstage = "02-more"\nkind = "tool"\nitem = "I"\nhere = "H"\nfrom = ["1:1"]\n'
    return roadmap(mini, row + extra).topics[-1].taught


def test_a_roadmap_is_read_as_it_is_written(mini: Mini) -> None:
    """Stages in their order, topics under them, each with where it comes from and where it stands."""
    found = roadmap(mini)
    assert found.titles == (("1", "One way"),)
    assert [(part.folder, part.title, len(part.topics)) for part in found.parts] == [
        ("01-basics", "Basics", 1),
        ("02-more", "More", 1),
    ]
    greeting, reading = found.topics
    assert (greeting.number, greeting.kind, greeting.item, greeting.line) == ("01.01", Kind.TOPIC, "Greeting", 13)
    assert greeting.sources == (Source("1", 2), Source("1", 3))
    assert [(t.kind, t.id, t.exists) for t in greeting.teachers] == [
        ("exercise", "hello", True),
        ("exercise", "goodbye", False),
    ]
    assert (reading.line, reading.taught) == (22, False)


def test_a_course_may_have_no_roadmap(mini: Mini) -> None:
    """It then promises nothing."""
    assert mini.course.roadmap is None


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title  = "More"', "title  = More", 10, "not TOML"),
        ('lessons = ["reading-list"]', 'lessons = ["reading-list"', 28, "not TOML"),
        ("[roadmaps]", "[maps]", 1, "'maps' is not a field"),
        ("[[stage]]", "[[stages]]", 4, "'stages' is not a field"),
        ('[roadmaps]\n1 = "One way"', "roadmaps = []", 1, r"write \[roadmaps\]"),
        ('1 = "One way"', 'one = "way"', 2, "a number and its title"),
        ('title  = "More"', 'name = "More"', 10, "'name' is not a field of a stage"),
        ('title  = "More"', "", 8, "'title' is missing"),
        ('"02-more"', '"2-more"', 9, "not two digits"),
        ('"02-more"', '"01-more"', 9, "declared twice"),
        ("lessons =", "lectures =", 28, "'lectures' is not a field of a topic"),
        ('item = "Reading"\n', "", 21, "'item' is missing"),
        ('item = "Reading"', "item = 7", 25, "must be text"),
        ('item = "Reading"', 'item = ""', 25, "must be text"),
        ('["reading-list"]', '"reading-list"', 28, "must be a list of strings"),
        ('["reading-list"]', "[]", 28, "must be a list of strings"),
        ('["reading-list"]', "[1]", 28, "must be a list of strings"),
        ('["reading-list"]', '["Reading list"]', 28, "kebab-case"),
        ('lessons = ["reading-list"]', "", 22, "nothing will ever teach 02.01"),
        ('"resource"', '"book"', 24, "'book' is not a kind; there are topic, tool"),
        ('stage = "02-more"', 'stage = "03-most"', 23, "no stage '03-most'"),
        ('stage = "02-more"', 'stage = "01-basics"', 22, "does not begin with the number of its stage"),
        ('number = "02.01"', 'number = "2.1"', 22, "not a number like 02.13"),
        ('"1:9"', '"1"', 27, "not a roadmap and its line"),
        ('"1:9"', '"1:0"', 27, "not a roadmap and its line"),
        ('"1:9"', '"2:9"', 27, "no roadmap 2"),
    ],
)
def test_a_broken_roadmap_names_its_line(mini: Mini, old: str, new: str, line: int, words: str) -> None:
    """Every mistake is the author's move, with the place and where the fields are explained."""
    assert old in ROADMAP
    (mini.root / "curriculum" / "roadmap.toml").write_text(ROADMAP.replace(old, new, 1))
    with pytest.raises(AuthorError, match=words) as caught:
        _ = mini.course.roadmap
    assert (caught.value.where or "").endswith(f"roadmap.toml:{line}")


@pytest.mark.parametrize(
    ("number", "words"), [("02.01", "02.01 is used twice"), ("02.00", "02.00 stands after 02.01; topics are sorted")]
)
def test_numbers_are_unique_and_in_order(mini: Mini, number: str, words: str) -> None:
    """A second row of the same number, or one that belongs above, is named with its line."""
    row = "\n" + ROADMAP[ROADMAP.rindex("[[topic]]") :].replace("02.01", number)
    with pytest.raises(AuthorError, match=words) as caught:
        roadmap(mini, row)
    assert (caught.value.where or "").endswith("roadmap.toml:31")


def test_a_roadmap_that_is_not_text_says_so(mini: Mini) -> None:
    """Bytes that are not UTF-8 are the author's move, too."""
    (mini.root / "curriculum" / "roadmap.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AuthorError, match="not UTF-8"):
        _ = mini.course.roadmap


@pytest.mark.parametrize(
    ("teacher", "path", "text"),
    [
        ('exercises = ["hallo"]', "exercises/02-more/hallo/exercise.toml", ""),
        ('milestones = ["chat-m1"]', "exercises/02-more/chat-m1/exercise.toml", ""),
        ('lessons = ["runtime"]', "curriculum/02-more/runtime.md", "# Runtime\n"),
        ('lessons = ["runtime"]', "curriculum/01-basics/index.md", "---\nid: runtime\n---\n"),
        ('lessons = ["runtime"]', "curriculum/02-more/index.md", '---\nid: x\ntopics: ["02.01", "02.02"]\n---\n'),
        ('labs = ["tour"]', "curriculum/01-basics/tour.ipynb", ""),
        ('labs = ["tour", "drills"]', "curriculum/02-more/lab.ipynb", ""),
        ('checklists = ["ship-it"]', "curriculum/02-more/checklists/ship-it.md", ""),
    ],
)
def test_what_exists_teaches(mini: Mini, teacher: str, path: str, text: str) -> None:
    """A topic is taught as soon as the one thing that its row names is there, and not before."""
    assert not taught(mini, teacher)
    (mini.root / path).parent.mkdir(parents=True, exist_ok=True)
    (mini.root / path).write_text(text)
    assert taught(mini, teacher)


@pytest.mark.parametrize(
    ("teacher", "path", "text"),
    [
        ('lessons = ["runtime"]', "curriculum/02-more/index.md", '---\nid: x\ntopics: ["02.01"]\n---\n02.02 runtime\n'),
        ('lessons = ["runtime"]', "curriculum/02-more/other.md", '---\nid: x\ntopics: ["02.02"]\n---\n'),
        ('labs = ["tour"]', "curriculum/01-basics/lab.ipynb", ""),
        ('lessons = ["hello"]', "exercises/02-more/none/exercise.toml", ""),
    ],
)
def test_what_lies_elsewhere_does_not(mini: Mini, teacher: str, path: str, text: str) -> None:
    """A mention in the text, another lesson of the topic, another stage's lab, an exercise of that name: no proof."""
    (mini.root / path).parent.mkdir(parents=True, exist_ok=True)
    (mini.root / path).write_text(text)
    assert not taught(mini, teacher)


def test_only_the_first_lab_of_a_stage_is_its_own(mini: Mini) -> None:
    """A second lab needs a notebook of its own name."""
    (mini.root / "curriculum" / "02-more").mkdir()
    (mini.root / "curriculum" / "02-more" / "lab.ipynb").touch()
    last = roadmap(mini, 'labs = ["tour", "drills"]\n').topics[-1]
    assert [t.exists for t in last.teachers if t.kind == "lab"] == [True, False]


def test_the_command_shows_what_teaches_each_topic(mini: Mini, grader: Run) -> None:
    """Existing things have a tick, planned ones a dot; the gaps stand at the end with their counts."""
    roadmap(mini)
    finished = grader("coverage")
    assert finished.code == 0
    assert "01 · Basics" in finished.out and finished.out.count("1 of 1") == 1
    assert "  ✓ 01.01 Greeting\n          ✓ hello  · goodbye\n" in finished.out
    assert "    02.01 Reading\n          · lesson reading-list\n" in finished.out
    assert finished.out.partition("Nothing teaches these yet")[2].split()[:3] == ["02", "1", "02.01"]
    assert "1 of 2 topics are taught, 1 not yet · 2 things still to write" in finished.out


def test_the_command_narrows_to_a_stage_and_to_what_is_missing(mini: Mini, grader: Run) -> None:
    """--stage takes the number or the folder; --missing leaves out what is taught; the counts are of the stage."""
    roadmap(mini)
    for stage in ("02", "02-more"):
        out = grader("coverage", "--stage", stage).out
        assert "02.01" in out and "01.01" not in out and "0 of 1 topics" in out
    out = grader("coverage", "--missing").out
    assert "Reading" in out and "Greeting" not in out and "1 of 2 topics" in out
    assert "Reading" not in grader("coverage", "--missing", "--stage", "01").out


def test_the_command_speaks_json(mini: Mini, grader: Run) -> None:
    """Everything the file says and what exists, as data."""
    roadmap(mini)
    found = json.loads(grader("coverage", "--json").out)
    assert (found["roadmaps"], found["total"], found["taught"]) == ({"1": "One way"}, 2, 1)
    assert [stage["taught"] for stage in found["stages"]] == [1, 0]
    assert found["stages"][0]["topics"] == [
        {
            "number": "01.01",
            "kind": "topic",
            "item": "Greeting",
            "here": "`hello` in Flask",
            "from": [{"roadmap": "1", "line": 2}, {"roadmap": "1", "line": 3}],
            "taught": True,
            "taught_by": [
                {"kind": "exercise", "id": "hello", "exists": True},
                {"kind": "exercise", "id": "goodbye", "exists": False},
            ],
        }
    ]
    missing = json.loads(grader("coverage", "--json", "--missing").out)
    assert (missing["total"], [len(stage["topics"]) for stage in missing["stages"]]) == (2, [0, 1])


def test_the_command_says_what_is_not_there(mini: Mini, grader: Run) -> None:
    """No roadmap is the author's move, an unknown stage is ours to name the known ones for."""
    finished = grader("coverage")
    assert finished.code == 3 and "no curriculum/roadmap.toml" in finished.err
    roadmap(mini)
    finished = grader("coverage", "--stage", "07")
    assert finished.code == 2
    assert "no stage '07'; there are 01 to 02" in finished.err and "Next:" in finished.err


@pytest.fixture(scope="module")
def real() -> Roadmap:
    """The roadmap of this repository."""
    found = Course(REPOSITORY).roadmap
    assert found
    return found


def test_no_topic_of_the_roadmaps_is_left_out(real: Roadmap) -> None:
    """All 307 are there, in nineteen stages, numbered from 1 without a gap."""
    assert len(real.topics) == 307
    assert [part.folder[:2] for part in real.parts] == [f"{n:02}" for n in range(1, 20)]
    for part in real.parts:
        expected = [f"{part.folder[:2]}.{n:02}" for n in range(1, len(part.topics) + 1)]
        assert [topic.number for topic in part.topics] == expected
    assert {source.roadmap for topic in real.topics for source in topic.sources} == set(dict(real.titles))


def test_everything_that_will_teach_is_named(real: Roadmap) -> None:
    """Every topic is taught by something; at least 75 exercises and all 11 milestones teach one."""
    assert all(topic.teachers for topic in real.topics)
    named = {(teacher.kind, teacher.id) for topic in real.topics for teacher in topic.teachers}
    assert len([name for kind, name in named if kind == "exercise"]) >= 75
    assert {name for kind, name in named if kind == "milestone"} == {f"capstone-m{n}" for n in range(11)}


def test_every_exercise_is_in_the_roadmap(real: Roadmap) -> None:
    """No exercise of the course teaches nothing that was asked for."""
    course = Course(REPOSITORY)
    names = [course.exercise(name).lab or name for name in course.ids()]
    assert [name for name in names if not any(topic.names(name) for topic in real.topics)] == []


def test_lessons_name_topics_of_the_roadmap(real: Roadmap) -> None:
    """A number in the front matter of a lesson is a row."""
    numbers = {topic.number for topic in real.topics}
    for page in (REPOSITORY / "curriculum").glob("*/*.md"):
        front = page.read_text().split("\n---\n")[0]
        assert set(re.findall(r'"(\d\d\.\d\d)"', front)) <= numbers, page


def test_sources_stand_in_order_and_once(real: Roadmap) -> None:
    """So that a page can show each roadmap in its own order."""
    for topic in real.topics:
        places = [(int(source.roadmap), source.line) for source in topic.sources]
        assert all(one < two for one, two in pairwise(places)), topic.number


def test_the_file_is_laid_out_for_reading(real: Roadmap) -> None:
    """One short block a topic: no line is wider than the code's, and nothing is said twice."""
    text = real.path.read_text()
    assert max(map(len, text.splitlines())) <= 120
    items = [topic.item for topic in real.topics]
    assert len(set(items)) == len(items)
    assert len(tomllib.loads(text)["topic"]) == text.count("\n[[topic]]\n")


@pytest.mark.parametrize("missing", [False, True])
def test_the_text_fits_a_terminal(real: Roadmap, missing: bool) -> None:
    """Eighty columns, in signs that an old terminal has, and no line that ends in blanks."""
    text = coverage(real.parts, Style(80, colour=False, unicode=False), missing=missing)
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"[ \t]+$", text, re.MULTILINE)
    assert text.isascii() and "\\u" not in text


def test_neighbours_become_ranges(mini: Mini) -> None:
    """Two runs of untaught topics around a taught one are two ranges."""
    rows = "".join(
        f'\n[[topic]]\nnumber = "02.{n:02}"\nstage = "02-more"\nkind = "tool"\nitem = "I"\nhere = "H"\n'
        f'from = ["1:1"]\nexercises = ["{"hello" if n == 4 else "later"}"]\n'
        for n in range(2, 7)
    )
    text = coverage(roadmap(mini, rows).parts, Style())
    assert "  02    5  02.01–02.03, 02.05–02.06\n" in text
