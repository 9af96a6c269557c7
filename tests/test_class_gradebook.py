"""The gradebook and the marks that are made of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.classroom.bundle import packed, unpacked
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import COUNTS, marks, set_due, set_late_rule, share
from grader.classroom.model import LateRule, Mark, Received, Student, Task, Verdict
from grader.classroom.runs import changes
from grader.classroom.tables import PROPOSED
from grader.errors import GraderError, UsageError

EXERCISES = [("hello", "Hello", 4), ("bye", "Bye", 2)]
DUE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    book = Gradebook(f"sqlite:///{tmp_path}/gradebook.sqlite")
    yield book
    book.close()


def hand_in(
    book: Gradebook, student: str = "mika", text: str = "1", exercise: str = "hello", hours: float | None = None
) -> Task:
    files = {"app.py": text.encode()}
    submitted = DUE + timedelta(hours=hours) if hours is not None else None
    book.receive(Received(Student(student), exercise, files, "folder", submitted))
    return Task(packed(files)[0], exercise, f"key {exercise} {text}")


def graded(book: Gradebook, task: Task, earned: int) -> None:
    assert book.judged(task, Verdict("graded", earned=earned, possible=4, document={"checks": []}))


def mark(book: Gradebook, student: str = "mika", exercise: str = "hello") -> Mark:
    return next(one for one in marks(book, EXERCISES) if (one.student.id, one.exercise) == (student, exercise))


def test_a_new_gradebook_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask is, others of the machine can read neither the file nor what lies beside it in use."""
    before = os.umask(0o022)
    try:
        book = Gradebook(f"sqlite:///{tmp_path}/gradebook.sqlite")
        hand_in(book)
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("gradebook*")} == {0o600}
        book.close()
    finally:
        os.umask(before)


def test_who_is_forgotten_leaves_nothing_behind(gradebook: Gradebook, tmp_path: Path) -> None:
    """Name, work, report, comment: no byte of them is in any file; what another handed in, too, is still graded."""
    gradebook.enrol([Student("mika", "Mika Mikkola-Xylander", "mika@example.edu")])
    same, own = hand_in(gradebook, text="x = 1"), hand_in(gradebook, text="# Xylander's secret", exercise="bye")
    hand_in(gradebook, "noor", text="x = 1")
    for task in (same, own):
        graded(gradebook, task, 2)
    gradebook.decide("mika", "bye", "comment", "shown by Xylander")
    assert gradebook.forget("mika") == 2
    assert [student.id for student in gradebook.students()] == ["noor"]
    assert list(gradebook.verdicts()) == [(same.digest, same.exercise)]
    assert mark(gradebook, "noor").points == 2
    gradebook.close()
    left = b"".join(path.read_bytes() for path in tmp_path.glob("gradebook*"))
    assert b"noor" in left
    assert [
        word
        for word in (b"Xylander", b"mika", own.digest.encode(), packed({"app.py": b"# Xylander's secret"})[1])
        if word in left
    ] == []
    with pytest.raises(UsageError, match="knows no student 'mika'"):
        gradebook.forget("mika")


def test_a_submission_is_kept_once_and_comes_back_as_it_was(gradebook: Gradebook) -> None:
    """Byte by byte, under its names, by the same digest whatever their order."""
    files = {"app.py": b"x = 1\n", "a/ü.txt": bytes(range(256))}
    received = Received(Student("mika", "Mika", "m@x.org"), "hello", files, "mika.zip", refused=("../x: climbs out",))
    assert gradebook.receive(received)
    assert not gradebook.receive(received)
    ((digest, exercise),) = gradebook.handed_in()
    assert (gradebook.files(digest), exercise) == (files, "hello")
    assert unpacked(packed(files)[1]) == files
    assert packed(dict(reversed(files.items()))) == packed(files)


def test_what_is_known_of_a_student_is_not_lost(gradebook: Gradebook) -> None:
    """Another source adds to it."""
    gradebook.enrol([Student("mika", "Mika Moe", "m@x.org", {"canvas": "12"})])
    gradebook.enrol([Student("mika", "", "", {"moodle": "34"})])
    assert gradebook.students() == [Student("mika", "Mika Moe", "m@x.org", {"canvas": "12", "moodle": "34"})]


def test_a_verdict_stands_for_all_with_the_same_bytes_and_for_good(gradebook: Gradebook) -> None:
    """A second verdict on the same bytes changes nothing."""
    task = hand_in(gradebook, "mika")
    assert hand_in(gradebook, "noor") == task
    graded(gradebook, task, 3)
    assert not gradebook.judged(task, Verdict("graded", earned=0, possible=4))
    assert [mark(gradebook, name).points for name in ("mika", "noor")] == [3, 3]


def test_of_many_who_grade_at_once_one_verdict_is_kept(gradebook: Gradebook) -> None:
    """The database decides, not who asks."""
    task = hand_in(gradebook)
    kept: list[bool] = []

    def judge(earned: int) -> None:
        try:
            kept.append(gradebook.judged(task, Verdict("graded", earned=earned, possible=4)))
        except GraderError:
            kept.append(False)

    threads = [threading.Thread(target=judge, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.count(True) == 1
    assert len(gradebook.history(task.digest, "hello")) == 1


def test_what_the_judge_could_not_finish_is_replaced(gradebook: Gradebook) -> None:
    """It costs nobody points, and the next verdict counts."""
    task = hand_in(gradebook)
    assert gradebook.judged(task, Verdict("broken", "the sandbox"))
    assert mark(gradebook).state == "broken"
    graded(gradebook, task, 4)
    assert (mark(gradebook).state, mark(gradebook).points) == ("graded", 4)


def test_states(gradebook: Gradebook) -> None:
    """Missing, waiting and refused, each with what can be said of it."""
    task = hand_in(gradebook)
    assert (mark(gradebook).state, mark(gradebook, exercise="bye").state) == ("waiting", "missing")
    gradebook.judged(task, Verdict("refused", "this folder holds none of the files", possible=4))
    assert (mark(gradebook).state, mark(gradebook).note) == ("refused", "this folder holds none of the files")
    assert mark(gradebook, exercise="bye").possible == 2


@pytest.mark.parametrize(
    ("hours", "rule", "expected"),
    [
        (-1, LateRule(10), 1.0),
        (0, LateRule(10), 1.0),
        (0.1, LateRule(10), 0.9),
        (24, LateRule(10), 0.9),
        (24.1, LateRule(10), 0.8),
        (2, LateRule(10, timedelta(hours=2)), 1.0),
        (2.1, LateRule(10, timedelta(hours=2)), 0.9),
        (24 * 20, LateRule(10), 0.0),
        (49, LateRule(10, most=2), 0.0),
        (48, LateRule(10, most=2), 0.8),
        (1000, LateRule(), 1.0),
    ],
)
def test_what_lateness_costs(hours: float, rule: LateRule, expected: float) -> None:
    """For each day begun after the grace, and all of it in the end."""
    assert share(timedelta(hours=hours), rule) == pytest.approx(expected)


def test_lateness_counts_from_the_date_of_the_class_with_extensions(gradebook: Gradebook) -> None:
    """An extension moves the date for one student."""
    set_due(gradebook, "hello", DUE)
    set_late_rule(gradebook, LateRule(25))
    graded(gradebook, hand_in(gradebook, hours=30), 4)
    assert (mark(gradebook).late, mark(gradebook).points) == (timedelta(hours=30), 2)
    gradebook.decide("mika", "hello", "extension", 29)
    assert (mark(gradebook).late, mark(gradebook).points) == (timedelta(hours=1), 3)
    gradebook.decide("mika", "hello", "extension", 30)
    assert mark(gradebook).points == 4


def test_without_a_date_lateness_is_what_the_source_says(gradebook: Gradebook) -> None:
    """As Canvas and others mark it."""
    set_late_rule(gradebook, LateRule(50))
    files = {"app.py": b"1"}
    gradebook.receive(Received(Student("mika"), "hello", files, "x", late=timedelta(hours=3)))
    graded(gradebook, Task(packed(files)[0], "hello", "key"), 4)
    assert (mark(gradebook).late, mark(gradebook).points) == (timedelta(hours=3), 2)


def test_the_last_attempt_counts_or_the_best(gradebook: Gradebook) -> None:
    """By the moment of handing in, not of importing."""
    graded(gradebook, hand_in(gradebook, text="good", hours=-5), 4)
    graded(gradebook, hand_in(gradebook, text="worse", hours=-1), 1)
    hand_in(gradebook, text="between", hours=-3)
    assert (mark(gradebook).points, mark(gradebook).attempts) == (1, 3)
    gradebook.set(COUNTS, "best")
    assert mark(gradebook).points == 4


def test_decisions_outlive_a_regrade_and_can_be_taken_back(gradebook: Gradebook) -> None:
    """Points and comments stay; the verdicts before are kept."""
    task = hand_in(gradebook)
    graded(gradebook, task, 1)
    gradebook.decide("mika", "hello", "points", 3.5)
    gradebook.decide("mika", "hello", "comment", "shown in person")
    again = Task(task.digest, "hello", "another version")
    assert gradebook.judged(again, Verdict("graded", earned=2, possible=4), PROPOSED)
    gradebook.adopt([(task.digest, "hello")])
    now = mark(gradebook)
    assert (now.earned, now.points, now.overridden, now.comment) == (2, 3.5, True, "shown in person")
    gradebook.decide("mika", "hello", "points", None)
    assert (mark(gradebook).points, mark(gradebook).overridden) == (2, False)
    assert [row["standing"] for row in gradebook.history(task.digest, "hello")] == ["replaced", "current"]


def test_a_regrade_that_could_not_finish_takes_nobodys_mark(gradebook: Gradebook) -> None:
    """It is no change, so nobody is asked to take it over."""
    task = hand_in(gradebook)
    graded(gradebook, task, 3)
    assert gradebook.judged(task, Verdict("broken", "the sandbox"), PROPOSED)
    assert changes(gradebook) == []
    gradebook.forget_proposals()
    assert (mark(gradebook).state, mark(gradebook).points) == ("graded", 3)


def test_a_student_nobody_knows_cannot_be_decided_about(gradebook: Gradebook) -> None:
    """A typing error makes no student."""
    with pytest.raises(UsageError, match="knows no student 'nobody'"):
        gradebook.decide("nobody", "hello", "points", 1)


@pytest.mark.parametrize("rule", [LateRule(-1), LateRule(101), LateRule(5, timedelta(-1)), LateRule(5, most=-1)])
def test_a_rule_that_makes_no_sense_is_refused(gradebook: Gradebook, rule: LateRule) -> None:
    """And none is kept."""
    with pytest.raises(UsageError):
        set_late_rule(gradebook, rule)


@pytest.mark.parametrize("url", ["gradebook.db", "nosuch://x/y", "sqlite:////nowhere/at/all.sqlite"])
def test_a_gradebook_that_cannot_be_opened_is_said(url: str) -> None:
    """In words, whatever the library raised."""
    with pytest.raises((UsageError, GraderError)) as caught:
        Gradebook(url)
    assert "Traceback" not in str(caught.value)


def test_a_file_that_is_no_gradebook_is_said_and_left_alone(tmp_path: Path) -> None:
    """Not a byte of it changes."""
    file = tmp_path / "essay.sqlite"
    file.write_text("Not a database, but an essay about them." * 100)
    before = file.read_bytes()
    with pytest.raises(GraderError, match="not a database"):
        Gradebook(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_what_was_kept_outlives_a_kill(tmp_path: Path) -> None:
    """A process writes verdicts, says so after each, and is killed in the middle: all it said is there."""
    url = f"sqlite:///{tmp_path}/gradebook.sqlite"
    program = f"""
from grader.classroom.gradebook import *
from grader.classroom.bundle import packed
from grader.classroom.model import *
book = Gradebook({url!r})
for n in range(10_000):
    files = {{"app.py": str(n).encode()}}
    book.receive(Received(Student(f"s{{n}}"), "hello", files, ""))
    book.judged(Task(packed(files)[0], "hello", f"k{{n}}"), Verdict("graded", earned=n, possible=n))
    print(n, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = [process.stdout.readline() for _ in range(30)]
    process.kill()
    last = int((said + process.stdout.readlines())[-1])
    process.wait()
    book = Gradebook(url)
    kept = sorted(verdict.earned for _, verdict in book.verdicts().values())
    assert kept in (list(range(last + 1)), list(range(last + 2)))
    book.close()
