"""Finding and reading exercises: order, ids, declared checks, pages and hints."""

from __future__ import annotations

import pytest

from grader.course import Course
from grader.errors import AuthorError, GraderError, UsageError
from tests.conftest import REPOSITORY, Mini


def add(mini: Mini, stage: str, name: str, needs: list[str]) -> None:
    folder = mini.root / "exercises" / stage / name
    manifest = f'title = "T"\nlevel = "hard"\nminutes = 1\ntopics = []\nsubmit = ["*"]\nneeds = {needs!r}\n'
    mini.write(folder, exercise_toml=manifest)


def test_order_inside_a_stage_follows_needs_then_name(mini: Mini) -> None:
    """What builds on another comes after it; otherwise the alphabet decides."""
    add(mini, "01-basics", "alpha", ["omega"])
    add(mini, "01-basics", "omega", ["hello"])
    add(mini, "01-basics", "beta", [])
    [stage] = mini.course.stages
    assert [exercise.id for exercise in stage.exercises] == ["beta", "hello", "omega", "alpha"]
    assert stage.title == "Basics"


def test_exercises_that_need_each_other_are_the_authors_move(mini: Mini) -> None:
    """A circle is named, not walked for ever."""
    add(mini, "01-basics", "alpha", ["beta"])
    add(mini, "01-basics", "beta", ["alpha"])
    with pytest.raises(AuthorError, match="alpha, beta"):
        _ = mini.course.stages


def test_an_id_used_twice_is_the_authors_move(mini: Mini) -> None:
    """Ids are unique over all stages."""
    add(mini, "02-more", "hello", [])
    with pytest.raises(AuthorError, match="used by two stages"):
        mini.course.exercise("hello")


def test_an_unknown_id_without_any_likeness_points_to_the_list(mini: Mini) -> None:
    """Nothing is guessed where nothing is near."""
    with pytest.raises(UsageError) as caught:
        mini.course.exercise("zzzzzz")
    assert "did you mean" not in caught.value.what
    assert caught.value.next_step == "grader list"


def test_the_course_is_found_from_any_folder_inside_it(mini: Mini) -> None:
    """And from anywhere else, the one this program was installed from."""
    assert Course.find(mini.exercise / "checks").root == mini.root
    assert Course.find(mini.root.parent).root == REPOSITORY


def test_no_course_at_all_says_so(mini: Mini, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed without its course and started elsewhere, the program asks for one."""
    monkeypatch.setattr("grader.course.catalogue.__file__", "/nowhere/grader/course/catalogue.py")
    with pytest.raises(GraderError, match="no course here"):
        Course.find(mini.root.parent)


def test_a_check_is_declared_by_its_source_alone(mini: Mini) -> None:
    """Sentence, task, points, ground and freshness come from the text, without running it."""
    mini.write(
        mini.exercise / "checks",
        test_hello_py='''
        import pytest
        raise SystemExit("never run")
        @pytest.mark.task(3)
        @pytest.mark.points(2)
        @pytest.mark.after("test_b_c")
        @pytest.mark.fresh
        def test_a_b(http):
            """It holds, e.g. here.
            And more is said below."""
        def helper():
            pass
        ''',
    )
    [check] = mini.course.exercise("hello").checks
    assert (check.id, check.task, check.points, check.after, check.fresh) == ("a-b", 3, 2, ("b-c",), True)
    assert check.line == 7


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("def test_a(:\n", 1, "does not parse"),
        ("def test_a(http):\n    pass\n", 1, "no docstring"),
        ('def test_a(http):\n    """A."""\n', 1, "names no task"),
        ('@pytest.mark.task("1")\ndef test_a(http):\n    """A."""\n', 2, "names no task"),
        ('@pytest.mark.task(1)\n@pytest.mark.points(0)\ndef test_a(http):\n    """A."""\n', 3, "points"),
        ('@pytest.mark.task(N)\ndef test_a(http):\n    """A."""\n', 2, "plain values"),
        (2 * '@pytest.mark.task(1)\ndef test_a(http):\n    """A."""\n', 5, "declared twice"),
    ],
)
def test_a_check_declared_wrong_names_its_line(mini: Mini, source: str, line: int, words: str) -> None:
    """Every such mistake is the author's move, with the place."""
    mini.write(mini.exercise / "checks", test_hello_py=source)
    with pytest.raises(AuthorError, match=words) as caught:
        mini.course.exercise("hello")
    assert (caught.value.where or "").endswith(f"test_hello.py:{line}")


def test_headings_inside_code_are_not_headings(mini: Mini) -> None:
    """A shell comment in a fenced block does not end a section."""
    page = mini.exercise / "README.md"
    page.write_text("# T\n\n## Tasks\n\n```sh\n## not a heading\n```\n\n1. One,\n   in two lines.\n2. Two.\n")
    found = mini.course.page(mini.course.exercise("hello"))
    assert [(task.number, task.text) for task in found.tasks] == [(1, "One, in two lines."), (2, "Two.")]


def test_a_draft_is_found_by_name_only(mini: Mini) -> None:
    """No list shows it and verify passes it by, but whoever names it can work on it."""
    manifest = mini.root / "exercises" / "01-basics" / "hello" / "exercise.toml"
    manifest.write_text("draft = true\n" + manifest.read_text())
    course = Course(mini.root)
    assert course.ids() == [] and course.ids(drafts=True) == ["hello"]
    assert [stage.exercises for stage in course.stages] == [()]
    assert course.exercise("hello").draft is True
