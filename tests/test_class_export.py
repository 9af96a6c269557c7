"""Marks for other programs: every format read back, hostile words in them, and other systems' files filled in."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from grader.classroom.exporters import FORMATS, Exported, export
from grader.classroom.exporters.text import cell, clean, kept, number, plain, safe_names
from grader.classroom.model import Mark, Student
from grader.errors import GraderError, UsageError

NOTES, AUTH = ("notes", "A notes API", 10), ("auth", "Logging in", 5)
EXERCISES = (NOTES, AUTH)

ANN = Student("ann", "Ann Archer", "ann@example.edu", {"canvas": "1001", "moodle": "51001"})
BOB = Student("bob", "Bob Baker", "bob@example.edu", {"canvas": "1002", "moodle": "Participant 51002"})
CEM = Student("cem", "Cem Çelik", "cem@example.edu")


def check(id_: str, outcome: str, points: int = 2, **more: Any) -> dict[str, Any]:
    return {"id": id_, "sentence": f"The {id_} holds", "task": 1, "points": points, "outcome": outcome, "message": "",
            "guess": "", "where": None, "blocked_by": [], "transcript": [], "log": [], "seconds": random.random(), **more}  # fmt: skip


REPORT = {
    "checks": [
        check("first", "passed", 4),
        check("second", "failed", message="expected 201, got \x1b[31m<b>200</b>", where="app.py:3", task=2),
        check("third", "blocked", blocked_by=["second"]),
        check("fourth", "crashed"),
    ]
}
MARKS = (
    Mark(ANN, "notes", "graded", 4, 4.0, 10, attempts=2, submitted=datetime(2026, 3, 1, 12, tzinfo=UTC), report=REPORT),
    Mark(ANN, "auth", "graded", 5, 4.125, 5, late=timedelta(hours=25, minutes=30), attempts=1, report=REPORT),
    Mark(BOB, "notes", "graded", 4, 9.5, 10, overridden=True, comment="Spoke with me\nabout <it>", report=REPORT),
    Mark(BOB, "auth", "missing", possible=5),
    Mark(CEM, "notes", "broken", 2, 2.0, 10, note="the judge stopped", report={"checks": [check("first", "broken")]}),
    Mark(CEM, "auth", "refused", possible=5, note="no app.py"),
)


def written(
    kind: str,
    folder: Path,
    marks: Sequence[Mark] = MARKS,
    *,
    exercises: Sequence[tuple[str, str, int]] = EXERCISES,
    **more: Any,
) -> tuple[list[str], list[str]]:
    """The texts of the files, and the warnings as lines; the target is new each time."""
    target = folder / (f"out-{kind}" if FORMATS[kind].folder else f"out-{kind}.txt")
    done = export(marks, kind, target, exercises=exercises, **more)
    return [path.read_bytes().decode() for path in done.paths], [f"{w.where}: {w.what}" for w in done.warnings]


def slower(mark: Mark, seconds: int) -> Mark:
    """The same mark, whose checks took another time."""
    checks = mark.report.get("checks")
    assert checks is None or isinstance(checks, list)
    return replace(mark, report={"checks": [check | {"seconds": seconds} for check in checks]} if checks else {})


def table(text: str, delimiter: str = ",") -> list[list[str]]:
    assert "\r" not in text and text.endswith("\n")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter))


def test_a_spreadsheet_has_a_row_for_each_student(tmp_path: Path) -> None:
    """Lateness and an instructor's word count; what is missing or broken is an empty cell, not 0."""
    (text,), warnings = written("csv", tmp_path)
    assert text.startswith("\ufeff")  # without it, Excel would spoil Çelik
    assert table(text.removeprefix("\ufeff")) == [
        ["id", "name", "email", "notes", "auth", "total", "possible", "percent"],
        ["ann", "Ann Archer", "ann@example.edu", "4", "4.13", "8.13", "15", "54.2"],
        ["bob", "Bob Baker", "bob@example.edu", "9.5", "", "9.5", "15", "63.33"],
        ["cem", "Cem Çelik", "cem@example.edu", "", "0", "0", "15", "0"],
    ]
    assert [w for w in warnings if "could not be judged and left without points: cem" in w] == warnings


def test_the_long_form_says_everything(tmp_path: Path) -> None:
    """State, hours, moment in UTC and words, one row for each student and exercise."""
    (text,), _ = written("csv-long", tmp_path)
    assert not text.startswith("\ufeff")
    rows = [dict(zip(table(text)[0], row, strict=True)) for row in table(text)[1:]]
    assert [(r["id"], r["exercise"], r["state"], r["points"], r["possible"]) for r in rows] == [
        ("ann", "notes", "graded", "4", "10"), ("ann", "auth", "graded", "4.13", "5"), ("bob", "notes", "graded", "9.5", "10"),
        ("bob", "auth", "missing", "", "5"), ("cem", "notes", "broken", "", "10"), ("cem", "auth", "refused", "0", "5"),
    ]  # fmt: skip
    assert rows[0]["submitted"] == "2026-03-01T12:00:00Z" and rows[1]["late_hours"] == "25.5"
    assert rows[2]["overridden"] == "true" and rows[2]["comment"] == "Spoke with me about <it>"
    assert rows[4]["note"] == "the judge stopped"


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=2)), None])
def test_a_moment_is_utc_in_any_zone(tmp_path: Path, zone: timezone | None) -> None:
    """One without a zone is UTC already, whatever the clock of this machine says."""
    mark = replace(MARKS[0], submitted=datetime(2026, 3, 1, 14 if zone else 12, tzinfo=zone))
    (text,), _ = written("jsonl", tmp_path, [mark])
    assert json.loads(text.splitlines()[0])["submitted"] == "2026-03-01T12:00:00Z"


def test_json_lines_are_sorted_and_short(tmp_path: Path) -> None:
    """Checks are id, outcome and points: neither messages nor times."""
    (text,), _ = written("jsonl", tmp_path)
    objects = [json.loads(line) for line in text.splitlines()]
    assert [(o["student"], o["exercise"], o["points"]) for o in objects] == [
        ("ann", "notes", 4), ("ann", "auth", 4.13), ("bob", "notes", 9.5),
        ("bob", "auth", None), ("cem", "notes", None), ("cem", "auth", 0),
    ]  # fmt: skip
    assert objects[0]["checks"][1] == {"id": "second", "outcome": "failed", "points": 2}
    assert all(list(o) == sorted(o) for o in objects)
    assert "seconds" not in text and "expected" not in text and text.isascii()


def test_gradescope_gets_what_its_autograders_leave(tmp_path: Path) -> None:
    """The score counts lateness and the override; who could not be judged has none, for a 0 would be a verdict."""
    target = tmp_path / "out"
    done = export(MARKS, "gradescope", target, exercises=EXERCISES)
    assert [str(p.relative_to(target)) for p in done.paths[:2]] == ["notes/ann/results.json", "notes/bob/results.json"]
    assert len(done.paths) == 6
    ann, bob, cem = (json.loads((target / "notes" / who / "results.json").read_text()) for who in ("ann", "bob", "cem"))
    assert ann["score"] == 4 and bob["score"] == 9.5 and "score" not in cem and cem["tests"] == []
    assert json.loads((target / "auth/bob/results.json").read_text())["score"] == 0
    assert ann["output"] == "1 of 4 checks passed: 4 of 10 points."
    assert "An instructor decided: 9.5 points." in bob["output"] and "the judge stopped" in cem["output"]
    assert "25.5 hours late" in (target / "auth/ann/results.json").read_text()
    assert [test["number"] for test in ann["tests"]] == ["1.1", "2.1", "1.2", "1.3"]
    assert ann["tests"][1] == {
        "name": "The second holds", "number": "2.1", "score": 0, "max_score": 2, "status": "failed",
        "output": "expected 201, got <b>200</b>\nat app.py:3", "visibility": "visible",
    }  # fmt: skip
    assert ann["tests"][2]["output"] == "blocked\nwaits for second" and ann["tests"][3]["output"] == "crashed"
    assert "execution_time" not in ann


def test_junit_tells_failures_errors_and_skips_apart(tmp_path: Path) -> None:
    """And counts them; a suite without checks says why it has none."""
    texts, _ = written("junit", tmp_path)
    root = ET.fromstring(texts[0])
    assert root.tag == "testsuites" and [suite.get("name") for suite in root] == ["ann", "bob", "cem"]
    assert dict(root[0].attrib) == {"name": "ann", "tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert dict(root.attrib) == {"name": "notes", "tests": "10", "failures": "2", "errors": "4", "skipped": "2"}
    kinds = [[child.tag for child in case] for case in root[0].iter("testcase")]
    assert kinds == [[], ["failure"], ["skipped"], ["error"]]
    failure = root[0].find("testcase/failure")
    assert failure is not None and failure.get("message") == "The second holds expected 201, got <b>200</b> at app.py:3"
    assert failure.text == "The second holds\nexpected 201, got <b>200</b>\nat app.py:3"
    auth = ET.fromstring(texts[1])
    assert [[c.tag for c in suite.findall("testcase/*")] for suite in auth[1:]] == [["skipped"], ["failure"]]
    assert "time" not in texts[0]


def test_shuffled_marks_give_the_same_bytes(tmp_path: Path) -> None:
    """Of every format, whatever order marks come in and however long checks took."""
    for kind in FORMATS:
        first, _ = written(kind, tmp_path / "a")
        for seed in range(3):
            marks = [slower(mark, seed) for mark in MARKS]
            random.Random(seed).shuffle(marks)
            assert written(kind, tmp_path / str(seed), marks)[0] == first


def test_a_student_without_a_mark_has_nothing_and_a_strange_mark_is_said(tmp_path: Path) -> None:
    """Both happen when an exercise is added or taken away in the middle of a course."""
    (text,), warnings = written("csv", tmp_path, [*MARKS[:1], Mark(ANN, "old", "graded", 1, 1.0, 1)])
    assert table(text)[1][3:] == ["4", "", "4", "15", "26.66"]
    assert warnings[0].endswith("marks for old are left out: no such exercise")
    with pytest.raises(GraderError, match="two marks of ann"):
        written("csv", tmp_path, [*MARKS, MARKS[0]])


HOSTILE = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201",
    "<script>alert(1)</script>", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07x", "a\nb", "a\r\nb", "a\u2028b", "a\x00b\x9b31m",
    "\u202e\u2066gpj.exe", '","', "a;=cmd|' /C calc'!A0", "\ud800", "\ufffe\uffff", "'", "]]>", "../../etc/passwd", "x" * 10_000_000,
    "\x1b" * 2_000_000, "=" * 5000,
)  # fmt: skip
BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("kind", [*FORMATS])
def test_nothing_a_person_typed_is_obeyed(tmp_path: Path, kind: str) -> None:
    """No formula, no escape sequence, no reversed text, no cell of ten megabytes, and every file can be read back."""
    marks = [
        Mark(Student(f"{bad[:300]}", bad, bad, {"canvas": bad[:300]}), "notes", "graded", 1, 1.0, 10, comment=bad, note=bad,
             report={"checks": [check(bad, "failed", message=bad, guess=bad, where=bad, sentence=bad, blocked_by=[bad])]})
        for bad in HOSTILE
    ]  # fmt: skip
    target = tmp_path / "deep" / "out"
    done = export(marks, kind, target, exercises=EXERCISES)
    for path in done.paths:
        assert path.resolve().is_relative_to((tmp_path / "deep").resolve())
        text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
        assert not BAD.search(text) and len(text) < 700_000
        if kind in {"csv", "csv-long", "canvas", "moodle"}:
            rows = table(text)
            assert {len(row) for row in rows} == {len(rows[0])}
            for value in (value for row in rows for value in row):
                assert len(value) <= 1400 and not re.match(r"[=+@\t\r\uff1d\uff0b\uff0d\uff20]|-.", value), value
                assert not re.search(";[=+@-]", value)
        elif kind == "junit":
            ET.fromstring(text)
        else:
            for line in text.splitlines() if kind == "jsonl" else [text]:
                json.loads(line)
    assert not any(BAD.search(f"{w.where}{w.what}") for w in done.warnings)


def test_cells_and_numbers() -> None:
    """What is defused, what stays a number, and where a cell ends."""
    assert cell("=1") == "'=1" and cell("O'Neil - Ltd") == "O'Neil - Ltd" and cell("a;=1") == "a;'=1"
    assert cell("y" * 1001) == "y" * 999 + "…" and len(cell("=" * 5000)) == 1000 and cell("y" * 1000) == "y" * 1000
    assert clean("\x1b[31mred\x1b[0m\n two", lines=True) == "red\n two"
    assert [kept(text) for text in ("-", "-2.5", "+49", "=x", "\r\nx", "y" * 2000)] == [
        "-", "-2.5", "+49", "'=x", "'\nx", "y" * 2000,
    ]  # fmt: skip
    assert [number(n) for n in (7, 7.0, 6.5, 6.129, 100, -1.5, -0.001, float("nan"))] == [
        "7", "7", "6.5", "6.13", "100", "-1.5", "0", "",
    ]  # fmt: skip
    assert plain(7.0) == 7 and isinstance(plain(7.0), int) and plain(6.126) == 6.13


def test_names_of_files_are_safe_and_never_alike() -> None:
    """Whatever the ids are, and the same whoever else is in the class."""
    ids = [
        "ann",
        "Ann",
        "a/b",
        "a\\b",
        "..",
        ".git",
        "con",
        "NUL.txt",
        "",
        "x" * 300,
        "é",
        "-rf",
        "a b.",
        "\ud800",
        "a~",
    ]
    ids.append(safe_names(["a/b"])["a/b"])  # somebody who is called like another's folder
    names = safe_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,110}", name) and not name.endswith(".")
        assert not re.fullmatch(r"(?i)(con|nul)(\..*)?", name)
    assert names["Ann"] == "Ann" and names["ann"].startswith("ann-")
    assert safe_names(["é"])["é"] == names["é"]


def test_a_file_that_changes_leaves_the_old_one_beside_it(tmp_path: Path) -> None:
    """One that does not is not touched, and a write that fails leaves nothing behind."""
    folder = tmp_path / "own"
    target = folder / "marks.csv"
    export(MARKS, "csv", target, exercises=EXERCISES)
    first = target.read_bytes()
    before = target.stat().st_mtime_ns, target.stat().st_ino
    assert target.stat().st_mode & 0o077 == 0
    target.chmod(0o640)
    export(MARKS, "csv", target, exercises=EXERCISES)
    assert (target.stat().st_mtime_ns, target.stat().st_ino) == before and len(list(folder.iterdir())) == 1
    export(MARKS[:2], "csv", target, exercises=EXERCISES)
    assert (folder / "marks.csv~").read_bytes() == first != target.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o640
    (folder / "other").mkdir()
    assert export(MARKS, "csv", folder / "other", exercises=EXERCISES).paths == (folder / "other/marks.csv",)
    (folder / "marks.csv~").unlink()
    (folder / "marks.csv~").mkdir()
    with pytest.raises(UsageError, match="could not be written"):
        export(MARKS, "csv", target, exercises=EXERCISES)
    assert sorted(p.name for p in folder.iterdir()) == ["marks.csv", "marks.csv~", "other"]


def test_a_write_that_is_interrupted_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-written is ever under the name."""
    target = tmp_path / "own" / "marks.csv"
    target.parent.mkdir()
    target.write_text("old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UsageError, match="No space left"):
        export(MARKS, "csv", target, exercises=EXERCISES)
    assert [p.name for p in target.parent.iterdir()] == ["marks.csv"] and target.read_text() == "old"


def test_wrong_commands_say_what_is_right(tmp_path: Path) -> None:
    """An unknown format, a template for one that has none, and a file where a folder is needed."""
    with pytest.raises(UsageError) as unknown:
        export(MARKS, "excel", tmp_path / "x", exercises=EXERCISES)
    assert "csv, csv-long, canvas" in str(unknown.value)
    with pytest.raises(UsageError, match="no template"):
        export(MARKS, "junit", tmp_path / "x", template=tmp_path, exercises=EXERCISES)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="no folder"):
        export(MARKS, "junit", tmp_path / "file", exercises=EXERCISES)
    assert all(exporter.about for exporter in FORMATS.values())


def test_canvas_without_its_export(tmp_path: Path) -> None:
    """The header and the row of possible points are Canvas' own; a title that looks numbered is not left so."""
    (text,), warnings = written("canvas", tmp_path, exercises=(NOTES, ("auth", "Errors (404)", 5)))
    assert table(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "A notes API", "Errors (404) · auth"],
        ["    Points Possible", "", "", "", "", "10", "5"],
        ["Ann Archer", "1001", "", "ann", "", "4", "4.13"],
        ["Bob Baker", "1002", "", "bob", "", "9.5", ""],
        ["Cem Çelik", "", "", "cem", "", "", "0"],
    ]
    assert any("students without a Canvas number: 1;" in warning for warning in warnings)


CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,A notes API (777),Essay (778),auth (779),Current Score,Final Score
,,,,,Manual Posting,,Muted,,
    Points Possible,,,,,10.00,20.00,100,(read only),(read only)
"Baker, Bob",1002,S2,bob@example.edu,"A, Monday",,18.00,3.00,90,45
"Dent, Arthur",1004,S4,dent,B,7.00,,,50,50
"Archer, Ann",1001,S1,ann,B,1.00,,EX,,
"=HYPERLINK(""x"")",1005,S5,evil,B,,,,,
"Çelik, Cem",,,CEM@example.edu,B,2.00,,,,
"Student, Test",1999,,7bfeb2c0,B,,,,0.00,0.00
"""


def canvas(tmp_path: Path, text: str, **more: Any) -> tuple[list[list[str]], list[str], str]:
    template = tmp_path / "from-canvas.csv"
    template.write_text(text, encoding="utf-8", newline="")
    (out,), warnings = written("canvas", tmp_path, template=template, **more)
    return table(out, more.pop("delimiter", ",")), [w.removeprefix(f"{tmp_path}/") for w in warnings], out


def test_canvas_export_is_filled_in_and_otherwise_kept(tmp_path: Path) -> None:
    """Rows, order, headings and other columns stay; what is excused or unknown stays; strangers are said."""
    rows, warnings, out = canvas(tmp_path, CANVAS)
    before = table(CANVAS.removeprefix("\ufeff"))
    assert [row[:5] for row in rows] == [row[:5] if row[0][:1] != "=" else [f"'{row[0]}", *row[1:5]] for row in before]
    assert [row[6] for row in rows] == [row[6] for row in before]
    assert [row[8:] for row in rows] == [row[8:] for row in before]
    assert [(row[5], row[7]) for row in rows[3:]] == [
        ("9.5", "3.00"), ("7.00", ""), ("4", "EX"), ("", ""), ("2.00", "0"), ("", ""),
    ]  # fmt: skip
    assert not out.startswith("\ufeff") and rows[:3] == before[:3]
    assert warnings == [
        "from-canvas.csv:1: auth has 5 points and its column in Canvas 100; nothing is scaled",
        "from-canvas.csv:6: ann is excused from auth or was not assigned it; left so",
        "from-canvas.csv:5: Dent, Arthur 1004 is not in the gradebook; the row is left as it is",
        'from-canvas.csv:7: =HYPERLINK("x") 1005 is not in the gradebook; the row is left as it is',
        "out-canvas.txt: notes: could not be judged and left without points: cem",
    ]


def test_canvas_rows_that_are_wrong_do_not_stop_the_rest(tmp_path: Path) -> None:
    """A quote that is never closed, a row too short and a person twice: said by line, and Bob gets his points."""
    text = (
        "Student,ID,SIS Login ID,Section,notes (1)\n"
        '"Open, Quote,1009,x,B,\n'
        "Short,1001\n"
        '"Baker, Bob",1002,bob,B,\n'
        "Cem One,,cem,B,\nCem Two,,cem,B,\n"
        "Two at once,1001,bob,B,5\n"
        "\n"
    )
    rows, warnings, _ = canvas(tmp_path, text)
    assert rows[1:] == [
        ["Short", "1001"], ["Baker, Bob", "1002", "bob", "B", "9.5"],
        ["Cem One", "", "cem", "B", ""], ["Cem Two", "", "cem", "B", ""], ["Two at once", "1001", "bob", "B", "5"],
    ]  # fmt: skip
    told = "\n".join(warnings)
    for words in (
        "from-canvas.csv:2: the row cannot be read and is left out", "from-canvas.csv:3: the row has 2 cells, the header 5",
        "from-canvas.csv:5: more than one row fits cem", "from-canvas.csv:6: more than one row fits cem",
        "from-canvas.csv:7: the row fits more than one student: ann, bob", "from-canvas.csv: ann Ann Archer is not in the template",
        "from-canvas.csv:1: no column is called “Logging in” or auth",
    ):  # fmt: skip
        assert words in told


def test_canvas_with_semicolons_two_columns_and_one_that_is_read_only(tmp_path: Path) -> None:
    """Where a comma is the decimal sign, Canvas separates cells by semicolons, and gets them back so."""
    text = "Student;ID;SIS Login ID;Section;A notes API (1);Logging in (2);Logging in (3)\n    Points Possible;;;;10,00;5,00;5,00\nA;1001;ann;B;;;\n"
    template = tmp_path / "t.csv"
    template.write_text(text)
    (out,), warnings = written("canvas", tmp_path, template=template)
    assert table(out, ";")[2] == ["A", "1001", "ann", "B", "4", "", ""]
    assert any("more than one column is called “Logging in”" in w for w in warnings)
    assert not any("nothing is scaled" in w for w in warnings)
    template.write_text(text.replace("10,00", "(read only)"))
    with pytest.raises(UsageError, match="no column of this template"):
        written("canvas", tmp_path, template=template)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Student,ID,Section,notes\nJos\xe9,1,B,\n", "t.csv:2: this template is not UTF-8: byte 0xe9"),
        ("Student,ID,Section,notes\n".encode("utf-16"), "t.csv:1: this template is not UTF-8: byte 0xff"),
        (b"", "is empty"),
        (b"a,b\n1,2\n", "t.csv:1: this is no export of Canvas' gradebook"),
        (None, "cannot be read"),
    ],
)
def test_a_template_that_is_none(tmp_path: Path, data: bytes | None, words: str) -> None:
    """It says so, by the line where that is known, and nothing is written."""
    if data is not None:
        (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(UsageError) as told:
        written("canvas", tmp_path, template=tmp_path / "t.csv")
    assert words in str(told.value) and not (tmp_path / "out-canvas.txt").exists()


def test_moodle_without_a_worksheet(tmp_path: Path) -> None:
    """One file for each exercise; words are HTML there, and a row without Moodle's number is said."""
    texts, warnings = written("moodle", tmp_path)
    rows = table(texts[0])
    assert ",".join(rows[0]) == (
        "Identifier,Full name,Email address,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments"
    )
    assert rows[1][:8] == ["Participant 51001", "Ann Archer", "ann@example.edu", "4", "10", "Yes", "-", "-"]
    assert rows[2][0] == "Participant 51002" and rows[2][8].endswith("9.5 points.<br>Spoke with me<br>about &lt;it&gt;")
    assert rows[3][0] == "" and rows[3][3] == "" and rows[3][8].startswith("The judge could not finish")
    assert table(texts[1])[2][3] == ""
    assert any("Moodle will pass over rows without its number, 1 in all: cem" in w for w in warnings)


MOODLE = """\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Online text,Feedback comments
Participant 51002,Bob Baker,other@example.edu,Submitted for grading,,100.00,Yes,"Sunday, 1 March 2026, 1:00 PM",-,"<p>one</p>
<p>two</p>",old words
Participant 60000,Ann Archer,ANN@example.edu,No submission,,100.00,No,-,-,,
Participant 60001,Cem,cem@example.edu,Submitted,3.00,100.00,Yes,-,-,,keep me
Participant 60002,Zoe,zoe@example.edu,No submission,,100.00,Yes,-,-,,-
"""


def test_moodle_worksheet_is_filled_in_by_number_and_address(tmp_path: Path) -> None:
    """Grade and feedback only; a locked grade, a stranger and another scale are said; what broke is left."""
    template = tmp_path / "Grades-CS1-A notes API--4711.csv"
    template.write_text(MOODLE, encoding="utf-8", newline="")
    texts, warnings = written("moodle", tmp_path, template=template)
    (text,), before = texts, table(MOODLE.removeprefix("\ufeff"))
    rows = table(text)
    assert [row[:4] + row[5:10] for row in rows] == [row[:4] + row[5:10] for row in before]
    assert [row[4] for row in rows] == ["Grade", "9.5", "", "3.00", ""]
    assert rows[1][10].endswith("about &lt;it&gt;") and [row[10] for row in rows[2:]] == ["", "keep me", "-"]
    told = [warning.removeprefix(f"{template}") for warning in warnings]
    assert ":6: Participant 60002 Zoe is not in the gradebook; the row is left as it is" in told
    assert ":4: Moodle lets nobody change the grade of ann; it is left as it is" in told
    assert ": notes has 10 points and is graded in Moodle out of 100.00; nothing is scaled" in told


def test_moodle_worksheets_are_told_apart_by_their_names(tmp_path: Path) -> None:
    """A folder of them, of which one fits nothing; a single one that says nothing is a question, unless one exercise is asked."""
    folder = tmp_path / "worksheets"
    folder.mkdir()
    for name in ("Grades-CS1-auth--1.csv", "Grades-CS1-Essay--2.csv"):
        (folder / name).write_text(MOODLE, encoding="utf-8")
    target = tmp_path / "out"
    done = export(MARKS, "moodle", target, template=folder, exercises=EXERCISES)
    assert done.paths == (target / "auth.csv",)
    told = [w.what for w in done.warnings]
    assert "there is no worksheet for notes; it is left out" in told
    assert any(w.where.endswith("Essay--2.csv") for w in done.warnings)
    with pytest.raises(UsageError, match="for which exercise"):
        export(MARKS, "moodle", target, template=folder / "Grades-CS1-Essay--2.csv", exercises=EXERCISES)
    alone = export(MARKS[:1], "moodle", target, template=folder / "Grades-CS1-Essay--2.csv", exercises=[NOTES])
    assert isinstance(alone, Exported) and alone.paths == (target / "notes.csv",)
    (folder / "Grades-CS1-auth--1.csv").write_text("Bezeichnung,Bewertung\n1,2\n")
    with pytest.raises(UsageError, match="no grading worksheet"):
        export(MARKS, "moodle", target, template=folder, exercises=EXERCISES)
