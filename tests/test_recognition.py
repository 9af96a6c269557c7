"""Known mistakes: how they are learned, when a report names one, and when it keeps silent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring import signatures
from grader.authoring.signatures import learn
from grader.authoring.survival import survival
from grader.authoring.verify import verify
from grader.course import Variant
from grader.course.signatures import Signatures, dumps, read
from grader.grading.recognition import guessed, recognise
from grader.model import Check, CheckResult, Outcome
from tests.conftest import _APP, Finished, Mini

COUNTS_TWICE = _APP.replace("+= 1", "+= 2")


def found(mini: Mini, *, relearn: bool = False) -> list[str]:
    exercise = mini.course.exercise("hello")
    findings = verify(mini.course, (exercise,), workers=1, relearn=relearn).findings
    return [finding.shown(mini.root) for finding in findings]


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny course says the same whatever the seed, so two samples show what six would."""
    monkeypatch.setattr(signatures, "SAMPLES", 2)


_learned: list[str] = []


@pytest.fixture
def learned(mini: Mini) -> Mini:
    """The tiny course after ``grader verify``; what it keeps is learned once for all tests."""
    file = mini.solution / "signatures.json"
    if _learned:
        file.write_text(_learned[0])
    else:
        assert found(mini) == []
        _learned.append(file.read_text())
    return mini


def guesses(mini: Mini) -> dict[str, str]:
    """What ``check`` guesses about ``work/hello``, by check id."""
    report = mini.grade()
    told = recognise(report, mini.course.signatures(report.exercise))
    assert [replace(result, guess="") for result in told.results] == list(report.results)
    return {result.check.id: result.guess for result in told.results if result.guess}


def failing(**messages: str) -> dict[str, CheckResult]:
    """Failures by check, as a report would hold them, of a course with checks ``a`` and ``b``."""
    return {
        name: CheckResult(Check(name, name, "", 1, 1, (), False, Path(__file__), 1), Outcome.FAILED, message)
        for name, message in messages.items()
    }


def taught(**mistakes: list[dict[str, CheckResult]]) -> Signatures:
    """Learned from the failures of mistakes named ``a__slug``; nothing is known of a starter."""
    variants = {
        Variant("wrong", name, Path(name.replace("__", "--")), (), name.partition("__")[0]): samples
        for name, samples in mistakes.items()
    }
    return learn(variants, [{}])


def test_a_known_mistake_is_named_as_a_guess(learned: Mini, grader: Callable[..., Finished]) -> None:
    """The report says what it looks like, in the words of WRONG.md, and the marks stay as they are."""
    text = "The author counts in twos. The client sees every second number.\n"
    (learned.solution / "wrong" / "counts--mistake-0" / "WRONG.md").write_text(text)
    learned.submit(app_py=COUNTS_TWICE)
    assert guesses(learned) == {
        "counts": "It looks like your program counts in twos. The client sees every second number."
    }
    shown = grader("check", "hello")
    assert "It looks like your program counts in twos." in shown.out
    checks = json.loads(grader("check", "hello", "--json").out)["checks"]
    assert [bool(check["guess"]) for check in checks] == [False, True]


def test_the_same_mistake_in_other_code_is_recognised(learned: Mini) -> None:
    """What is compared is how the program behaves."""
    learned.submit(app_py=_APP.replace("seen[0] += 1", "seen.append(0)").replace("seen[0]}", "2 * len(seen) - 2}"))
    assert list(guesses(learned)) == ["counts"]


def test_an_unknown_mistake_is_not_guessed_at(learned: Mini) -> None:
    """A failure like none of the known ones is told without a guess."""
    learned.submit(app_py=_APP.replace("+= 1", "+= 7"))
    assert guesses(learned) == {}


def test_right_solutions_and_the_starter_trigger_nothing(learned: Mini) -> None:
    """Whoever has not begun, or has finished, has made no mistake."""
    for variant in (
        learned.course.starter(learned.course.exercise("hello")),
        *learned.course.also(learned.course.exercise("hello")),
    ):
        learned.submit(**{path.name.replace(".py", "_py"): path.read_text() for path in variant.path.iterdir()})
        assert guesses(learned) == {}


def test_a_mistake_beside_another_failure_is_recognised(learned: Mini) -> None:
    """Learners make more than one mistake; each that is known is named where it shows."""
    learned.write(
        learned.exercise / "checks",
        test_hello_py=(learned.exercise / "checks" / "test_hello.py")
        .read_text()
        .replace('@pytest.mark.after("test_greets")\n', ""),
    )
    assert found(learned) == []
    learned.submit(app_py=COUNTS_TWICE.replace('request.args["name"]', '"you1"'))
    assert list(guesses(learned)) == ["greets", "counts"]


def test_what_is_kept_is_proved_again_and_not_learned_again(learned: Mini) -> None:
    """The file stays as it is while the exercise does, and a change of the checks renews it."""
    file = learned.solution / "signatures.json"
    before = file.stat().st_mtime_ns
    assert found(learned) == []
    assert file.stat().st_mtime_ns == before
    checks = learned.exercise / "checks" / "test_hello.py"
    checks.write_text(checks.read_text() + "\n# a change\n")
    assert found(learned) == []
    assert file.stat().st_mtime_ns > before


def test_a_sample_of_what_was_learned_is_a_few_gradings(learned: Mini, grader: Callable[..., Finished]) -> None:
    """The command takes the reference and one more, and one mutant of those that are kept."""
    survival(learned.course, learned.course.exercise("hello"), workers=1)
    sampled = grader("verify", "--jobs", "1", "--sample", "--mutants")
    assert "1 exercises, 2 gradings" in sampled.out and "; 1 graded now" in sampled.out


def test_signatures_that_no_longer_hold_are_a_finding(learned: Mini) -> None:
    """A kept file that recognises nobody, or the wrong one, is not believed."""
    file = learned.solution / "signatures.json"
    stored = json.loads(file.read_text())
    one, two = (stored["mistakes"][f"counts--mistake-{n}"]["symptoms"] for n in (0, 1))
    one["counts"], two["counts"] = two["counts"], one["counts"]
    file.write_text(json.dumps(stored))
    told = " ".join(found(learned))
    assert "its failures are taken for those of wrong/counts--mistake-1" in told
    assert "it is not recognised in" in told and "grader verify --all" in told
    assert found(learned, relearn=True) == []


def test_two_mistakes_that_look_alike_are_a_finding(mini: Mini) -> None:
    """An author hears which one it cannot be told from, and no report guesses between them."""
    twin = _APP.replace("seen[0] += 1", "seen[0] = seen[0] + 2")
    mini.write(mini.solution / "wrong" / "counts--twin", app_py=twin, WRONG_md="The author adds. It costs.\n")
    told = found(mini)
    assert any("it fails like wrong/counts--twin" in f and "mistake-0: it" in f for f in told)
    mini.submit(app_py=COUNTS_TWICE)
    assert guesses(mini) == {}


def test_a_text_that_does_not_speak_of_its_author_is_a_finding(mini: Mini) -> None:
    """The sentence has to fit behind "It looks like your program"."""
    (mini.solution / "wrong" / "counts--mistake-0" / "WRONG.md").write_text("It counts in twos. It costs.\n")
    assert any("WRONG.md:1: it begins with 'The author '" in finding for finding in found(mini))


def test_random_words_are_taken_out_and_what_is_the_same_word_is_kept() -> None:
    """A template says that two random words are one word, and forgets which."""
    known = taught(
        a__echo=[failing(a="expected kaba, got lumo"), failing(a="expected rezi, got sato")],
        a__same=[failing(a="expected kaba, got kaba kaba"), failing(a="expected rezi, got rezi rezi")],
    )
    assert [m.name for m in guessed(failing(a="expected tipo, got nafe"), known)] == ["a--echo"]
    assert [m.name for m in guessed(failing(a="expected tipo, got tipo tipo"), known)] == ["a--same"]
    assert guessed(failing(a="expected tipo, got tipo nafe"), known) == []
    assert guessed(failing(a="expected tipo, but got nafe"), known) == []


def test_what_is_learned_does_not_depend_on_how_random_words_lay() -> None:
    """Beside a gap only words that are said again count, between two gaps only constant ones."""
    learned = ("got kaba kaba lumo lumo at rezi", "got sato tipo nafe at mora mora")
    known = taught(a__late=[failing(a=message) for message in learned])
    for message in ("got tipo at nafe", "got <b> & a ' b at - c"):
        assert [m.name for m in guessed(failing(a=message), known)] == ["a--late"]
    assert guessed(failing(a="got tipo before nafe"), known) == []
    echoes = taught(a__echo=[failing(a="sent kaba lumo, got kaba"), failing(a="sent sato tipo nafe, got sato")])
    assert [m.name for m in guessed(failing(a="sent rezi mora, got rezi"), echoes)] == ["a--echo"]
    assert guessed(failing(a="sent rezi mora, got mora"), echoes) == []


def test_what_was_learned_today_holds_tomorrow() -> None:
    """The date of a moment is the same in every sample of a day, and says nothing of the mistake."""
    said = 'expected "{}", got "{}"'
    day = [
        ("2026-11-25T23:50:24.041+00:00", "2026-11-25T23:50:24.019Z"),
        ("2026-11-25T23:51:07.2Z", "2026-11-25T23:51:07"),
    ]
    known = taught(a__late=[failing(a=said.format(*moments)) for moments in day])
    tomorrow = failing(a=said.format("2027-02-03T00:57:24.100+01:00", "2027-02-03T00:57:24.090+01:00"))
    assert [m.name for m in guessed(tomorrow, known)] == ["a--late"]
    assert guessed(failing(a=said.format("2027-02-03T00:57:24.100+01:00", "") + " twice"), known) == []
    for one, other, later in (
        ("2026-11-25 23:50", "2026-11-25 23:51", "2027-02-03 00:57"),
        ("Wed, 25 Nov 2026 23:50:24 GMT", "Wed, 25 Nov 2026 23:50:25 GMT", "Wed, 03 Feb 2027 00:57:24 GMT"),
    ):
        known = taught(a__late=[failing(a=f"expected now, got {moment!r}") for moment in (one, other)])
        assert [m.name for m in guessed(failing(a=f"expected now, got {later!r}"), known)] == ["a--late"]


def test_of_two_that_fit_the_more_particular_is_meant() -> None:
    """A mistake with more symptoms beats one that shares some of them; the general one stands alone."""
    known = taught(
        a__small=[failing(a="expected 4, got 5"), failing(a="expected 4, got 6")],
        a__large=[failing(a="expected 4, got 5", b="no"), failing(a="expected 4, got 7", b="no")],
    )
    assert [m.name for m in guessed(failing(a="expected 4, got 8"), known)] == ["a--small"]
    assert [m.name for m in guessed(failing(a="expected 4, got 8", b="no"), known)] == ["a--large"]
    assert guessed(failing(b="no"), known) == []


def test_when_two_explain_one_failure_neither_is_guessed() -> None:
    """A guess between two is worth nothing."""
    known = taught(a__one=[failing(a="got 4")], b__two=[failing(a="got 4", b="x")], a__three=[failing(a="got 4")])
    assert guessed(failing(a="got 4"), known) == []


def test_the_file_gives_back_what_was_learned(tmp_path: Path) -> None:
    """Written and read, nothing is lost; what cannot be read is as if it were not there."""
    known = taught(a__x=[failing(a="gap 1 2 end ß"), failing(a="gap 3 end ß")], b__y=[failing(b="")])
    file = tmp_path / "signatures.json"
    file.write_text(dumps(known))
    assert read(file) == known
    for broken in ("{half", "[]", '{"key": 1, "untouched": [], "mistakes": {}}'):
        file.write_text(broken)
        assert read(file) == Signatures()
