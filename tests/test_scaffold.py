"""A new exercise: what is written works at once, says what it still lacks, and never costs anybody a file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from grader.authoring import scaffold
from grader.authoring.findings import inspect
from grader.authoring.unwritten import writing_order
from grader.course import manifest
from grader.errors import GraderError, UsageError
from grader.model import Limits, Outcome
from tests.conftest import Finished, Mini
from tests.test_lessons import FIELDS, SECTIONS

Run = Callable[..., Finished]
KINDS = pytest.mark.parametrize("functions", [False, True], ids=["program", "functions"])
ORDER = ["exercise.toml", "README.md", "checks", "starter", "reference", "hints.md", "wrong", "also", "notes.md"]
MARK = re.compile(r"\[\[FILL:[^\]]*\]\]")


def add(mini: Mini, place: str = "01-basics/tags", **options: object) -> str:
    planned = scaffold.draft(mini.course, place, **options)  # type: ignore[arg-type]
    scaffold.write(mini.course, planned)
    return planned.id


def halves(mini: Mini, name: str) -> list[Path]:
    return [mini.root / half / "01-basics" / name for half in ("exercises", "solutions")]


def everything(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() if path.is_file() else "" for path in root.rglob("*")}


@KINDS
def test_a_new_exercise_only_lacks_what_is_still_to_be_written(mini: Mini, grader: Run, functions: bool) -> None:
    """The reference passes, the starter and the wrong solution fail, and verify finds nothing but gaps."""
    made = grader("new", "01-basics/tags", *(["--functions"] if functions else []))
    assert made.code == 0, made.err
    assert "verify tags" in made.out
    assert "exercises/01-basics/tags/" in made.out and "solutions/01-basics/tags/" in made.out
    finished = grader("verify", "--jobs", "1", "tags")
    assert finished.code == 3
    *found, summary = finished.out.splitlines()
    assert "1 exercises, 7 gradings" in summary
    others = [line for line in found if not re.search(r":\d+: still to be written: .", line)]
    assert others == ["solutions/01-basics/tags/wrong: 1 wrong solution; an exercise has at least 5"]
    places = [line.split("/")[3].partition(":")[0] for line in found]
    assert [place for place, _ in itertools.groupby(places)] == ORDER, "the order in which an author works"


def test_findings_come_exercise_by_exercise(mini: Mini) -> None:
    """Both halves of one exercise stand together, below the lesson of their stage."""
    paths = [
        mini.root / name
        for name in (
            "curriculum/01-basics/index.md",
            "exercises/01-basics/hello/exercise.toml",
            "solutions/01-basics/hello/reference",
            "exercises/01-basics/hello/hints.md",
            "solutions/01-basics/hello/stray",
            "exercises/01-basics/tags",
            "exercises/01-basics/tags/README.md",
            "curriculum/02-data/index.md",
            "exercises/02-data/alpha/README.md",
        )
    ]
    backwards = paths[::-1]
    assert sorted(backwards, key=lambda path: writing_order(path, mini.root)) == paths


@KINDS
def test_filled_in_it_is_sound(mini: Mini, grader: Run, functions: bool) -> None:
    """With every mark replaced and four more wrong solutions there is nothing left to find."""
    add(mini, functions=functions)
    for path in (path for half in halves(mini, "tags") for path in half.rglob("*") if path.is_file()):
        path.write_text(MARK.sub("Done.", path.read_text()))
    [first] = (halves(mini, "tags")[1] / "wrong").iterdir()
    module = "functions.py" if functions else "app.py"
    for name in ("Eve", "Bob", "Kim", "Max"):
        slug = first.with_name(f"greets-whoever-is-named--knows-{name.lower()}")
        words = "The author took one name for every name. It costs all others."
        mini.write(slug, **{module: (first / module).read_text().replace("Ada", name), "WRONG.md": words})
    finished = grader("verify", "--jobs", "1", "tags")
    assert finished.code == 0, finished.out
    assert "sound" in finished.out


@KINDS
def test_what_a_learner_gets_says_what_to_do(mini: Mini, grader: Run, functions: bool) -> None:
    """start, check, hint and show work on it; the untouched starter fails as an answer, not as a crash."""
    exercise = mini.course.exercise(add(mini, functions=functions))
    assert grader("start", "tags").code == 0
    checked = grader("check", "tags")
    assert checked.code == 1 and "0 of 1" in checked.out and "expected" in checked.out
    assert "hint 1 of 3: Idea" in grader("hint", "tags", "1").out
    assert grader("show", "tags").code == 0
    assert (exercise.path / "starter" / "Procfile").exists() is not functions


def test_every_field_of_a_manifest_is_explained(mini: Mini) -> None:
    """A field that exercise.toml may have stands in the new one, on a line with a comment."""
    lines = (mini.course.exercise(add(mini)).path / "exercise.toml").read_text().splitlines()
    known = {*manifest._REQUIRED, *manifest._OPTIONAL} - {"limits"}
    known |= {field.name for field in fields(Limits) if field.name not in ("memory_mb", "processes")}
    explained = {found[1] for line in lines if (found := re.match(r"(?:# )?(\w+) = .+  # .", line))}
    assert known <= explained, f"not explained in templates.py: {known - explained}"
    assert any(re.match(r"# \[limits\]", line) for line in lines)


def test_what_the_roadmap_promises_is_filled_in(mini: Mini) -> None:
    """A planned exercise begins with the topics whose rows name it, a planned stage is offered with its title."""
    (mini.root / "curriculum" / "roadmap.toml").write_text(
        '[roadmaps]\n1 = "One"\n\n[[stage]]\nfolder = "01-basics"\ntitle = "Basics"\n\n'
        '[[stage]]\nfolder = "02-data"\ntitle = "Data at rest"\n\n'
        '[[topic]]\nnumber = "01.02"\nstage = "01-basics"\nkind = "topic"\nitem = "Tags"\nhere = "Tags"\n'
        'from = ["1:3"]\nexercises = ["tags"]\n'
    )
    assert mini.course.exercise(add(mini)).topics == ("01.02",)
    with pytest.raises(UsageError, match="no stage '02-data'") as refused:
        add(mini, "02-data/tables")
    assert 'new 02-data/tables --new-stage "Data at rest"' in str(refused.value)


@pytest.mark.parametrize(
    "text", ["FILL", "FILL: it", "[FILL: it]", "[FILL for FILL in range(3)]", "FILLFACTOR", "[[fill: it]]"]
)
def test_nothing_else_counts_as_unwritten(mini: Mini, text: str) -> None:
    """The word alone, in prose or as a name of a program's own, is no finding."""
    for path in (mini.exercise / "hints.md", mini.solution / "reference" / "app.py"):
        path.write_text(path.read_text() + f"\n# {text}\n")
    (mini.solution / "notes.md").write_bytes(b"\xff\xfe not text " + text.encode())
    exercise = mini.course.exercise("hello")
    assert not [finding for finding in inspect(mini.course, exercise) if "written" in finding.what]


def test_a_new_stage_comes_with_its_lesson(mini: Mini, grader: Run) -> None:
    """--new-stage writes a page of the agreed form, and its gap is among the findings."""
    made = grader("new", "02-data/tables", "--functions", "--new-stage", "Data  at rest")
    assert made.code == 0, made.err
    page = (mini.root / "curriculum" / "02-data" / "index.md").read_text()
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == SECTIONS
    assert re.findall(r"^(\w+):", page, re.MULTILINE) == FIELDS
    assert [stage.title for stage in mini.course.stages] == ["Basics", "Data at rest"]
    found = [finding.shown(mini.root) for finding in inspect(mini.course, mini.course.exercise("tables"))]
    assert found[0].startswith("curriculum/02-data/index.md:13: still to be written:")


REFUSED: list[tuple[str, list[str], str, str]] = [
    ("no stage", ["tags"], "does not say where", "new 01-basics/tags"),
    ("a path", ["exercises/01-basics/tags/"], "does not say where", "new 01-basics/tags"),
    ("an unknown stage", ["01-basic/tags"], "did you mean '01-basics'", "new 01-basics/tags"),
    ("a stage without a number", ["basics/tags"], "a stage is named NN-name", "new 01-basics/tags"),
    ("nothing like a stage there is", ["07-queues/tags"], "there is no stage '07-queues'", 'new 07-queues/tags --new-stage "Title"'),
    ("a new stage that is there", ["01-basics/tags", "--new-stage", "B"], "is there already", "new 01-basics/tags"),
    ("a number that is taken", ["01-data/tags", "--new-stage", "D"], "belongs to the stage '01-basics'", "new 02-data/tags --new-stage"),
    ("a new stage without a number", ["data/tags", "--new-stage", "D"], "a stage is named NN-name", "new 02-data/tags --new-stage"),
    ("a new stage without a title", ["02-data/tags", "--new-stage", " "], "needs a title", "new 02-data/tags --new-stage"),
    ("an id in capitals", ["01-basics/NotesCrud"], "is not an id", "new 01-basics/notes-crud"),
    ("an id with a digit in front", ["01-basics/2_tags"], "is not an id", "new 01-basics/tags"),
    ("no id", ["01-basics/"], "does not say where", "new 01-basics/"),
    ("an id of another stage", ["02-data/hello", "--new-stage", "D"], "the id 'hello' is used already", "verify hello"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "what", "instead"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_cannot_be_is_refused_with_what_to_type(
    mini: Mini, grader: Run, words: list[str], what: str, instead: str
) -> None:
    """A wrong place, stage or id ends with 2, says what to type instead, and writes nothing."""
    before = everything(mini.root)
    finished = grader("new", *words)
    assert finished.code == 2
    assert what in finished.err and instead in finished.err
    assert everything(mini.root) == before


@pytest.mark.parametrize("half", ["exercises/01-basics/tags", "solutions/01-basics/tags", "curriculum/02-data"])
def test_what_is_there_is_never_overwritten(mini: Mini, half: str) -> None:
    """A folder in the way is named and keeps every byte, even if it is no exercise."""
    mini.write((mini.root / half).parent, **{Path(half).name: "mine"})
    before = everything(mini.root)
    options = {"new_stage": "Data"} if "02" in half else {}
    with pytest.raises(UsageError, match=r"there already|is used already") as refused:
        add(mini, "02-data/tags" if options else "01-basics/tags", **options)
    assert refused.value.where == str(mini.root / half)
    assert everything(mini.root) == before


@pytest.mark.parametrize("obstacle", ["solutions/02-data", "solutions/02-data/tags", "curriculum/02-data"])
def test_a_failure_half_way_leaves_nothing_behind(mini: Mini, obstacle: str) -> None:
    """What was written before the failure is taken away again, and what caused it stays."""
    planned = scaffold.draft(mini.course, "02-data/tags", new_stage="Data")
    if obstacle == "solutions/02-data":
        (mini.root / obstacle).write_text("a file where a folder should be")
    else:
        mini.write(mini.root / obstacle, **{"mine.txt": "mine"})
    before = everything(mini.root)
    with pytest.raises(GraderError, match="nothing of it is left"):
        scaffold.write(mini.course, planned)
    assert everything(mini.root) == before


def test_ctrl_c_half_way_leaves_nothing_behind(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    """Being stopped between the two halves is a failure half-way, too."""
    planned = scaffold.draft(mini.course, "02-data/tags", new_stage="Data")
    before = everything(mini.root)
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        if "solutions" in path.parts:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scaffold.write(mini.course, planned)
    assert everything(mini.root) == before


def test_the_starter_of_a_new_exercise_is_judged_not_broken(mini: Mini) -> None:
    """The example check fails the starter in the words of a check, in both kinds."""
    from grader.grading import Options, collect, grade

    for name, functions in (("tags", False), ("words", True)):
        exercise = mini.course.exercise(add(mini, f"01-basics/{name}", functions=functions))
        report = grade(exercise, collect(exercise, exercise.path / "starter"), Options("0"))
        assert [result.outcome for result in report.results] == [Outcome.FAILED]
