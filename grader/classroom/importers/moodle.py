"""What Moodle hands out for an assignment: a folder for each student, or one file after the other.

Names are ``Full Name_<number>_assignsubmission_file_``, with the files inside or the name of one behind.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.classroom.importers.context import Context, uploaded
from grader.classroom.importers.sources import grouped, is_file
from grader.classroom.members import Entry
from grader.classroom.model import Problem, Received

# A group has no number if it is the one of all who are in none.
NAME = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.ASCII | re.DOTALL
)


def read(context: Context, entries: Iterable[Entry]) -> Iterator[Received | Problem]:
    """One submission for each name and number."""
    people: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    places: dict[tuple[str, str], str] = {}
    for top, group in grouped(entries).items():
        match = NAME.fullmatch(top)
        flat = is_file(group)
        if not match or (flat and match["kind"] == "file" and not match["file"]):
            yield context.problem("this is not named as Moodle names submissions; it is left out", top)
        elif match["kind"] != "file":
            yield context.problem(f"this is {match['kind']}, not a file that was handed in; it is left out", top)
        else:
            key = (match["name"], match["number"] or "")
            people[key] += [replace(group[0], name=match["file"])] if flat else group
            places.setdefault(key, context.at(top))
    namesakes = Counter(name for name, _ in people)
    for (name, number), files in people.items():
        where = places[name, number]
        student, problems = context.student("moodle", name, where=where, number=number, namesake=namesakes[name] > 1)
        yield from problems
        yield from context.received(student, context.exercise or "", uploaded(files), where)
