"""The pages of a class: what is on them, that nobody's text does anything, and that they load nothing."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from grader.classroom import insight
from grader.classroom.advice import reteach
from grader.classroom.insight import Assignment
from grader.classroom.model import Mark, Student
from grader.classroom.pages import charts, feedback, report
from grader.classroom.pages.page import plain
from grader.classroom.similarity import Match, Pair, similar
from tests.conftest import REPOSITORY

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
NAMES = [
    "Ada Okafor",
    "Aino Virtanen",
    "Amir Haddad",
    "Ana Lúcia Ferreira",
    "Bao Tran",
    "Camille Dubois",
    "Chidi Eze",
    "Daniela Rossi",
    "Emre Yıldız",
    "Fatima Zahra",
    "Finn O'Brien",
    "Grace Kim",
    "Hannah Weiß",
    "Ibrahim Diallo",
    "Ingrid Solberg",
    "Jakub Nowak",
    "Jia Wei Lim",
    "José Álvarez",
    "Karim Benali",
    "Lena Hoffmann",
    "Mateo García",
    "Mei Tanaka",
    "Noor Rahman",
    "Olga Petrova",
    "Priya Nair",
    "Ravi Kumar",
    "Sofia Lindqvist",
    "Tomás Silva",
    "Uma Patel",
    "Wanjiru Mwangi",
    "Yusuf Demir",
]
# Of each check: id, sentence, task, what must pass first, how many pass it, what failing looks like, the known mistake.
CHECKS: dict[str, list[tuple[str, str, int, str, float, str, str]]] = {
    "notes-crud": [
        ("create-answers-201-and-location", "POST /notes answers 201, the note, and a Location", 1, "", 0.93, "expected 201, got 200", "returns the note and leaves the status at Flask's default. Clients that branch on 201 cannot tell a note that was made from one that was merely read."),
        ("location-leads-to-the-note", "The Location of a new note leads to that note", 2, "create-answers-201-and-location", 0.97, "expected 200, got 404", ""),
        ("list-holds-every-note-oldest-first", "GET /notes lists every note, oldest first", 2, "create-answers-201-and-location", 1.0, "", ""),
        ("put-replaces-the-whole-note", "PUT replaces the whole note", 3, "create-answers-201-and-location", 0.66, 'the content in the answer to PUT: expected "", got "Rye"', "treats PUT as PATCH and keeps every field that was not sent. A client that clears a field by leaving it out finds the old text back."),
        ("put-never-creates", "PUT of a note that is not there answers 404 and creates nothing", 3, "create-answers-201-and-location", 0.78, "expected 404, got 200", "assigns to the dictionary without asking whether the key is there. A client with a stale id brings a deleted note back to life."),
        ("delete-answers-204", "DELETE answers 204 with no body, and the note is gone", 4, "create-answers-201-and-location", 0.9, "expected 204, got 200", "returns an empty string from DELETE and leaves the status at Flask's default. A 200 promises something to read."),
        ("ids-are-never-reused", "An id is never given out again after a delete", 4, "delete-answers-204", 0.5, "expected an id not seen before, got 3", "counts the next id from the number of notes that are left. After a delete it is given out a second time, and an old link now leads to the wrong note."),
        ("errors-are-json", "Every error is a JSON object with an error in words", 5, "", 0.72, "expected a JSON body, got <!doctype html>\n<html lang=en>\n<title>404 Not Found</title>", "answers errors the framework's way. The client parses every answer as JSON and dies on the first HTML page."),
        ("eight-at-once-get-eight-ids", "Eight notes created at the same moment get eight ids", 6, "create-answers-201-and-location", 0.8, "expected 8 answers 201 with 8 different ids, got the ids [1, 1, 1, 2, 2, 3, 3, 3]", ""),
    ],
    "notes-validation-errors": [
        ("blank-titles-are-refused", "A title of spaces only is refused", 1, "", 0.9, "expected 422, got 201", ""),
        ("every-fault-is-named", "Every field that is wrong is named, not only the first", 2, "", 0.45, "expected faults at ['content', 'title'], got ['title']", ""),
        ("too-long-is-refused", "A title of 101 characters is refused, one of 100 is not", 2, "", 0.85, "a title of 100 characters: expected 201, got 422", "counts bytes and not characters. A title in Greek is refused at fifty letters."),
        ("unknown-fields-are-refused", "A field that the contract does not name is refused", 3, "", 0.7, "expected 422, got 201", ""),
        ("errors-keep-their-shape", "Every error has the same shape, also those of the framework", 4, "", 0.75, "expected a JSON body, got HTML", ""),
    ],
    "notes-persistence": [
        ("notes-survive-a-restart", "Notes are still there after a restart", 1, "", 0.52, "GET /notes after a restart: expected 3 notes, got []", "keeps the notes in a list beside the database. They are gone whenever the program is restarted."),
        ("two-instances-agree", "Two instances on one database show the same notes", 2, "notes-survive-a-restart", 0.8, "expected the note of the other instance, got 404", "reads every note into memory when it starts. What another instance stores later is never seen."),
        ("upgrade-keeps-every-note", "An upgrade keeps every note and its id", 3, "", 0.85, "expected 20 notes, got 0", ""),
        ("downgrade-works", "A downgrade takes back the newest revision", 4, "upgrade-keeps-every-note", 0.6, "flask db downgrade: expected exit code 0, got 1", ""),
        ("times-are-utc", "created_at is in UTC, whatever the machine's time zone", 5, "", 0.55, "expected 09:30, got 10:30", "stores the local time without its zone. The same moment reads differently on another machine."),
        ("no-connection-stays-open", "No transaction stays open when a request has ended", 6, "notes-survive-a-restart", 0.88, "expected at most 20 connections, got 43", ""),
    ],
    "notes-jwt-auth": [
        ("register-and-log-in", "An account can be made and used", 1, "", 0.93, "POST /login: expected 200, got 401", ""),
        ("notes-are-ones-own", "Nobody reads the notes of somebody else", 2, "register-and-log-in", 0.7, "expected 404, got 200", "looks a note up by its id alone. Whoever guesses a number reads it."),
        ("expired-tokens-are-refused", "A token that has expired answers 401", 3, "register-and-log-in", 0.82, "expected 401, got 200", ""),
        ("passwords-are-not-kept", "No password can be read from the database", 4, "", 0.95, "the password stands in table users", ""),
    ],
}  # fmt: skip
TITLES = {
    "notes-crud": "Notes API, step 1: CRUD in memory",
    "notes-validation-errors": "Notes API, step 2: refuse what is wrong, and say why",
    "notes-persistence": "Notes API, step 3: notes that survive",
    "notes-jwt-auth": "Notes API, step 4: accounts, and notes of one's own",
}
EXERCISES: list[Assignment] = [(name, TITLES[name], len(checks)) for name, checks in CHECKS.items()]


def a_check(name: str = "holds", outcome: str = "failed", **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "sentence": f"The {name}", "task": 1, "points": 1, "outcome": outcome, "message": "", "guess": "",
        "where": None, "blocked_by": [], "transcript": [], "log": [], "seconds": 0.1,
    } | changes  # fmt: skip


def a_mark(student: str, *checks: Mapping[str, Any], exercise: str = "notes", **changes: Any) -> Mark:
    earned = sum(check["points"] for check in checks if check["outcome"] == "passed")
    report = {"seconds": 0.2, "checks": list(checks)}
    mark = Mark(Student(student, student.title()), exercise, "graded", earned, earned, len(checks), report=report)
    return replace(mark, **changes)


def a_class(students: int = 31, copies: int = 1, seed: int = 7) -> tuple[list[Mark], list[Assignment]]:
    """A class with its ups and downs: the same for the same numbers. ``copies`` multiplies the exercises."""
    rng = random.Random(seed)
    exercises = [
        (f"{name}{f'-{n}' * (n > 0)}", title, points) for n in range(copies) for name, title, points in EXERCISES
    ]
    marks = []
    for number in range(students):
        name = NAMES[number % len(NAMES)] + f" {number // len(NAMES)}" * (number >= len(NAMES))
        student = Student(f"s{number:03}", name)
        able = rng.gauss(0, 0.18)
        for at, (exercise, _, _) in enumerate(exercises):
            chance = rng.random()
            if chance < 0.03 + 0.05 * (at % 4):
                marks.append(Mark(student, exercise, "missing", possible=len(CHECKS[exercise.rstrip("-0123456789")])))
                continue
            if chance > 0.98:
                state = rng.choice(["waiting", "refused", "broken"])
                when, note = NOW - timedelta(hours=3), "Procfile: it has no line web" if state == "refused" else ""
                marks.append(Mark(student, exercise, state, submitted=when, attempts=1, note=note))
                continue
            marks.append(_graded(student, exercise, able, rng))
    return marks, exercises


def _graded(student: Student, exercise: str, able: float, rng: random.Random) -> Mark:
    checks: list[dict[str, Any]] = []
    passed: set[str] = set()
    for key, sentence, task, ground, ease, message, mistake in CHECKS[exercise.rstrip("-0123456789")]:
        if ground and ground not in passed:
            checks.append(a_check(key, "blocked", sentence=sentence, task=task, blocked_by=[ground]))
        elif rng.random() < ease + (able if ease < 0.98 else 1):
            passed.add(key)
            checks.append(a_check(key, "passed", sentence=sentence, task=task))
        else:
            known = bool(mistake) and rng.random() < 0.85
            checks.append(
                a_check(
                    key, sentence=sentence, task=task, message=message, where="app.py:31",
                    guess=f"It looks like your program {mistake}" if known else "",
                    transcript=['POST /notes {"title": "Rye"} → 201 {"id": 3}', "DELETE /notes/3 → 204"],
                    log=["127.0.0.1 POST /notes 201"] if rng.random() < 0.5 else [],
                )
            )  # fmt: skip
    late = timedelta(hours=rng.randint(1, 50)) if rng.random() < 0.12 else timedelta(0)
    mark = replace(a_mark(student.id, *checks, exercise=exercise), student=student)
    points = round(mark.earned * (1 - 0.1 * -(-late.total_seconds() // 86400)), 2)
    submitted = NOW - timedelta(hours=9) - timedelta(hours=min(rng.expovariate(1 / 20), 160)) + late
    return replace(mark, points=points, submitted=submitted, late=late, attempts=rng.randint(1, 4))


def alike() -> tuple[dict[str, list[Pair]], dict[str, dict[str, dict[str, bytes]]]]:
    """Two who share most of a program, among others who do not."""
    solutions = REPOSITORY / "solutions" / "02-rest" / "notes-crud"
    one = next((solutions / "also" / "standard-library").glob("*.py")).read_bytes()
    other = one.replace(b"NOTES", b"STORE").replace(b"note", b"item").replace(b"# Headers", b"# All headers")
    files = {"s004": {"app.py": one}, "s011": {"app.py": other}}
    files["s020"] = {"app.py": (solutions / "reference" / "app.py").read_bytes()}
    return {"notes-crud": similar(files)}, {"notes-crud": files}


@pytest.fixture(scope="module")
def page() -> str:
    marks, exercises = a_class()
    pairs, sources = alike()
    return report(marks, exercises, title="Backend course, spring", when=NOW, pairs=pairs, sources=sources)


class Reader(HTMLParser):
    """What a browser would see: tags in balance, what they carry, and the text between them."""

    VOID = frozenset({"meta", "rect", "line", "br", "input", "link", "img"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.inside: dict[str, str] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        assert tag in self.VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (self.open, tag, self.getpos())
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.inside[self.open[-1] if self.open else ""] = data
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, attribute: str) -> list[str]:
        return [value for _, name, value in self.attributes if name == attribute]


@pytest.fixture(scope="module")
def pages(page: str) -> dict[str, str]:
    marks, exercises = a_class()
    mine = [mark for mark in marks if mark.student.id == "s008"]
    return {
        "report": page,
        "large": report(*a_class(120, 3), title="Spring", when=NOW),
        "empty": report([], [], title="Spring", when=NOW),
        "feedback": feedback(mine, exercises, title="Spring"),
        "nobody": feedback([], [], title="Spring"),
    }


@pytest.mark.parametrize("kind", ["report", "large", "empty", "feedback", "nobody"])
def test_a_page_is_whole_and_loads_nothing(pages: dict[str, str], kind: str) -> None:
    """Tags in balance, every id once, every link to one of them, and no address of anything outside."""
    page = pages[kind]
    read = Reader(page)
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in read.values("href")} <= set(ids)
    assert {word for value in read.values("aria-labelledby") for word in value.split()} <= set(ids)
    assert not {"src", "srcset", "action", "data", "poster", "style"} & {name for _, name, _ in read.attributes}
    assert not {"link", "iframe", "object", "img", "form", "base"} & set(read.tags)
    assert not re.search(r"url\(|@import|https?:|//\w+\.", page)
    assert page.startswith("<!DOCTYPE html>") and 'lang="en"' in page


def test_the_policy_lets_one_script_run_and_none_on_a_students_page(pages: dict[str, str]) -> None:
    """The hash is of what stands between the tags, to the byte."""
    instructors, students = Reader(pages["report"]), Reader(pages["feedback"])
    policy = next(value for value in instructors.values("content") if "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(instructors.inside["script"].encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert policy.endswith(f"script-src 'sha256-{digest}'") and instructors.tags["script"] == 1
    policy = next(value for value in students.values("content") if "default-src" in value)
    assert "script-src" not in policy and students.tags["script"] == 0


def test_the_same_class_gives_the_same_bytes() -> None:
    """Whatever order dictionaries and marks are in."""
    marks, exercises = a_class()
    once = report(marks, exercises, title="Spring", when=NOW)
    assert once == report(marks, exercises, title="Spring", when=NOW)
    assert feedback(marks[:4], exercises, title="Spring") == feedback(marks[3::-1], exercises, title="Spring")


def test_the_map_is_a_table_with_every_student_and_exercise(page: str) -> None:
    """Headers say what they head, each cell says its points or its state in words."""
    read = Reader(page)
    heads = [(tag, value) for tag, name, value in read.attributes if name == "scope"]
    assert {tag for tag, _ in heads} == {"th"} and len(heads) == read.tags["th"]
    assert Counter(value for _, value in heads)["row"] >= 31
    marks, _ = a_class()
    assert len(re.findall(r'<td class="(?:t\d|blank)">', page)) == 31 * 4
    assert len(re.findall(r'<i class="sr">missing</i>', page)) == sum(mark.state == "missing" for mark in marks)
    for name in NAMES:
        assert name in read.text
    assert "2 submissions refused or not finished" in read.text and "Procfile: it has no line web" in read.text


def test_charts_say_what_they_show(page: str) -> None:
    """Each has a title and a description, and the numbers stand beside it."""
    read = Reader(page)
    assert read.tags["svg"] == read.tags["desc"] > 20
    assert read.tags["svg"] + 1 == read.tags["title"]
    item = insight.items(*a_class())[0]
    assert f"{len(item.failed)} failed, {item.passed} passed" in read.text


def test_a_large_class_stays_small_and_usable() -> None:
    """400 students and 20 exercises: every cell, below 5 MB, short heads."""
    page = report(*a_class(400, 5), title="Spring", when=NOW)
    assert len(re.findall(r'<td class="(?:t\d|blank)">', page)) == 8_000
    assert len(page.encode()) < 5_000_000
    assert 'class="map wide"' in page and 'class="scroll tall"' in page


EVIL = [
    "<script>alert(1)</script>",
    "</style></title></script><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)",
    "=cmd|' /C calc'!A0",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b[2J\x9b31m",
    "admin\u202egnp.exe\u2066\u200f",
    "a\x00b\x08c\rd\u2028e",
    "half \ud800 a character",
    "<!--",
    "]]><svg onload=alert(1)>",
    "A" * 10_000_000,
    "\u202e" * 1_000_000,
    "<" * 1_000_000,
]


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_text_of_people_is_text(evil: str) -> None:
    """Wherever it stands, it is shown, in part at least, and does nothing; both pages stay small."""
    check = a_check(
        evil, sentence=evil, message=evil, guess=evil, where=evil, transcript=[evil] * 20, log=[evil] * 20,
        blocked_by=[evil],
    )  # fmt: skip
    mark = Mark(
        Student(evil, evil, evil), "notes", "graded", 1, 0.5, 2, late=timedelta(hours=3), attempts=2, overridden=True,
        comment=evil, note=evil, submitted=NOW, report={"checks": [check, check | {"id": "x", "outcome": "blocked"}]},
    )  # fmt: skip
    others = [replace(mark, student=Student(f"{n}", evil)) for n in range(12)]
    code = evil.encode("utf-8", "surrogatepass")[:100_000] + b"\nx = 1"
    files = {student: {f"{evil[:300]}.py": code} for student in ("0", "1")}
    name = f"{evil[:300]}.py"
    pairs = {
        "notes": [
            Pair("0", "1", 1.0, 9, (Match(name, (1, 2), name, (1, 2)),)),
            Pair("0", evil, 0.5, 8),
            Pair("1", f"{evil}!", 1.0, 8),
        ]
    }
    exercises = [("notes", evil, 2), (evil[:200], evil, 1)]
    found = {
        "report": report(
            [mark, *others], exercises, title=evil, when=NOW,
            pairs=pairs, sources={"notes": files},
        ),
        "feedback": feedback([mark], exercises, title=evil),
    }  # fmt: skip
    for kind, page in found.items():
        read = Reader(page)
        assert read.tags["script"] == (kind == "report")
        assert not [name for _, name, _ in read.attributes if name.startswith("on")]
        assert len(page.encode()) < 1_000_000
        shown = "".join(read.texts)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]", page)
        assert plain(evil, 40)[:39] in shown


def test_pairs_are_told_with_their_code_and_without_judgement(page: str) -> None:
    """Both sides of what is alike, the twenty highest of many, and no word of guilt."""
    text = Reader(page).text
    assert "app.py, lines" in text and "STORE = {}" in text and "NOTES = {}" in text
    assert not re.search(r"cheat|plagiar|guilt|suspicious|fraud", page, re.IGNORECASE)
    marks, exercises = a_class()
    many = {"notes-crud": [Pair("s001", f"s0{n}", n / 100, n) for n in range(10, 40)]}
    page = report(marks, exercises, title="x", when=NOW, pairs=many)
    assert (
        page.count('class="pair"') == 20
        and "10 pairs more, no more alike" in page
        and "39 %" in page
        and "19 %" not in page
    )
    copies = {"notes-crud": [Pair(f"s00{one}", f"s00{other}", 1.0, 9) for other in range(5) for one in range(other)]}
    page = report(marks, exercises, title="x", when=NOW, pairs=copies)
    assert page.count('class="pair"') == 1 and "and 3 others" in page


def test_what_cannot_be_seen_is_made_visible() -> None:
    """Colours go; controls and turned writing become signs; languages, tabs and lines stay."""
    assert plain("\x1b[1;31mred\x1b[0m") == "red"
    assert plain("a\x00b\x1bc") == "a␀b␛c"
    assert plain("a\u202eb") == "a⟨U+202E⟩b"
    assert plain("\ud800") == "\ufffd"
    assert plain("línea\r\n\ttab 日本 שלום") == "línea\n\ttab 日本 שלום"
    assert plain("abc", 3) == "abc" and plain("abcd", 3) == "ab…"


@pytest.mark.parametrize("broken", [
    {}, {"checks": None}, {"checks": {"a": 1}}, {"checks": [None, 3, "x", {}, {"id": 4}, {"id": "a"}]},
    {"checks": [{"id": "a", "points": "many", "outcome": ["failed"], "log": "text", "blocked_by": [1, {}]}]},
])  # fmt: skip
def test_a_report_that_is_none_is_nothing(broken: dict[str, object]) -> None:
    """Data of another shape is as if it were absent."""
    mark = Mark(Student("a"), "notes", "graded", 1, 1, 2, report=broken)
    assert "notes" in report([mark], [("notes", "Notes", 2)], title="x", when=NOW)
    assert "notes" in feedback([mark], [("notes", "Notes", 2)], title="x")


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_can_be_read(page: str, number: int) -> None:
    """4.5 to 1 for whatever stands on whatever; 3 to 1 for the bars."""
    sets = [dict(re.findall(r"--(\w[\w-]*): (#\w{6})", block)) for block in re.findall(r":root \{[^}]*#[^}]*\}", page)]
    colours = sets[number]
    pairs = [(text, on) for text in ("ink", "faint", "accent") for on in ("paper", "blank")]
    pairs += [("ink", tint) for tint in ("t1", "t2", "t3")] + [("on-accent", "accent")]
    for text, on in pairs:
        assert _contrast(colours[text], colours[on]) >= 4.5, (text, on)


def test_a_student_reads_only_of_themselves() -> None:
    """No other name or id is on the page, and marks of two are refused."""
    marks, exercises = a_class()
    mine = [mark for mark in marks if mark.student.id == "s008"]
    page = feedback(mine, exercises, title="Spring")
    assert NAMES[8] in page
    assert not [name for name in NAMES if name != NAMES[8] and name in page]
    assert not re.findall(r"\bs0(?!08)\d\d\b", page)
    with pytest.raises(ValueError, match="one student"):
        feedback(marks, exercises, title="Spring")


def test_feedback_says_how_the_points_came_to_be() -> None:
    """Lateness and decisions are told with their numbers; every check and what to do next."""
    checks = [
        a_check("a", "passed"), a_check("b", message="expected 1, got 2", task=3), a_check("c", "blocked", blocked_by=["b"]),
    ]  # fmt: skip
    late = a_mark("mika", *checks, late=timedelta(days=1, hours=2), points=0.8, comment="Well\nbegun.")
    exercises = [("notes", "Notes", 3), ("more", "More notes", 2)]
    text = Reader(feedback([late], exercises, title="Spring")).text
    for words in (
        "0.8 of 5 points", "The checks gave 1 point. It came 1 day 2 hours late, which costs 0.2: 0.8 count.",
        "The a holds", "The b does not hold yet expected 1, got 2", "The c waits for “The b”", "Well begun.",
        "begin with task 3", "grader hint notes 3", "Nothing was handed in.",
    ):  # fmt: skip
        assert words in text
    free = Reader(feedback([replace(late, points=1)], exercises, title="Spring")).text
    assert "late, which costs nothing" in free
    decided = Reader(feedback([replace(late, points=2.5, overridden=True)], exercises, title="Spring")).text
    assert "Your instructor decided on 2.5 points; the checks alone gave 1." in decided


def test_every_outcome_and_state_has_words() -> None:
    """Nobody reads the name of a constant."""
    outcomes = [
        "passed",
        "failed",
        "blocked",
        "crashed",
        "timed_out",
        "out_of_memory",
        "forbidden",
        "broken",
        "not_run",
    ]
    for outcome in outcomes:
        page = feedback([a_mark("mika", a_check("a", outcome))], [("notes", "Notes", 1)], title="x")
        assert "_" not in Reader(page).text and "?" not in Reader(page).text
    for state in ("missing", "waiting", "refused", "broken"):
        mark = replace(a_mark("mika"), state=state, note="Procfile: no line web")
        text = Reader(feedback([mark], [("notes", "Notes", 1)], title="x")).text
        assert "Procfile: no line web" in text and "What to do next Notes : " in text


def test_checks_are_counted_among_those_who_reached_them() -> None:
    """Blocked ones stand apart, whatever was not judged nowhere, and the worst come first."""
    rows = ["passed", "failed", "crashed", "timed_out", "blocked", "blocked", "broken", "not_run"]
    marks = [a_mark(f"s{n}", a_check("easy", "passed"), a_check("hard", row)) for n, row in enumerate(rows)]
    hard, easy = insight.items(marks, [("notes", "Notes", 2)])
    assert (hard.check, hard.passed, len(hard.failed), hard.blocked, hard.reached) == ("hard", 1, 3, 2, 4)
    assert hard.ease == 0.25 and easy.ease == 1.0
    assert (hard.doubt, easy.doubt) == ("", "")  # eight students are too few to judge a check by


def _ranked(outcomes: Sequence[str], rests: Sequence[int], blocked_by: Sequence[str] = ()) -> insight.Item:
    marks = []
    for number, (outcome, rest) in enumerate(zip(outcomes, rests, strict=True)):
        others = [a_check(f"o{n}", "passed" if n < rest else "failed", blocked_by=list(blocked_by)) for n in range(9)]
        marks.append(a_mark(f"s{number}", a_check("it", outcome), *others))
    return next(item for item in insight.items(marks, [("notes", "Notes", 10)]) if item.check == "it")


def test_a_check_that_tells_students_badly_apart_is_named() -> None:
    """From ten who reached it on: everybody, nobody, or no more of the strong than of the weak."""
    rests = list(range(10))
    good = _ranked(["failed"] * 5 + ["passed"] * 5, rests)
    assert good.doubt == "" and good.discrimination == pytest.approx(0.8704, abs=1e-4)
    bad = _ranked(["passed"] * 5 + ["failed"] * 5, rests)
    assert bad.doubt == "weak" and bad.discrimination == pytest.approx(-0.8704, abs=1e-4)
    assert _ranked(["passed"] * 10, rests).doubt == "everybody"
    assert _ranked(["failed"] * 10, rests).doubt == "nobody"
    assert _ranked(["passed"] * 9, rests[:9]).doubt == ""
    # What waits for a check is lost with it: that is no sign that the check is good.
    assert _ranked(["failed"] * 5 + ["passed"] * 5, rests, blocked_by=["it"]).discrimination is None


def test_a_mistake_is_told_with_who_shares_it() -> None:
    """By exercise, check and words; the claim is its first sentence, of the program."""
    guess = "It looks like your program keeps notes in a list, e.g. a global one. They are lost."
    marks = [a_mark(f"s{n}", a_check("a", guess=guess if n < 3 else "")) for n in range(5)]
    (one,) = insight.misconceptions(marks, [("notes", "Notes", 1)])
    assert [student.id for student in one.students] == ["s0", "s1", "s2"]
    assert one.claim == "The program keeps notes in a list, e.g. a global one."


def test_standings_count_everybody_once() -> None:
    """A student without a mark is missing; delays and attempts are there where they are known."""
    marks = [
        a_mark("a", a_check(outcome="passed"), attempts=3), a_mark("b", a_check(), late=timedelta(hours=2)),
        replace(a_mark("c"), state="waiting"), replace(a_mark("d"), state="refused"),
        replace(a_mark("e"), state="broken"), a_mark("f", exercise="other"),
    ]  # fmt: skip
    one = insight.standings(marks, [("notes", "Notes", 1)])[0]
    assert (one.graded, one.passed, one.missing, one.waiting, one.refused, one.broken) == (2, 1, 1, 1, 1, 1)
    assert (one.points, one.attempts, one.late) == ((0, 1), (3,), (timedelta(hours=2),))


def test_reteach_tells_three_to_five_things_the_heaviest_first() -> None:
    """A class's worst failures, known mistakes in words, no failure twice, and no wall of text."""
    marks, exercises = a_class()
    advice = reteach(marks, exercises)
    assert 3 <= len(advice) <= 5
    assert [one.count for one in advice] == sorted((one.count for one in advice), reverse=True)
    worst = insight.items(marks, exercises)[0]
    assert (advice[0].exercise, advice[0].check) == (worst.exercise, worst.check)
    assert any(one.what.startswith("The program keeps the notes in a list") for one in advice)
    assert len({(one.exercise, one.check) for one in advice}) == len(advice)
    assert len({one.exercise for one in advice}) >= 3
    assert all(str(one).startswith(f"{one.count} of {one.of}: ") and len(str(one)) < 400 for one in advice)


def test_reteach_tells_one_cause_once_and_what_is_fine_in_the_end() -> None:
    """Two symptoms of the same students are one thing; what nearly all can needs no repeating."""
    twice = [
        a_mark(f"s{n}", a_check("a", "failed" if n < 6 else "passed"), a_check("b", "failed" if n < 6 else "passed"))
        for n in range(12)
    ]
    fine = [a_mark(f"s{n}", a_check("c", "passed"), exercise="fine") for n in range(12)]
    advice = reteach([*twice, *fine], [("notes", "Notes", 2), ("fine", "Fine", 1)])
    assert [(one.count, one.exercise, one.check) for one in advice] == [(6, "notes", "a"), (12, "fine", "")]
    broken = replace(fine[0], student=Student("x"), state="broken")
    first = reteach([*twice, *fine, broken], [("notes", "Notes", 2), ("fine", "Fine", 1)])[0]
    assert first.count == 1 and "judge" in first.what
    assert reteach([], []) == []


def test_columns_cover_any_length_of_time() -> None:
    """An hour, a year, none; many submissions or one; with and without a zone."""
    assert charts.columns({}, "x") == ("", "")
    for hours in (1, 30, 24 * 400, 24 * 3_650):
        chart, words = charts.columns({NOW + timedelta(hours=n): 1 for n in range(0, hours, max(hours // 300, 1))}, "x")
        assert 1 <= chart.count("<rect") <= 202 and "2026-03-09" in words
    chart, words = charts.columns({NOW.replace(tzinfo=None): 2, NOW + timedelta(hours=1): 5}, "x")
    assert "5 within an hour from 2026-03-09 09:00" in words


def test_the_map_sorts_and_filters_where_scripts_run(page: str, tmp_path: Any) -> None:
    """In a real browser, under the page's own policy; and the page is no wider than a phone."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    playwright = pytest.importorskip("playwright.sync_api")
    if not chromium:
        pytest.skip("no Chromium on this machine")
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    # A short place for its socket: the name of one may have a hundred characters.
    with tempfile.TemporaryDirectory(dir="/tmp") as short, playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"], env=os.environ | {"TMPDIR": short}
        )
        try:
            view = browser.new_page(viewport={"width": 390, "height": 800})
            said: list[str] = []
            view.on("console", lambda message: said.append(message.text))
            view.on("pageerror", lambda error: said.append(str(error)))
            view.goto((tmp_path / "report.html").as_uri())
            assert view.evaluate("document.documentElement.scrollWidth") <= 390
            view.locator("table.map thead th button").nth(1).click()
            sums = [float(text) for text in view.locator("table.map td.sum").all_inner_texts()]
            assert sums == sorted(sums) and len(sums) == 31
            assert view.locator("table.map thead th").nth(1).get_attribute("aria-sort") == "ascending"
            view.locator("input[type=search]").fill("okafor")
            assert view.locator("table.map tbody tr:visible").count() == 1
            assert said == []
        finally:
            browser.close()
