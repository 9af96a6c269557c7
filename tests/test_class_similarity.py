"""Which programs are alike: what does not hide a likeness, what makes none, and what may not stop the search."""

from __future__ import annotations

import keyword
import random
import re
import time
from pathlib import Path

import pytest

from grader.classroom import similarity
from grader.classroom.similarity import COMMON_LEAST, Pair, gathered, lines, similar
from tests.conftest import REPOSITORY

NOTES = REPOSITORY / "solutions" / "02-rest" / "notes-crud"


def program(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.py"))}


REFERENCE = program(NOTES / "reference")
OTHER = program(NOTES / "also" / "standard-library")
THIRD = program(NOTES / "also" / "store-and-views")


def written(seed: int, functions: int = 25) -> bytes:
    """A program like no other: about eight lines for each function."""
    rng = random.Random(seed)
    parts = ["import json\n"]
    for number in range(functions):
        body = []
        for _ in range(6):
            a, b = rng.sample(["total", "items[0]", "len(items)", "data.get('a')", "7", "-1", "f(x, 3)", "[]"], 2)
            sign = rng.choice(["+", "-", "*", "//", "%", "and", "or", "==", "<", "in"])
            shape = rng.choice(
                ["{0} = {1} {2} {3}", "if {1} {2} {3}:\n        {0} = {1}", "return [{1} {2} i for i in {3}]"]
            )
            body.append("    " + shape.format(rng.choice(["x", "total", "self.y"]), a, sign, b))
        parts.append(f"def function_{number}(items, data):\n" + "\n".join(body) + "\n")
    return "\n".join(parts).encode()


def disguised(code: bytes) -> bytes:
    """The same program with other names, comments, docstrings, blank lines and strings."""
    text = re.sub(r'"""(?:.|\n)*?"""', '"""Something else\nentirely."""', code.decode())
    text = re.sub(r"#.*", "# mine", text)
    known = set(keyword.kwlist)
    text = re.sub(r"\b[a-z_]{4,}\b", lambda found: found[0] if found[0] in known else "q" + found[0][::-1], text)
    return text.replace("\n", "\n\n").replace(" = ", "   =  ").encode()


def only(pairs: list[Pair]) -> Pair:
    assert len(pairs) == 1, pairs
    return pairs[0]


def test_names_comments_and_layout_hide_nothing() -> None:
    """A disguised copy is nearly all alike, and nobody else is in a pair."""
    pair = only(similar({"a": REFERENCE, "b": {"main.py": disguised(REFERENCE["app.py"])}, "c": OTHER}))
    assert (pair.left, pair.right) == ("a", "b")
    assert pair.share > 0.9 and pair.shared > 30


def test_the_same_contract_alone_is_no_likeness() -> None:
    """Three programs for one exercise, each written by itself."""
    assert similar({"a": REFERENCE, "b": OTHER, "c": {"x.py": written(1)}}) == []


def test_a_part_is_found_where_it_is_and_measured_by_the_smaller() -> None:
    """A program inside a larger one, in other files: the whole of the smaller, on the right lines."""
    inside = b"\n".join([written(3, 8), REFERENCE["app.py"], written(4, 8)])
    pair = only(similar({"a": {"app.py": inside}, "b": REFERENCE}))
    assert pair.share > 0.9
    start = lines(inside).index('"""The Notes API in memory: a dictionary, a counter, and one place for errors."""')
    for match in pair.matches:
        (left, left_end), (right, right_end) = match.left_lines, match.right_lines
        assert lines(inside)[left - 1 : left_end] == lines(REFERENCE["app.py"])[right - 1 : right_end]
        assert left - right == start
    assert sum(match.right_lines[1] - match.right_lines[0] for match in pair.matches) > 40


def test_what_was_handed_out_counts_for_nobody() -> None:
    """Two who both keep the starter are alike in what they wrote, and that is nothing."""
    mine, yours = {"app.py": REFERENCE["app.py"] + written(5, 10)}, {"app.py": REFERENCE["app.py"] + written(6, 10)}
    assert similar({"a": mine, "b": yours})
    assert similar({"a": mine, "b": yours}, given=[REFERENCE]) == []
    assert similar({"a": REFERENCE, "b": REFERENCE}, given=[{"other/name.py": REFERENCE["app.py"]}]) == []


def test_what_much_of_the_class_has_counts_for_nobody() -> None:
    """A page of the web that nine of twelve took tells them not apart; what two of them share does."""
    shared = REFERENCE["app.py"]
    files = {f"s{n:02}": {"app.py": written(n + 10, 10) + shared * (n < 9)} for n in range(12)}
    assert similar(files) == []
    files["s11"] = {"app.py": written(10, 10) + shared}
    pair = only(similar(files))
    assert (pair.left, pair.right) == ("s00", "s11") and pair.share == 1.0


def test_in_a_small_class_nothing_is_common() -> None:
    """Of four who hand in the same, each pair is told."""
    assert len(similar(dict.fromkeys("abcd"[: COMMON_LEAST - 1], REFERENCE))) == 6


def test_other_languages_are_read_by_words() -> None:
    """A program in JavaScript is compared by what stands in it."""
    script = "\n".join(
        f"app.get('/{n}', (req, res) => {{ res.json({{ id: {n * n} }}); }});" for n in range(40)
    ).encode()
    other = "\n".join(f"const value{n} = compute(first{n * 3}) || other['{n}'];" for n in range(40)).encode()
    pair = only(similar({"a": {"app.js": script}, "b": {"index.js": script}, "c": {"app.js": other}}))
    assert pair.share == 1.0


def test_the_order_of_submissions_changes_nothing() -> None:
    """Pairs, shares and places are the same."""
    files = {"a": REFERENCE, "b": {"m.py": disguised(REFERENCE["app.py"])}, "c": OTHER, "d": OTHER}
    assert similar(files) == similar(dict(reversed(files.items())))


def test_what_tools_wrote_is_not_read() -> None:
    """The same lock file is no likeness."""
    lock = "\n".join(f'"package-{n}": "sha512-{n * 7919}"' for n in range(200)).encode()
    assert similar({"a": {"package-lock.json": lock}, "b": {"package-lock.json": lock}}) == []


HOSTILE = {
    "nothing": b"",
    "binary": bytes(range(256)) * 4_000,
    "ten megabytes": b"x = 1\n" * 1_700_000,
    "one line of a megabyte": b"x=" + b"(1+" * 350_000,
    "quotes": b"\"'" * 500_000,
    "deep nesting": b"(" * 100_000,
    "deep blocks": b"".join(b" " * n + b"if x:\n" for n in range(300)),
    "never closed": b'def f():\n    """' + b"text\n" * 20_000,
    "wrong indents": b"".join(b" " * (n * 7 % 13) + b"x = 1\n" for n in range(5_000)),
    "no utf-8": b"\xff\xfe\xfd = 1\n" * 5_000,
    "separators": "x = 1\u2028y = 2\x0c\x1c\n".encode() * 5_000,
    "f-strings": b'f"{f"{f"{f"{1}"}"}"}"\n' * 3_000,
    "backslashes": b"\\\n" * 50_000,
    "nulls": b"x = 1\n\0\n" * 1_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_in_a_file_raises_or_takes_long(what: str) -> None:
    """Alone and beside itself, as Python and as text; and whoever is next to it is compared all the same."""
    content = HOSTILE[what]
    started = time.process_time()
    files = {
        "a": {"app.py": content, "notes.md": content},
        "b": {"app.py": content, "notes.md": content},
        "c": REFERENCE | {"evil.py": content},
        "d": {"m.py": disguised(REFERENCE["app.py"]), "evil.py": content},
    }
    pairs = similar(files)
    assert ("c", "d") in {(pair.left, pair.right) for pair in pairs}
    assert time.process_time() - started < 8


def test_an_error_costs_a_line_and_not_the_file() -> None:
    """A copy that no longer runs is found all the same."""
    broken = (
        REFERENCE["app.py"].replace(b"def find(", b"def find(]\n     wrong = $\n  def find(").replace(b"lock", b"?")
    )
    assert only(similar({"a": REFERENCE, "b": {"app.py": broken}})).share > 0.5


def test_many_files_and_many_names_are_capped() -> None:
    """Ten thousand files of one submission are not all read."""
    files = {f"m{n}.py": b"x = 1\n" for n in range(10_000)}
    started = time.process_time()
    assert similar({"a": files, "b": files}) == []
    assert time.process_time() - started < 3


def test_a_large_class_takes_seconds() -> None:
    """400 programs of 200 lines, two of them alike."""
    files = {f"s{number:03}": {"app.py": written(number + 100)} for number in range(400)}
    files["s123"] = {"main.py": disguised(files["s321"]["app.py"])}
    assert len(lines(files["s000"]["app.py"])) >= 200
    started = time.process_time()
    pairs = similar(files)
    assert time.process_time() - started < 15
    assert (pairs[0].left, pairs[0].right) == ("s123", "s321") and pairs[0].share > 0.9
    assert all(pair.share < 0.5 for pair in pairs[1:])


def test_words_are_no_judgement() -> None:
    """Nothing here speaks of guilt."""
    text = Path(similarity.__file__).read_text(encoding="utf-8").lower()
    assert not re.search(r"cheat|plagiar|copied|guilt|suspect|fraud", text)


def test_copies_of_one_program_are_told_once() -> None:
    """Everybody who has the whole of it, by the first pair; what is only alike stays a pair of its own."""
    pairs = [
        Pair("a", "b", 1.0, 90), Pair("c", "d", 1.0, 80), Pair("a", "e", 1.0, 70), Pair("b", "e", 1.0, 70),
        Pair("e", "d", 1.0, 60), Pair("f", "g", 1.0, 50), Pair("a", "g", 0.9, 40), Pair("a", "h", 0.8, 30),
    ]  # fmt: skip
    told = [(pair.left + pair.right, "".join(sorted(others))) for pair, others in gathered(pairs)]
    assert told == [("ab", "cde"), ("fg", ""), ("ag", ""), ("ah", "")]
    assert gathered([]) == []
