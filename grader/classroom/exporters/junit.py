"""JUnit XML, which build servers show: one file for each exercise, a suite for each student, a case for each check."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from grader.classroom.exporters import files
from grader.classroom.exporters.book import Book, Exported, Work, checks, points
from grader.classroom.exporters.text import clean, safe_names
from grader.classroom.model import Mark
from grader.model import Outcome

# Everything else is an error: the program, or the judge, did not come to an answer.
_KINDS = {Outcome.FAILED: "failure", Outcome.BLOCKED: "skipped", Outcome.NOT_RUN: "skipped"}
_STATES = {"missing": "skipped", "waiting": "skipped", "refused": "failure"}
_COUNTS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def write(book: Book, target: Path, template: Path | None) -> Exported:
    """``<exercise>.xml`` for each exercise in the folder ``target``."""
    folder = files.folder(target)
    names = safe_names(work.id for work in book.exercises)
    return Exported(
        tuple(files.put(folder / f"{names[work.id]}.xml", _document(book, work)) for work in book.exercises)
    )


def _document(book: Book, work: Work) -> bytes:
    root = ET.Element("testsuites", name=clean(work.id))
    total: Counter[str] = Counter()
    for student in book.students:
        suite, counts = _suite(book.mark(student, work), work)
        root.append(suite)
        total.update(counts)
    _count(root, total)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(mark: Mark, work: Work) -> tuple[ET.Element, Counter[str]]:
    """A student's suite, and how many cases it has of each kind; ``tests`` is all of them."""
    suite = ET.Element("testsuite", name=clean(mark.student.id))
    facts = {
        "name": mark.student.name,
        "state": mark.state,
        "points": points(mark),
        "possible": str(mark.possible or work.possible),
    }
    properties = ET.SubElement(suite, "properties")
    for fact, value in facts.items():
        ET.SubElement(properties, "property", name=fact, value=clean(value))
    place = clean(f"{work.id}.{mark.student.id}")
    counts: Counter[str] = Counter()
    if mark.state != "graded":
        # Without it, a suite without checks would look as if all was well.
        kind = _STATES.get(mark.state, "error")
        _case(suite, place, "submission", kind, mark.state, mark.note)
        counts.update(("tests", kind))
    for check in checks(mark):
        kind = "" if check.passed else _KINDS.get(_outcome(check.outcome), "error")
        _case(suite, place, check.id, kind, check.outcome, f"{check.sentence}\n{check.text}")
        counts.update(("tests", kind))
    _count(suite, counts)
    return suite, counts


def _outcome(value: str) -> Outcome:
    try:
        return Outcome(value)
    except ValueError:
        return Outcome.BROKEN


def _case(suite: ET.Element, place: str, name: str, kind: str, type_: str, text: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=place, name=clean(name))
    if not kind:
        return
    text = clean(text, lines=True)
    why = clean(text, 200) or clean(type_)
    # A reason for skipping is an attribute alone; readers know no type for it.
    given = {"message": why} if kind == "skipped" else {"message": why, "type": clean(type_)}
    ET.SubElement(case, kind, given).text = text or None


def _count(element: ET.Element, counts: Counter[str]) -> None:
    element.set("tests", str(counts["tests"]))
    for attribute, kind in _COUNTS:
        element.set(attribute, str(counts[kind]))
