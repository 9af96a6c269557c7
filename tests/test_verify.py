"""The proof of an exercise: a sound one has no findings, every planted fault is found."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest

from grader.authoring.findings import inspect
from grader.authoring.signatures import _key
from grader.authoring.verify import _trials, verify
from grader.course.signatures import Signatures, dumps
from tests.conftest import _APP, Finished, Mini


def findings(mini: Mini, *, run: bool = True, repeat: int = 1) -> list[str]:
    exercise = mini.course.exercise("hello")
    found = (
        verify(mini.course, (exercise,), repeat=repeat, workers=1).findings if run else inspect(mini.course, exercise)
    )
    return [finding.shown(mini.root) for finding in found]


def test_a_sound_exercise_has_no_findings(mini: Mini, grader: Callable[..., Finished]) -> None:
    """The command says 'sound' and ends with 0; right solutions may be repeated."""
    finished = grader("verify", "--jobs", "1", "--repeat", "3")
    assert finished.code == 0, finished.out
    assert "1 exercises, 44 gradings" in finished.out and "sound" in finished.out


def test_findings_end_with_three(mini: Mini, grader: Callable[..., Finished]) -> None:
    """The exit code and the JSON tell a machine that there is work to do."""
    (mini.exercise / "hints.md").unlink()
    finished = grader("verify", "--jobs", "1", "hello", "--json")
    assert finished.code == 3
    assert "missing" in finished.out


def replace(mini: Mini, name: str, old: str, new: str) -> None:
    path = mini.exercise / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def roadmap(mini: Mini, number: str, exercise: str) -> None:
    """A roadmap of one topic, whose number stands in line 8."""
    row = f'number = "{number}"\nstage = "01-basics"\nkind = "topic"\nitem = "I"\nhere = "H"\nfrom = ["1:1"]\n'
    stage = '[roadmaps]\n1 = "One"\n\n[[stage]]\nfolder = "01-basics"\ntitle = "Basics"\n'
    text = f'{stage}[[topic]]\n{row}exercises = ["{exercise}"]\n'
    (mini.root / "curriculum" / "roadmap.toml").write_text(text)


STATIC: list[tuple[str, Callable[[Mini], object], str]] = [
    ("an orphan", lambda m: m.write(m.exercise, **{"todo.txt": ""}), r"hello/todo.txt: nothing reads this"),
    ("an orphan in solutions", lambda m: m.write(m.solution / "old", a=""), r"hello/old: nothing reads"),
    ("an unused probe", lambda m: m.write(m.exercise / "checks" / "probes", x_py=""), r"probes/x.py: no check uses"),
    ("a file nobody submits", lambda m: m.write(m.solution / "reference", **{"a.txt": ""}), r"a.txt: no pattern"),
    ("a missing page", lambda m: (m.exercise / "README.md").unlink(), r"README.md: this is missing"),
    ("a missing reference", lambda m: shutil.rmtree(m.solution / "reference"), r"no reference solution"),
    ("a missing hint", lambda m: replace(m, "hints.md", "### Approach\n", ""), r"hints.md:1: task 1 needs the hints"),
    ("an empty hint", lambda m: replace(m, "hints.md", "Think.", ""), r"hints.md:5: this hint is empty"),
    ("a hint for no task", lambda m: replace(m, "hints.md", "## Task 2", "## Task 7"), r"a hint for task 7"),
    ("a task without a check", lambda m: replace(m, "README.md", "\n## How", "3. **More.**\n\n## How"), r"README.md:9: no check"),
    ("a check without a task", lambda m: replace(m, "README.md", "2. **Count.** One more each time.\n", ""), r"has no task 2"),
    ("a check not announced", lambda m: replace(m, "README.md", "- GET /count answers", "- GET /count says"), r":11: '.*' is not announced"),
    ("an announcement without a check", lambda m: replace(m, "README.md", "\n## Fine", "- It is fast\n\n## Fine"), r"begins its docstring with 'It is fast"),
    ("headings in another order", lambda m: replace(m, "README.md", "## Contract", "## Agreement"), r"README.md:1: the headings"),
    ("another title", lambda m: replace(m, "README.md", "# Hello", "# Goodbye"), r"README.md:1: the page opens with"),
    ("ground that is not there", lambda m: replace(m, "checks/test_hello.py", '"test_greets"', '"test_greet"'), r"ground 'greet'"),
    ("a need that is not there", lambda m: replace(m, "exercise.toml", "topics", 'needs = ["halo"]\ntopics'), r"exercise.toml:4: there is no exercise 'halo'"),
    ("a topic that is not there", lambda m: roadmap(m, "01.02", "hello"), r"exercise.toml:4: roadmap.toml has no topic 01.01"),
    ("a topic the roadmap gives to others", lambda m: roadmap(m, "01.01", "halo"), r"exercise.toml:4: add hello to the exercises of 01.01"),
    ("a topic the manifest leaves out", lambda m: roadmap(m, "01.02", "hello"), r"roadmap.toml:14: hello teaches 01.02, but"),
    ("a roadmap that is broken", lambda m: roadmap(m, "01.1", "hello"), r"roadmap.toml:8: '01.1' is not a number"),
    ("a stage without a lesson", lambda m: (m.root / "curriculum/01-basics/index.md").unlink(), r"no lesson"),
    ("too few wrong solutions", lambda m: shutil.rmtree(m.solution / "wrong/greets--mistake-0"), r"4 wrong solutions"),
    ("a wrong solution of no check", lambda m: (m.solution / "wrong/counts--mistake-0").rename(m.solution / "wrong/cuonts--x"), r"the check 'cuonts'"),
    ("a wrong solution badly named", lambda m: (m.solution / "wrong/counts--mistake-0").rename(m.solution / "wrong/counts"), r"named <check>--<slug>"),
    ("a wrong solution without words", lambda m: (m.solution / "wrong/counts--mistake-0/WRONG.md").unlink(), r"WRONG.md"),
    ("a wrong solution with a novel", lambda m: m.write(m.solution / "wrong/counts--mistake-0", WRONG_md="A. B. C. D. E."), r"5 sentences"),
    ("the reference's own file", lambda m: m.write(m.solution / "wrong/counts--mistake-0", Procfile="web: flask --app app run --port $PORT\n"), r"reference's own file"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "words"), [case[1:] for case in STATIC], ids=[case[0] for case in STATIC])
def test_a_planted_fault_is_found(mini: Mini, plant: Callable[[Mini], object], words: str) -> None:
    """Each fault of an exercise's files is a finding with its place."""
    plant(mini)
    assert any(re.search(words, finding) for finding in findings(mini, run=False)), findings(mini, run=False)


def test_where_a_reference_continues_another_the_topmost_file_is_its_own(mini: Mini) -> None:
    """A wrong solution may be the earlier program again; only what it shares with the whole reference is too much."""
    again, solution = mini.exercise.with_name("again"), mini.solution.with_name("again")
    shutil.copytree(mini.exercise, again)
    replace(mini, "../again/exercise.toml", "topics", 'needs = ["hello"]\ncontinues = "hello"\ntopics')
    mini.write(solution / "reference", app_py=_APP + "# changed\n")
    procfile = (mini.solution / "reference" / "Procfile").read_text()
    mini.write(
        solution / "wrong" / "counts--as-before", app_py=_APP, Procfile=procfile, WRONG_md="The author thought so."
    )
    found = inspect(mini.course, mini.course.exercise("again"))
    own = [finding.path.name for finding in found if "reference's own file" in finding.what]
    assert own == ["Procfile"]


def test_a_roadmap_that_agrees_is_no_finding(mini: Mini) -> None:
    """Manifest and roadmap name each other; nothing else is asked."""
    roadmap(mini, "01.01", "hello")
    assert findings(mini, run=False) == []


def test_a_check_that_no_wrong_solution_proves_is_found(mini: Mini) -> None:
    """Every check is named by at least one wrong solution."""
    for path in list((mini.solution / "wrong").glob("counts--*")):
        path.rename(path.with_name(path.name.replace("counts", "greets") + "-too"))
    assert any("no wrong solution is named counts--" in finding for finding in findings(mini, run=False))


def test_a_reference_that_fails_is_found(mini: Mini) -> None:
    """The message names the check and what was expected."""
    mini.write(mini.solution / "reference", app_py=_APP.replace("+= 1", "+= 3"))
    assert any("reference should pass 'counts': failed expected" in finding for finding in findings(mini))


def test_a_starter_that_passes_is_found(mini: Mini) -> None:
    """An exercise that is done before it begins is none."""
    mini.write(mini.exercise / "starter", app_py=_APP)
    assert any("untouched starter passes" in finding for finding in findings(mini))


def test_a_wrong_solution_that_passes_is_found(mini: Mini) -> None:
    """A check that does not catch the mistake it is named for is worth nothing."""
    mini.write(mini.solution / "wrong" / "counts--mistake-0", app_py=_APP + "# the same\n")
    assert any("it should fail 'counts', but: passed" in finding for finding in findings(mini))


def test_a_wrong_solution_that_crashes_is_found(mini: Mini) -> None:
    """Failing is not erring: a mistake that never starts proves nothing."""
    mini.write(mini.solution / "wrong" / "greets--mistake-0", app_py="import nowhere\n")
    assert any("it should fail 'greets', but: crashed" in finding for finding in findings(mini))


def test_a_check_that_breaks_is_found_where_it_stands(mini: Mini) -> None:
    """An exception of the check's own is named with its line, not blamed on the solution."""
    replace(mini, "checks/test_hello.py", '.object["count"] for', '.object["count"] / 0 for')
    found = findings(mini)
    assert any(re.search(r"test_hello.py:11: with reference: the check itself failed", f) for f in found), found


def test_a_check_that_leans_on_another_is_found(mini: Mini) -> None:
    """Shared and fresh worlds must agree; a check that needs leftovers contradicts itself."""
    replace(
        mini,
        "checks/test_hello.py",
        "first, second = (",
        "old = http.get('/count').object['count']\n    first, second = (",
    )
    replace(mini, "checks/test_hello.py", "assert second == first + 1", "assert second > first + 0 and old > 1")
    replace(mini, "checks/test_hello.py", "    word = rng.word()", '    http.get("/count")\n    word = rng.word()')
    assert any("reference should pass 'counts'" in finding for finding in findings(mini))


def test_a_right_solution_that_is_judged_twice_is_found(mini: Mini) -> None:
    """What passes only on a fresh program of its own is a check that others disturb, and costs everybody its time."""
    replace(mini, "checks/test_hello.py", "assert second == first + 1", "assert second == first + 1 and first == 1")
    replace(mini, "checks/test_hello.py", "    word = rng.word()", '    http.get("/count")\n    word = rng.word()')
    found = findings(mini)
    assert any("reference passes 'counts' only once it is judged again" in finding for finding in found), found
    assert not any("reference should pass" in finding for finding in found), found


def test_a_sample_grades_everything_once(mini: Mini) -> None:
    """Shared or fresh, whichever chance takes; as long as nothing is kept of wrong solutions, each of them."""
    exercise = mini.course.exercise("hello")
    sampled = list(_trials(mini.course, exercise, 1, sample=True))
    names = [trial.variant.name for trial in sampled]
    wrong = [variant.name for variant in mini.course.wrong(exercise)]
    assert names == ["reference", "also/an-iterator", *wrong, "starter"]


def test_of_what_was_learned_a_sample_has_the_reference_and_one_more(mini: Mini) -> None:
    """Whichever chance takes; after a change of any of them every one is graded again."""
    for number in range(20):
        wrong = _APP.replace("+= 1", f"+= {number + 10}")
        mini.write(mini.solution / "wrong" / f"counts--more-{number}", app_py=wrong, WRONG_md="The author thought so.")
    exercise = mini.course.exercise("hello")

    def sampled() -> set[str]:
        trials = _trials(mini.course, exercise, 1, sample=True)
        return {trial.variant.name for trial in trials}

    assert len(sampled()) == 28
    learned = Signatures((), (), _key(mini.course, exercise))
    mini.course.signatures_file(exercise).write_text(dumps(learned))
    assert len(sampled()) == 2 and "reference" in sampled()
    assert len(set.union(*(sampled() for _ in range(40)))) > 10, "expected chance to take others each time"
    changed = mini.solution / "wrong" / "counts--more-3" / "app.py"
    changed.write_text(changed.read_text() + "# changed\n")
    assert len(sampled()) == 28
