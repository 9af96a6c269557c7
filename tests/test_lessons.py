"""Every lesson page, judged as a reader meets it: its programs run, its form is kept.

What is asked of every page, lesson or not, is in tests/test_pages.py: links, blocks, names, how easy it is to read.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

from grader.model import Service
from grader.services import ServiceMissing, Services
from tests.markdown import links, read

ROOT = Path(__file__).resolve().parents[1]
# The page of a lab is made from its notebook, which tests/test_labs_nbgrader.py runs.
PAGES = sorted(path for path in (ROOT / "curriculum").glob("*/*.md") if "\nkind: lab\n" not in path.read_text())

FIELDS = ["id", "stage", "kind", "level", "minutes", "needs", "topics"]
# Named where a page's programs speak to a server; each finds its address in the environment.
OPTIONAL = ["services"]
SECTIONS = [
    "Objectives",
    "Before you start",
    "Why it matters",
    "Lesson",
    "If you know Node.js",
    "Worked example",
    "Exercises",
    "Self-check",
    "Further reading",
]

_DETAILS = re.compile(r"<details[^>]*>\s*<summary>.+?</summary>(.+?)</details>", re.DOTALL)

# Run in front of each program: a lesson speaks to this machine only, and says so at once if it does not.
_LOOPBACK_ONLY = """
import runpy, sys

def refuse_the_network(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        if event.startswith("socket.get"):
            host = args[0]
        else:
            host = args[1][0] if isinstance(args[1], tuple) else None  # the path of a Unix socket
        if host not in (None, "127.0.0.1", "::1", "localhost"):
            raise PermissionError(f"a lesson's program stays on this machine: {event} {host!r}")

sys.addaudithook(refuse_the_network)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@dataclass(frozen=True)
class Program:
    """One python block, and what the page says it prints (None where the page shows nothing)."""

    path: Path
    line: int
    text: str
    shown: str | None


def read_front_matter(lines: tuple[str, ...]) -> dict[str, object]:
    """The fields; lists, numbers and quoted strings are read as JSON, which is YAML too."""
    fields: dict[str, object] = {}
    for line in lines:
        name, _, value = line.partition(":")
        value = value.strip()
        fields[name] = json.loads(value) if re.fullmatch(r'\[.*\]|".*"|\d+', value) else value
    return fields


def programs(path: Path) -> list[Program]:
    """Every python block of a page, with the text block that follows it with nothing in between."""
    lesson = read(path)
    found: list[Program] = []
    for fence, following in zip_longest(lesson.fences, lesson.fences[1:]):
        if fence.language != "python":
            continue
        shown = None
        if following and following.language == "text":
            between = lesson.prose[fence.line : following.line - 1]
            shown = following.text if not "".join(between).strip() else None
        found.append(Program(path, fence.line, fence.text, shown))
    return found


def run_alone(text: str, line: int, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a block of a page in a fresh interpreter, which stays on this machine."""
    source = folder / f"line_{line}.py"
    source.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-B", "-X", "utf8", "-c", _LOOPBACK_ONLY, str(source)],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def services(path: Path) -> list[Service]:
    """The servers that a page's programs speak to."""
    named = read_front_matter(read(path).front_matter).get("services", [])
    return [Service(name) for name in named] if isinstance(named, list) else []


def name_page(path: Path) -> str:
    """How a failing test points at a page."""
    return path.relative_to(ROOT).as_posix()


def name_program(program: Program) -> str:
    """How a failing test points at a python block."""
    return f"{name_page(program.path)}:{program.line}"


every_page = pytest.mark.parametrize("path", PAGES, ids=name_page)
every_program = pytest.mark.parametrize(
    "program", [each for path in PAGES for each in programs(path)], ids=name_program
)


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], dict[str, str]]]:
    """``served(page)``: what its programs find in their environment; the servers it names are empty and real.

    A page whose server this machine does not have is skipped, and says so.
    """
    asked = [item.callspec.params.get("program") for item in request.session.items if hasattr(item, "callspec")]
    names = {service for program in asked if program for service in services(program.path)}
    # Before the first test, which would otherwise be asked what it has left behind.
    running = {name: Services([name], tmp_path_factory.mktemp("services"), confined=False) for name in names}

    def served(path: Path) -> dict[str, str]:
        lines: dict[str, str] = {}
        for service in services(path):
            try:
                running[service].empty(anew=False)
                lines |= running[service].lines()
            except ServiceMissing as error:
                pytest.skip(f"{name_page(path)} needs {service}: {error}")
        return lines

    for each in running.values():
        each.wait()
    yield served
    for each in running.values():
        each.close()


def test_there_are_lessons() -> None:
    """The course has lesson pages, so that no test below passes for want of one."""
    assert PAGES


@every_program
def test_a_program_runs_by_itself_and_prints_what_the_page_shows(
    program: Program, served: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    """Each python block, alone in a fresh interpreter, ends well, complains of nothing and prints what is shown."""
    done = run_alone(program.text, program.line, tmp_path, served(program.path))
    assert (done.returncode, done.stderr) == (0, "")
    if program.shown is not None:
        assert done.stdout == program.shown


@every_page
def test_the_sections_are_the_agreed_ones(path: Path) -> None:
    """A page has one title and the agreed sections under it, in order."""
    headings = read(path).headings
    assert [heading.depth for heading in headings if heading.depth <= 2] == [1] + [2] * len(SECTIONS)
    assert [heading.title for heading in headings if heading.depth == 2] == SECTIONS


@every_page
def test_the_front_matter_says_what_the_page_is(path: Path) -> None:
    """The front matter has exactly the agreed fields, each of its kind, and names the folder the page lies in."""
    lines = read(path).front_matter
    fields = read_front_matter(lines)
    names = [line.partition(":")[0] for line in lines]
    assert names == FIELDS + [name for name in OPTIONAL if name in names]
    assert fields["stage"] == path.parent.name
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", str(fields["id"]))
    assert fields["kind"] in ("core", "stretch")
    assert fields["level"] in ("easy", "medium", "hard")
    assert isinstance(fields["minutes"], int)
    assert isinstance(fields["needs"], list)
    topics = fields["topics"]
    assert isinstance(topics, list)
    assert topics
    assert all(isinstance(topic, str) and re.fullmatch(r"\d\d\.\d\d", topic) for topic in topics)


def test_ids_are_unique_and_needs_exist() -> None:
    """No two lessons share an id, and a lesson needs only lessons that exist."""
    fields = [read_front_matter(read(path).front_matter) for path in PAGES]
    ids = [str(each.get("id")) for each in fields]
    assert len(set(ids)) == len(ids)
    needed = [need for each in fields if isinstance(each["needs"], list) for need in each["needs"]]
    assert [need for need in needed if need not in ids] == []


@every_page
def test_there_are_at_most_six_objectives(path: Path) -> None:
    """A page promises one to six things."""
    objectives = re.findall(r"^- ", read(path).section("Objectives"), re.MULTILINE)
    assert 1 <= len(objectives) <= 6


@every_page
def test_every_part_of_the_lesson_has_one_program(path: Path) -> None:
    """Each ### part of the lesson holds exactly one python block."""
    lesson = read(path)
    starts = [heading for heading in lesson.headings if heading.depth <= 3]
    python = [fence.line for fence in lesson.fences if fence.language == "python"]
    counts = {
        heading.title: sum(heading.line < line < (following.line if following else line + 1) for line in python)
        for heading, following in zip_longest(starts, starts[1:])
        if heading.depth == 3
    }
    assert counts
    assert [title for title, count in counts.items() if count != 1] == []


@every_page
def test_every_answer_leads_back(path: Path) -> None:
    """The self-check has five questions, each with a folded answer that links to the part that teaches it."""
    answers = _DETAILS.findall(read(path).section("Self-check"))
    assert len(answers) == 5
    assert [answer for answer in answers if not any(link.startswith("#") for link in links(answer))] == []


@every_page
def test_every_exercise_exists(path: Path) -> None:
    """Each exercise on the list has a folder in its stage, and the command beside it starts that very exercise."""
    items = re.split(r"^- ", read(path).section("Exercises"), flags=re.MULTILINE)[1:]
    assert items
    for item in items:
        named = re.match(r"`([a-z0-9-]+)`", item)
        assert named, f"expected an exercise's id in code at the start of '- {item.strip()}'"
        assert re.findall(r"`grader start ([a-z0-9-]+)`", item) == [named[1]]
        folders = [folder.parent.name for folder in (ROOT / "exercises").glob(f"*/{named[1]}")]
        assert folders == [path.parent.name], f"expected a folder exercises/{path.parent.name}/{named[1]}"
