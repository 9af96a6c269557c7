"""Small faults in a reference: which are made, what becomes of them, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.findings import inspect
from grader.authoring.mutants import Fate, grade_mutants, mutants_of, mutate
from grader.authoring.survival import Survival, survival
from grader.errors import AuthorError
from tests.conftest import _APP, Finished, Mini, tiny_course

SOURCE = '''"""A docstring is not mutated."""
LIMIT: "int" = 3


def small(n):
    """Nor is this one."""
    if n < LIMIT:
        return "yes"
    print("prose is not judged")
    return "no"
'''


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What became of the tiny course's mutants, found out once."""
    course = tiny_course(tmp_path_factory.mktemp("graded"))
    survive(course)
    return (course.solution / "mutants.json").read_text()


@pytest.fixture
def graded(mini: Mini, results: str) -> Mini:
    """A tiny course whose mutants have been graded."""
    (mini.solution / "mutants.json").write_text(results)
    return mini


def survive(mini: Mini, *, recompute: bool = False) -> Survival:
    return survival(mini.course, mini.course.exercise("hello"), recompute=recompute, workers=1)


def words(result: Survival) -> list[str]:
    return [finding.what for finding in result.findings]


def test_only_lines_that_run_are_mutated() -> None:
    """A fault where the checks never go proves nothing, so none is made there."""
    assert {mutant.line for mutant in mutate("a.py", SOURCE, frozenset({7, 8}))} == {7, 8}


def test_every_mutant_is_one_fault_that_compiles() -> None:
    """Each differs from the source in one place, from every other, and from prose and docstrings not at all."""
    mutants = list(mutate("a.py", SOURCE, frozenset(range(1, 20))))
    assert len({mutant.source for mutant in mutants}) == len(mutants) >= 5
    for mutant in mutants:
        compile(mutant.source, "mutant", "exec")
        assert mutant.diff.count("\n-") + mutant.diff.startswith("-") == 1
        assert "docstring is not mutated" in mutant.source and '"int"' in mutant.source
        assert '"prose is not judged"' in mutant.source


def test_a_fault_keeps_its_id_when_lines_move() -> None:
    """The id is of the fault, not of the place."""
    before = {mutant.id for mutant in mutate("a.py", SOURCE, frozenset({7}))}
    moved = {mutant.id for mutant in mutate("a.py", "\n\n" + SOURCE, frozenset({9}))}
    assert before == moved


def test_good_checks_catch_the_faults_and_the_result_is_kept(mini: Mini) -> None:
    """The first run grades them all, the second a sample, and a change of the checks all again."""
    first = survive(mini)
    assert first.graded == first.mutants > 10
    assert first.caught >= first.mutants - 3
    kept = json.loads((mini.solution / "mutants.json").read_text())
    assert len(kept["fates"]) == first.mutants
    assert not inspect(mini.course, mini.course.exercise("hello"))
    again = survive(mini)
    assert again.graded == 1
    assert (again.mutants, again.caught) == (first.mutants, first.caught)
    checks = mini.exercise / "checks" / "test_hello.py"
    checks.write_text(checks.read_text() + "\n# a change\n")
    assert survive(mini).graded == first.mutants


def test_a_kept_result_that_is_not_repeated_is_a_finding(graded: Mini) -> None:
    """Results cannot be written by hand: what is recomputed has to agree."""
    path = graded.solution / "mutants.json"
    kept = json.loads(path.read_text())
    kept["fates"] = {name: "" if caught else "greets" for name, caught in kept["fates"].items()}
    path.write_text(json.dumps(kept))
    assert any(
        "kept as not caught, now caught by" in what or "now not caught" in what for what in words(survive(graded))
    )


def test_a_fault_that_is_no_longer_noticed_is_a_finding_until_it_is(graded: Mini) -> None:
    """Weakening a check is found by what it used to catch, again and again, unless --all accepts it."""
    checks = graded.exercise / "checks" / "test_hello.py"
    strong = checks.read_text()
    checks.write_text(strong.replace("first + 1", "first + 1 or second == first - 1"))
    for _ in range(2):
        assert any(
            "counts noticed it, nothing does now: `seen[0] += 1` → `seen[0] -= 1`" in w for w in words(survive(graded))
        )
    checks.write_text(strong)
    assert not [what for what in words(survive(graded)) if "noticed it" in what]
    checks.write_text(strong.replace("first + 1", "first + 1 or second == first - 1"))
    assert not [what for what in words(survive(graded, recompute=True)) if "noticed it" in what]


def test_unreadable_results_are_computed_again(mini: Mini) -> None:
    """A broken file of results costs time and nothing else."""
    (mini.solution / "mutants.json").write_text("{half")
    result = survive(mini)
    assert result.graded == result.mutants


def test_checks_that_catch_too_little_are_a_finding_with_every_survivor(mini: Mini) -> None:
    """An assertion less, and the faults it caught are listed with their places."""
    checks = mini.exercise / "checks" / "test_hello.py"
    checks.write_text(checks.read_text().replace("assert second == first + 1", "assert second"))
    result = survive(mini)
    assert result.rate < 0.95
    assert "of the mutants are caught; at least 95%" in result.findings[0].what
    assert "no check notices `seen[0] += 1` → `seen[0] -= 1`" in words(result)
    survivor = next(finding for finding in result.findings if "-=" in finding.what)
    assert survivor.shown(mini.root).startswith("solutions/01-basics/hello/reference/app.py:9:")


@pytest.fixture
def busy(mini: Mini) -> Path:
    """Has the second grading from now on go wrong by itself; the file has a letter for each that comes so far."""
    gradings = mini.root / "gradings"
    checks = mini.exercise / "checks" / "test_hello.py"
    broken = f"""    word = rng.word()
    with open({str(gradings)!r}, "a+") as file:
        file.write("x")
        file.seek(0)
        if file.read() == "xx":
            raise OSError("busy")
"""
    checks.write_text(checks.read_text().replace("    word = rng.word()\n", broken))
    return gradings


def test_what_may_have_been_the_machine_is_judged_once_more(mini: Mini, busy: Path) -> None:
    """Only a wrong answer catches a fault at once: the grading of the first mutant goes wrong by itself."""
    fates: list[Fate] = []
    survival(mini.course, mini.course.exercise("hello"), workers=1, on_fate=lambda fate, *_: fates.append(fate))
    assert (fates[0].mutant.line, fates[0].caught_by) == (3, "counts")


def test_what_was_caught_before_needs_no_second_proof(mini: Mini, busy: Path) -> None:
    """A program that hangs costs all of its time, so a result that is only repeated costs it once."""
    exercise, reference = mini.course.exercise("hello"), mini.course.reference(mini.course.exercise("hello"))
    mutants = mutants_of(exercise, reference, mini.course.starter(exercise), {"app.py": frozenset({3})})
    busy.write_text("x")
    (fate,) = grade_mutants(exercise, reference, mutants[:1], kept={mutants[0].id: "counts"}, workers=1)
    assert (fate.caught_by, busy.read_text()) == ("greets", "xx")


def test_an_equivalent_is_recorded_with_its_reason(mini: Mini) -> None:
    """A recorded survivor no longer counts; without a reason it is refused."""
    checks = mini.exercise / "checks" / "test_hello.py"
    checks.write_text(checks.read_text().replace("first + 1", "first + 1 or second == first - 1"))
    before = survive(mini)
    entry = "[[equivalent]]\nfile = \"app.py\"\ndiff = '''\n-    seen[0] += 1\n+    seen[0] -= 1'''\n"
    (mini.solution / "equivalent.toml").write_text(entry + 'reason = "Down is as good as up here."\n')
    after = survive(mini)
    assert (after.equivalent, len(after.survivors)) == (before.equivalent + 1, len(before.survivors) - 1)
    (mini.solution / "equivalent.toml").write_text(entry + 'reason = " "\n')
    with pytest.raises(AuthorError, match="a reason"):
        survive(mini)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("seen[0] += 1", "seen[0] -= 1", "is caught, so it is not equivalent"),
        ("seen[0] += 9", "seen[0] -= 9", "is no mutant of the reference any more"),
    ],
)
def test_an_equivalent_that_is_none_is_a_finding(graded: Mini, old: str, new: str, what: str) -> None:
    """What is recorded must still be made, and must still survive."""
    entry = f"[[equivalent]]\nfile = \"app.py\"\ndiff = '''\n-    {old}\n+    {new}'''\nreason = \"x\"\n"
    (graded.solution / "equivalent.toml").write_text(entry)
    assert any(what in found for found in words(survive(graded)))


def test_a_reference_that_fails_has_no_mutants(mini: Mini) -> None:
    """Faults in what is already wrong prove nothing, and the message says where."""
    mini.write(mini.solution / "reference", app_py=_APP.replace("+= 1", "+= 3"))
    with pytest.raises(AuthorError, match="does not pass"):
        survive(mini)


def test_what_the_starter_gives_is_not_mutated(mini: Mini) -> None:
    """A file that learners get as it is belongs to the course, not to the solution."""
    for folder in (mini.exercise / "starter", mini.solution / "reference"):
        mini.write(folder, given_py="def given():\n    return 1 + 1\n")
    app = mini.solution / "reference" / "app.py"
    app.write_text("import given\ngiven.given()\n" + app.read_text())
    survive(mini)
    assert "given" not in " ".join(survivor.finding.what for survivor in survive(mini).survivors)


def test_of_a_file_that_is_given_only_what_was_added_is_mutated(mini: Mini) -> None:
    """Where a solution changes a given file, the lines that were there before are none of its faults."""
    given = "def given():\n    return 1 + 1\n"
    mini.write(mini.exercise / "starter", given_py=given)
    mini.write(mini.solution / "reference", given_py=given + "\n\ndef own():\n    return 7 - 2\n")
    app = mini.solution / "reference" / "app.py"
    app.write_text("import given\ngiven.given(), given.own()\n" + app.read_text())
    survivors = " ".join(survivor.finding.what for survivor in survive(mini).survivors)
    assert "7 - 2" in survivors
    assert "1 + 1" not in survivors


def test_verify_reports_the_mutants(graded: Mini, grader: Callable[..., Finished]) -> None:
    """The command says how many were caught, and --json says it to machines."""
    finished = grader("verify", "--jobs", "1", "hello", "--mutants")
    assert "mutants caught" in finished.out
    counted = json.loads(grader("verify", "--jobs", "1", "hello", "--mutants", "--json").out)["mutants"]
    assert counted[0]["exercise"] == "hello" and counted[0]["mutants"] > 10
