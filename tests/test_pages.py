"""Every page that people read, judged by rules: its form, where it leads, its code, its words and its figures.

Exercise pages and hints are held to the form of an exercise by `grader verify`, the programs of lessons are run by
tests/test_lessons.py and those of labs by tests/test_labs_nbgrader.py. Nothing of that is asked again here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.markdown import Page, parse, read
from tests.pages import PAGES, Rule, complaints, place
from tests.pages.blocks import data, fences, programs, python
from tests.pages.commands import commands
from tests.pages.figures import figures, placeholders
from tests.pages.form import anchors, headings, machines, sections
from tests.pages.leads import links, pictures
from tests.pages.names import names
from tests.pages.reading import EASE, SECTIONS, ease, paragraphs, reading
from tests.test_lessons import PAGES as LESSONS
from tests.test_lessons import name_page, run_alone

every_page = pytest.mark.parametrize("path", PAGES, ids=name_page)
WITH_PROGRAMS = [path for path in PAGES if path.is_relative_to(REPOSITORY / "docs") and any(programs(read(path)))]


def obey(path: Path, *rules: Rule) -> None:
    """Fail with every complaint about a page, each as ``path:line: what is wrong``."""
    found = [complaint for rule in rules for complaint in complaints(read(path), rule)]
    assert not found, "\n" + "\n".join(found)


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """Pages are only read here; looking for processes left behind would take longer than all of the tests."""


def test_there_are_pages_of_every_kind() -> None:
    """Each folder with pages has some, so that no test below passes for want of one."""
    folders = {path.relative_to(REPOSITORY).parts[0] for path in PAGES}
    assert folders >= {"README.md", "capstone", "curriculum", "docs", "exercises", "solutions"}


@every_page
def test_a_page_has_one_title_and_headings_in_order(path: Path) -> None:
    """One title at the top, no level left out, no two headings with one anchor, no section without a word."""
    obey(path, headings, anchors, sections)


@every_page
def test_a_page_leads_somewhere(path: Path) -> None:
    """Each link within the repository names a file or a page of the site, each anchor a heading; pictures have words."""
    obey(path, links, pictures)


@every_page
def test_blocks_are_what_they_say(path: Path) -> None:
    """Each block is closed, names a language that is known and, as Python, JSON, TOML or YAML, can be parsed."""
    obey(path, fences, data, python)


@pytest.mark.parametrize("path", WITH_PROGRAMS, ids=name_page)
def test_programs_of_the_documentation_run(path: Path, tmp_path: Path) -> None:
    """Each block of docs/ that binds all names it uses runs by itself and prints what is shown below it."""
    found = failing(read(path), tmp_path)
    assert not found, "\n" + "\n".join(found)


@every_page
def test_commands_exist(path: Path) -> None:
    """Each `grader …` and `make …` that a page says has commands, options, targets and exercises that there are."""
    obey(path, commands)


@every_page
def test_names_are_spelled_as_their_owners_do(path: Path) -> None:
    """The prose of a page writes PostgreSQL, Node.js and GitHub, and not what is quicker to type."""
    obey(path, names)


@pytest.mark.parametrize("path", LESSONS, ids=name_page)
def test_a_lesson_is_easy_to_read(path: Path) -> None:
    """Lesson and reasons have short words, short sentences and short paragraphs."""
    obey(path, reading)


@every_page
def test_documentation_holds_no_figure_but_by_name(path: Path) -> None:
    """What was counted or measured is a {{ name }} of docs/figures.json; dated decisions and written pages are exempt."""
    obey(path, figures, placeholders)


@every_page
def test_nothing_on_a_page_is_of_one_machine(path: Path) -> None:
    """No page tells where somebody's files lie, or which registry their packages come from."""
    obey(path, machines)


def failing(page: Page, folder: Path) -> list[str]:
    """What is wrong with the programs of a page when they are run."""
    found = []
    for fence, shown in programs(page):
        done = run_alone(fence.text, fence.line, folder, {})
        if (done.returncode, done.stderr) != (0, ""):
            found.append(f"{place(page)}:{fence.line}: this program ends with {done.returncode}\n{done.stderr}")
        elif shown is not None and shown != done.stdout:
            found.append(f"{place(page)}:{fence.line}: this program prints something else:\n{done.stdout}")
    return found


ACADEMIC = """\
The epistemological ramifications of eventual consistency necessitate a fundamental reconceptualisation of
transactional semantics, inasmuch as heterogeneous distributed architectures characteristically subordinate
linearisability to availability, notwithstanding considerable theoretical objections that have been articulated
within the relevant literature concerning the irreconcilability of contradictory operational requirements.
"""
PLAIN = """\
A queue is a list of notes. Each note says what is to be done, and for whom. The program writes one and goes on; it
does not wait. A worker takes the notes, one after the other, and does what they say. If it dies, the note is still
there, and another worker takes it.
"""
LESSON = "curriculum/02-rest/sample.md"
HINTS = "exercises/02-rest/notes-crud/hints.md"
NOTES = "solutions/02-rest/notes-crud/notes.md"
BAD = [
    (headings, "docs/a.md", "Only words.\n", "docs/a.md:1: it has no title"),
    (headings, "docs/a.md", "# A\n\nText.\n\n# B\n\nText.\n", "docs/a.md:5: a second title, 'B'"),
    (headings, "docs/a.md", "## B\n\nText.\n\n# A\n", "docs/a.md:1: 'B' stands before the title"),
    (headings, "docs/a.md", "# A\n\n### C\n\nText.\n", "docs/a.md:3: 'C' has 3 # below one with 1"),
    (headings, "docs/a.md", "# A\n\nA note\n---\n", "docs/a.md:4: a line of dashes"),
    (
        anchors,
        "docs/a.md",
        "# A\n\n## Set `up`\n\nx\n\n## Set up\n\nx\n",
        "docs/a.md:7: on GitHub 'Set up' has the anchor",
    ),
    (anchors, "docs/a.md", "# A\n\n## Café\n\nx\n\n## Cafe\n\nx\n", "docs/a.md:7: on the site 'Cafe' has the anchor"),
    (sections, "docs/a.md", "# A\n\n## B\n\n## C\n\nText.\n", "docs/a.md:3: nothing stands below 'B'"),
    (sections, "docs/a.md", "# A\n\n### B\n\n## C\n\nText.\n", "docs/a.md:3: nothing stands below 'B'"),
    (sections, "docs/a.md", "# A\n\nText.\n\n## The end\n", "docs/a.md:5: nothing stands below 'The end'"),
    (machines, "docs/a.md", "It is in /home/ada/course.\n", "docs/a.md:1: /home/ada/course. is a path of one machine"),
    (machines, "docs/a.md", f"```sh\ncd {REPOSITORY}/docs\n```\n", "docs/a.md:2:"),
    (machines, "docs/a.md", "```sh\npip install -i https://" + "pypi" + ".org/simple x\n```\n", "docs/a.md:2: pypi"),
    (machines, "docs/a.md", "See https://mirror.example" + ".com/x.\n", "docs/a.md:1: mirror"),
    (links, "docs/a.md", "See [b](no-such.md).\n", "docs/a.md:1: no-such.md names no file"),
    (links, "docs/a.md", "See [b\nc](class.md#no-such).\n", "docs/a.md:2: class.md#no-such names no heading"),
    (links, "docs/a.md", "# A\n\nSee [b](#b).\n", "docs/a.md:3: #b names no heading"),
    (links, "docs/a.md", "See [b](../../elsewhere.md).\n", "docs/a.md:1: ../../elsewhere.md leaves the repository"),
    (links, "docs/a.md", "See [b](/docs/class.md).\n", "docs/a.md:1: /docs/class.md leaves the repository"),
    (links, "docs/a.md", "See [b](../README.md).\n", "docs/a.md:1: ../README.md: the README of the root is no page"),
    (links, "docs/a.md", "See [b](mistakes/no-such.md).\n", "docs/a.md:1: mistakes/no-such.md names no file"),
    (links, "docs/a.md", "See [b].\n\n[b]: no-such.md\n", "docs/a.md:3: no-such.md names no file"),
    (links, "docs/a.md", "<p>\n<img alt='x' src='no-such.svg'>\n</p>\n", "docs/a.md:2: no-such.svg names no file"),
    (links, "docs/a.md", "See [b](benchmarks.svg#x).\n", "docs/a.md:1: benchmarks.svg#x: only a page has headings"),
    (pictures, "docs/a.md", "\n![ ](benchmarks.svg)\n", "docs/a.md:2: a picture without words"),
    (pictures, "docs/a.md", "<img src='benchmarks.svg' alt=''>\n", "docs/a.md:1: an <img> without words"),
    (pictures, "docs/a.md", "<img\n src='benchmarks.svg'>\n", "docs/a.md:1: an <img> without words"),
    (fences, "docs/a.md", "Text.\n\n```sh\nls\n", "docs/a.md:3: this block is never closed"),
    (fences, "docs/a.md", "```\nls\n```\n", "docs/a.md:1: this block names no language"),
    (fences, "docs/a.md", "```pyhton\nx = 1\n```\n", "docs/a.md:1: the language pyhton is not known"),
    (fences, "docs/a.md", '```python title="x"\nx = 1\n```\n', "docs/a.md:1: 'title=\"x\"' after the language"),
    (data, "docs/a.md", '```json\n{"a": 1,}\n```\n', "docs/a.md:1: this is no JSON"),
    (data, "docs/a.md", '```json\n{"a": 1}\n{"b": }\n```\n', "docs/a.md:1: this is no JSON"),
    (data, "docs/a.md", "- x\n\n  ```toml\n  a = yes\n  ```\n", "docs/a.md:3: this is no TOML"),
    (data, "docs/a.md", "```yaml\na: [1\n```\n", "docs/a.md:1: this is no YAML"),
    (python, "docs/a.md", "```python\nx = 1\nif x\n```\n", "docs/a.md:3: this does not compile"),
    (python, "docs/a.md", "```python\nreturn x\nif x\n```\n", "docs/a.md:3: this does not compile"),
    (python, "docs/a.md", '```python\n"\\d"\n```\n', "docs/a.md:2: this does not compile"),
    (python, "docs/a.md", "```python\nr....(x)\n```\n", "docs/a.md:2: this does not compile"),
    (python, HINTS, "```python\nr....(x)\nr.x(...))\nif x\n```\n", f"{HINTS}:4: this does not compile"),
    (commands, "docs/a.md", "Type `grader chekc`.\n", "docs/a.md:1: grader has no command 'chekc'"),
    (commands, "docs/a.md", "Type `grader class improt x`.\n", "docs/a.md:1: grader class has no command 'improt'"),
    (commands, "docs/a.md", "Type `grader\ncheck --sed 1`.\n", "docs/a.md:1: grader check has no option --sed"),
    (commands, "docs/a.md", "Type `grader --jason list`.\n", "docs/a.md:1: grader: No such option"),
    (
        commands,
        "docs/a.md",
        "Type `grader start no-such`.\n",
        "docs/a.md:1: grader start: there is no exercise 'no-such'",
    ),
    (
        commands,
        "docs/a.md",
        "Type `grader verify notes-crud no-such`.\n",
        "docs/a.md:1: grader verify: there is no exercise",
    ),
    (commands, "docs/a.md", "Type `grader doctor now`.\n", "docs/a.md:1: grader doctor takes no 'now'"),
    (commands, "docs/a.md", "Type `grader lab no-such`.\n", "docs/a.md:1: grader lab: there is no lab 'no-such'"),
    (
        commands,
        "docs/a.md",
        "Type `grader class export xls`.\n",
        "docs/a.md:1: grader class export: 'xls' is none of csv",
    ),
    (commands, "docs/a.md", "Type `make lern`.\n", "docs/a.md:1: make lern: the Makefile has no such target"),
    (commands, "docs/a.md", "```sh\nmake learn\nx=1 make tset # all\n```\n", "docs/a.md:3: make tset: the Makefile"),
    (
        commands,
        "docs/a.md",
        "```console\n$ grader class due --late\n```\n",
        "docs/a.md:2: grader class due: Option '--late'",
    ),
    (commands, "docs/a.md", "```console\n$ ls && .venv/bin/grader start\nx\n```\n", "docs/a.md:2: grader start needs"),
    (commands, "docs/a.md", "```bash\ngrader check \\\n  --no\n```\n", "docs/a.md:2: grader check has no option --no"),
    (commands, "CONTRIBUTING.md", "`grader new 02-rest/a`, `grader verify b`\n", "there is no exercise 'b'"),
    *(
        (names, "docs/a.md", f"Some words about\n{wrong} here.\n", f"docs/a.md:2: '{wrong}' is written {right}")
        for wrong, right in [
            ("Github", "GitHub"),
            ("Javascript", "JavaScript"),
            ("MongoDb", "MongoDB"),
            ("Mongodb", "MongoDB"),
            ("Postgres", "PostgreSQL"),
            ("NodeJS", "Node.js"),
            ("Node JS", "Node.js"),
            ("Nodejs", "Node.js"),
            ("SocketIO", "Socket.IO"),
            ("socket.io", "Socket.IO"),
            ("Flask-Socket.IO", "Flask-SocketIO"),
            ("Sqlite", "SQLite"),
            ("json", "JSON"),
            ("http", "HTTP"),
            ("color", "colour"),
            ("license", "licence"),
        ]
    ),
    (names, "docs/a.md", "See [the sqlite file](class.md).\n", "docs/a.md:1: 'sqlite' is written SQLite"),
    (reading, LESSON, f"# A\n\n## Lesson\n\n{ACADEMIC}", f"{LESSON}:5: a reading ease of"),
    (reading, LESSON, f"# A\n\n## Why it matters\n\n{ACADEMIC}", f"{LESSON}:5: a sentence of"),
    (reading, LESSON, f"# A\n\n## Lesson\n\n{PLAIN}\n- {PLAIN}{PLAIN}", f"{LESSON}:9: a paragraph of"),
    *(
        (figures, "docs/a.md", f"# A\n\nThere it is: {words}.\n", "docs/a.md:3: '")
        for words in [
            "a check answers in 41 ms",
            "it costs 300 milliseconds",
            "it took 3 seconds",
            "it takes half an hour or, on two cores, twenty\nminutes",
            "grading takes 3.5 s on two cores",
            "12 % of them",
            "a fifth, or 20 per cent",
            "1.4 times faster than pytest",
            "three hundred times as fast",
            "it has 75 exercises",
            "there are seventy-five exercises",
            "a hundred attacks",
            "exercises: 75",
            "190 checks",
            "147 known attacks",
            "546 wrong solutions",
            "3,002 mutants",
            "a class of 222 submissions a minute",
            "it needs 95 MB",
        ]
    ),
    (placeholders, "docs/a.md", "There are {{ Exercises }}.\n", "docs/a.md:1: {{ Exercises }} is no name of a figure"),
    (placeholders, "docs/a.md", "There are {{ path }}.\n", "docs/a.md:1: {{ path }} is no name of a figure"),
    (
        placeholders,
        "docs/a.md",
        "\n{{ course.dragons }} dragons.\n",
        "docs/a.md:2: docs/figures.json has no 'course.dragons'",
    ),
]


@pytest.mark.parametrize(
    ("rule", "name", "text", "says"), BAD, ids=[f"{rule.__name__}-{number}" for number, (rule, *_) in enumerate(BAD)]
)
def test_every_rule_finds_what_it_is_for(rule: Rule, name: str, text: str, says: str) -> None:
    """A page with one fault is complained about, at its line."""
    found = list(complaints(parse(REPOSITORY / name, text), rule))
    assert any(says in complaint for complaint in found), found


def test_no_rule_is_without_proof() -> None:
    """Each rule that a page is asked to obey is among those that are proved to find something."""
    asked = {headings, anchors, sections, links, pictures, fences, data, python, commands, names, reading}
    asked |= {figures, placeholders, machines}
    assert asked == {rule for rule, *_ in BAD}


SOUND = """\
---
title: anything, in GitHub's or github's way
---

# A page

Words about PostgreSQL, Flask-SocketIO and `postgres`; [its code](../CONTRIBUTING.md#adding-an-exercise "github"), and
<a href="class.md" title="github">a class</a>. See https://github.com/ada/json and the file sqlite.py. Wait
20 seconds; at least five wrong solutions, at most 512 MB, or 20 % at most. Chapter 3 of RFC 9110, in 2026, on port 8000.
A figure is `41 ms` or {{ course.exercises }} exercises. It is in `/tmp/x`, or wherever else. [Path](path.md), [one](roadmaps/1.md),
[mistakes](mistakes/notes-crud.md#anything) and ``[no](link.md)``.

![Bars of the figures](benchmarks.svg)

## Set up

### Commands

`grader check <id> --json`, `grader verify --repeat`, `grader start`, `make .venv/.ready-dev`, `make -j 2 lint`,
`grader lab <name>`, `grader new 02-rest/tags-api` and `grader verify tags-api`.

```console
$ grader class import ~/labs --kind nbgrader   # github
$ grader start notes-crud && grader check notes-crud -k 5 | less
$ GROUNDUP_COURSE=x grader class due --late 10 --grace 2 \\
>     --most 5
grader chekc is what this prints
```

1. A list:

   ```toml
   seconds = 20
   ```

```json
{"ok": true}
{"ok": false}
```

````python
# ```
return await f(...)
````

## The end

Done.
"""


@pytest.mark.parametrize("rule", [headings, anchors, sections, links, pictures, fences, data, python, commands])
def test_a_sound_page_is_left_alone(rule: Rule) -> None:
    """Nothing is wrong with a page that is as it should be."""
    assert list(complaints(parse(REPOSITORY / "docs" / "sample.md", SOUND), rule)) == []


@pytest.mark.parametrize("rule", [names, figures, placeholders, machines, reading])
def test_sound_words_are_left_alone(rule: Rule) -> None:
    """Nothing is wrong with names in code and targets, with limits, dates and figures by name."""
    assert list(complaints(parse(REPOSITORY / "docs" / "sample.md", SOUND), rule)) == []


def test_some_pages_may_say_what_others_may_not() -> None:
    """Decisions and written pages hold figures; hints repeat their rungs and have gaps; `docs/index.md` has its path."""
    measured = "It took 41 ms for 190 checks.\n"
    for name in ("docs/decisions/0099-x.md", "docs/benchmarks.md", "README.md", NOTES):
        assert list(complaints(parse(REPOSITORY / name, measured), figures)) == []
    rungs = "# Hints\n\n## Task 1\n\n### Idea\n\nx\n\n## Task 2\n\n### Idea\n\nx\n"
    assert list(complaints(parse(REPOSITORY / HINTS, rungs), anchors)) == []
    gaps = "```python\nfor ... in ...:\n    x = r....(key)\nif x ... y:\n    return {'a': 1, ...}...\n```\n"
    assert list(complaints(parse(REPOSITORY / HINTS, gaps), python)) == []
    assert list(complaints(parse(REPOSITORY / "docs" / "index.md", "{{ path }}\n"), placeholders)) == []


def test_reading_ease_tells_a_paper_from_a_lesson() -> None:
    """Flesch's index is far below the limit for academic prose, and above it for plain prose."""
    paper, lesson = (
        ease(paragraphs(parse(REPOSITORY / LESSON, f"# A\n\n## Lesson\n\n{text}"), *SECTIONS))
        for text in (ACADEMIC, PLAIN)
    )
    assert paper < 0 < EASE < lesson
    assert list(complaints(parse(REPOSITORY / LESSON, f"# A\n\n## Lesson\n\n{PLAIN}"), reading)) == []


def test_a_program_that_fails_or_prints_something_else_is_found(tmp_path: Path) -> None:
    """Only blocks that bind every name they use are run; one that fails and one that prints otherwise are told."""
    page = parse(
        REPOSITORY / "docs" / "a.md",
        "```python\nprint(2 + 2)\n```\n\n```text\n5\n```\n\n```python\nimport no_such_module\n```\n\n"
        "```python\napp.run()\n```\n\n```python\nimport socket\nsocket.create_connection(('192.0.2.1', 80))\n```\n\n"
        "```python\ndef f(x):\n    return [y for y in x]\n\n\nprint(f([4]))\n```\n\n```text\n[4]\n```\n",
    )
    found = failing(page, tmp_path)
    assert [complaint.split(": ")[0] for complaint in found] == ["docs/a.md:1", "docs/a.md:9", "docs/a.md:17"]
    assert "prints something else:\n4" in found[0]
    assert "no_such_module" in found[1]
    assert "stays on this machine" in found[2]
