"""The data codec: what crosses comes back equal, and nothing else crosses."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.just("$bytes"), inner),
    max_leaves=20,
)


@given(VALUES)
def test_data_comes_back_equal(value: object) -> None:
    """Every JSON-shaped value, bytes and datetimes survive the crossing, type and all."""
    line = wire.encode(value)
    assert "\n" not in line
    back = wire.decode(line)
    assert back == value
    assert type(back) is type(value)


@given(st.binary() | st.text() | st.builds(json.dumps, VALUES.filter(lambda v: v is None or isinstance(v, (str, int)))))
def test_any_line_is_data_or_a_value_error(line: str | bytes) -> None:
    """Whatever a hostile program sends, reading it gives a value or a ValueError."""
    try:
        wire.decode(line)
    except ValueError:
        pass


@given(
    st.dictionaries(
        st.sampled_from(["$bytes", "$datetime", "$float", "$map"]),
        st.none()
        | st.integers()
        | st.text()
        | st.lists(st.lists(st.integers() | st.dictionaries(st.text(), st.none()))),
        max_size=2,
    )
)
def test_forged_tags_are_data_or_a_value_error(tagged: dict[str, object]) -> None:
    """A tag with nonsense in it is a ValueError, never another exception."""
    try:
        wire.decode(json.dumps(tagged))
    except ValueError:
        pass


@pytest.mark.parametrize("value", [object(), {1, 2}, lambda: 1, range(3), 1j, type, [object()], {"a": {1}}])
def test_behaviour_does_not_cross(value: object) -> None:
    """Functions, classes, sets and instances are refused with their type's name."""
    with pytest.raises(wire.NotDataError, match="a value of type"):
        wire.encode(value)


def test_endless_nesting_is_refused_on_both_sides() -> None:
    """A list that holds itself, and a line nested without end, are errors in words."""
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(wire.NotDataError, match="nested"):
        wire.encode(loop)
    with pytest.raises(ValueError):
        wire.decode("[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_cross_all_the_same(value: float) -> None:
    """NaN and the infinities arrive as themselves."""
    assert repr(wire.decode(wire.encode(value))) == repr(value)


def test_a_tuple_arrives_as_a_list() -> None:
    """JSON has one kind of sequence, and so has the codec."""
    assert wire.decode(wire.encode((1, (2, 3)))) == [1, [2, 3]]
