"""Ten checks of ten functions, three calls each."""

import pytest


@pytest.mark.task(1)
def test_slug(call):
    """A slug has small letters, digits and single hyphens."""
    assert call("functions:slug", "Hello, World") == "hello-world"
    assert call("functions:slug", "  7 ways -- to learn!") == "7-ways-to-learn"
    assert call("functions:slug", "") == ""


@pytest.mark.task(2)
def test_clamp(call):
    """A value outside becomes the nearer end."""
    assert call("functions:clamp", 5, 1, 9) == 5
    assert call("functions:clamp", -5, 1, 9) == 1
    assert call("functions:clamp", 50, 1, 9) == 9


@pytest.mark.task(3)
def test_chunks(call):
    """The last chunk may be shorter."""
    assert call("functions:chunks", [1, 2, 3, 4, 5], 2) == [[1, 2], [3, 4], [5]]
    assert call("functions:chunks", [1, 2], 2) == [[1, 2]]
    assert call("functions:chunks", [], 2) == []


@pytest.mark.task(4)
def test_is_leap(call):
    """Full centuries are leap years only when 400 divides them."""
    assert call("functions:is_leap", 2024) is True
    assert call("functions:is_leap", 1900) is False
    assert call("functions:is_leap", 2000) is True


@pytest.mark.task(5)
def test_roman(call):
    """Four and nine are written by taking away."""
    assert call("functions:roman", 4) == "IV"
    assert call("functions:roman", 1994) == "MCMXCIV"
    assert call("functions:roman", 3888) == "MMMDCCCLXXXVIII"


@pytest.mark.task(6)
def test_caesar(call):
    """Letters go round at the end of the alphabet, the rest stays."""
    assert call("functions:caesar", "xyz", 3) == "abc"
    assert call("functions:caesar", "a b!", 1) == "b c!"
    assert call("functions:caesar", "abc", -1) == "zab"


@pytest.mark.task(7)
def test_median(call):
    """Of an even count it is the mean of the middle two."""
    assert call("functions:median", [3, 1, 2]) == 2
    assert call("functions:median", [4, 1, 3, 2]) == 2.5
    assert call("functions:median", [7]) == 7


@pytest.mark.task(8)
def test_counts(call):
    """Each word is counted."""
    assert call("functions:counts", ["a", "b", "a"]) == {"a": 2, "b": 1}
    assert call("functions:counts", ["x"]) == {"x": 1}
    assert call("functions:counts", []) == {}


@pytest.mark.task(9)
def test_seconds(call):
    """Hours, minutes and seconds become seconds."""
    assert call("functions:seconds", "00:00:09") == 9
    assert call("functions:seconds", "01:01:01") == 3661
    assert call("functions:seconds", "10:00:00") == 36000


@pytest.mark.task(10)
def test_card_is_valid(call):
    """The digits of a card pass Luhn's test."""
    assert call("functions:card_is_valid", "4539148803436467") is True
    assert call("functions:card_is_valid", "8273123273520569") is False
    assert call("functions:card_is_valid", "0") is True
