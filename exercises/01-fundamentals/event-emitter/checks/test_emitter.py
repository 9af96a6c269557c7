"""What an emitter must do, seen by handlers that write down how they were called."""

from dataclasses import dataclass

import pytest

from grader.sandbox import ProgramFailure

EVENTS = ["saved", "opened", "closed", "moved", "renamed", "printed", "shared", "locked", "copied", "joined"]
ERRORS = ["ValueError", "KeyError", "TypeError", "RuntimeError", "ZeroDivisionError", "AttributeError"]
UNREADABLE = ("SyntaxError", "IndentationError", "TabError")


@dataclass
class Ran:
    """What came of some steps; ``told`` puts the steps in words.

    ``missing`` says what has to be there before a step can be taken; then nothing came of them.
    """

    told: str
    calls: list
    returned: list
    raised: list
    missing: str


def run(probe, steps, does=None, *, catch=False):
    """Take the steps on a new emitter; the words for a step are in probes/emitter.py."""
    does = does or {}
    told = story(steps, does)
    try:
        found = probe("emitter", steps=steps, does=does, catch=catch)
    except ProgramFailure as error:
        # Without this, a learner would read which exception, but not what led to it.
        if getattr(error, "type_name", "") not in UNREADABLE:
            error.what += f", when asked for {told.removeprefix('after ')}"
        raise
    calls = [f"{name}({arguments(args, kwargs)})" for name, args, kwargs in found["calls"]]
    return Ran(told, calls, found["returned"], found["raised"], found["missing"])


def expect_calls(ran, expected):
    words = f"{ran.told}: expected {listed(expected)}, got {listed(ran.calls)}"
    assert ran.calls == expected, f"expected {ran.missing}, got none" if ran.missing else words


def listed(calls):
    words = {0: "no call", 1: "the call "}.get(len(calls), "the calls ")
    return words + ", ".join(calls)


def story(steps, does):
    """The steps as a learner would write them: after on('saved', a), emit('saved', 7)."""
    handlers = [f"{name} {doing(step)}" for name, taken in does.items() for step in taken]
    after = "after " + ", ".join(written(step) for step in steps)
    return f"with a handler {' and a handler '.join(handlers)}, {after}" if handlers else after


def doing(step):
    return f"that raises {step[1]}({step[2]!r})" if step[0] == "raise" else f"that calls {written(step)}"


def written(step):
    verb, event, *rest = step
    if not verb.endswith("emit"):
        return f"{verb}({event!r}, {rest[0]})"
    names = rest.pop() if rest and isinstance(rest[-1], dict) else {}
    return f"{verb}({', '.join(filter(None, (repr(event), arguments(rest, names))))})"


def arguments(args, names):
    return ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in names.items())])


def handlers(rng, count):
    """Names of handlers in random order, so that it is not the one they were made in."""
    return rng.sample("bcdefghjkmnpqrstuvwxyz", count)


def numbers(rng, count):
    return rng.sample(range(2, 100), count)


@pytest.mark.task(1)
def test_emit_calls_handlers_in_order(probe, rng):
    """emit calls every handler of the event, in the order of registration."""
    event, [x] = rng.choice(EVENTS), numbers(rng, 1)
    many = handlers(rng, 6)
    # One handler first: where nothing works yet, that failure is the easiest to read.
    for names in (["a"], [*many, many[0]]):
        steps = [["on", event, name] for name in names]
        expect_calls(run(probe, [*steps, ["emit", event, x]]), [f"{name}({x})" for name in names])


@pytest.mark.task(1)
@pytest.mark.after("test_emit_calls_handlers_in_order")
def test_emit_passes_all_arguments(probe, rng):
    """emit gives its arguments, with and without names, to every handler."""
    event, [x, y], [word, name] = rng.choice(EVENTS), numbers(rng, 2), rng.words(2)
    both = [["on", event, "a"], ["on", event, "b"]]
    for given in ([], [x, word, y], [{name: x}], [x, {"by": word, name: y}]):
        names = given[-1] if given and isinstance(given[-1], dict) else {}
        expected = arguments(given[: len(given) - bool(names)], names)
        ran = run(probe, [*both, ["emit", event, *given]])
        expect_calls(ran, [f"a({expected})", f"b({expected})"])


@pytest.mark.task(1)
@pytest.mark.after("test_emit_calls_handlers_in_order")
def test_nothing_is_shared(probe, rng):
    """Two events share no handlers, and neither do two emitters."""
    [event, another], [x, y, z] = rng.sample(EVENTS, 2), numbers(rng, 3)
    steps = [["on", event, "a"], ["on", another, "b"], ["emit", another, x], ["emit", event, y]]
    expect_calls(run(probe, steps), [f"b({x})", f"a({y})"])
    steps = [["on", event, "a"], ["other.on", event, "b"], ["emit", event, x], ["other.emit", event, y]]
    expect_calls(run(probe, [*steps, ["emit", event, z]]), [f"a({x})", f"b({y})", f"a({z})"])


@pytest.mark.task(2)
@pytest.mark.after("test_emit_calls_handlers_in_order")
def test_off_removes_the_handler(probe, rng):
    """off removes the handler from the event, and no other."""
    event, [x, y], [a, b, c] = rng.choice(EVENTS), numbers(rng, 2), handlers(rng, 3)
    three = [["on", event, name] for name in (a, b, c)]
    steps = [*three, ["emit", event, x], ["off", event, b], ["emit", event, y]]
    expect_calls(run(probe, steps), [f"{a}({x})", f"{b}({x})", f"{c}({x})", f"{a}({y})", f"{c}({y})"])


@pytest.mark.task(2)
@pytest.mark.after("test_off_removes_the_handler")
def test_off_takes_the_latest_of_equals(probe, rng):
    """off goes by equality, and of equal registrations removes only the latest."""
    event, [x], [a, b] = rng.choice(EVENTS), numbers(rng, 1), handlers(rng, 2)
    emit = ["emit", event, x]
    equal = [["on", event, a], ["on", event, b], ["on", event, a], ["off", event, a], emit]
    expect_calls(run(probe, equal), [f"{a}({x})", f"{b}({x})"])
    method = [["on", event, "door.open"], ["on", event, a], ["off", event, "door.open"], emit]
    expect_calls(run(probe, method), [f"{a}({x})"])


@pytest.mark.task(2)
@pytest.mark.after("test_off_removes_the_handler")
def test_off_of_a_stranger_does_nothing(probe, rng):
    """off does nothing when the handler is not registered for the event."""
    [event, another], [x], [a, b] = rng.sample(EVENTS, 2), numbers(rng, 1), handlers(rng, 2)
    for never in (["off", another, b], ["off", event, b], ["off", another, a]):
        expect_calls(run(probe, [["on", event, a], never, ["emit", event, x]]), [f"{a}({x})"])


@pytest.mark.task(2)
@pytest.mark.after("test_off_removes_the_handler")
def test_emit_says_whether_anybody_listened(probe, rng):
    """emit returns True if the event had a handler, else False."""
    [event, another], [x], [a, b] = rng.sample(EVENTS, 2), numbers(rng, 1), handlers(rng, 2)
    emit, on, off = ["emit", event, x], ["on", event, a], ["off", event, a]
    for steps, expected in (
        ([on, emit], True),
        ([emit], False),
        ([["on", another, a], emit], False),
        ([on, ["on", event, b], off, emit], True),
        ([on, off, emit], False),
    ):
        ran = run(probe, steps)
        got = ran.returned[-1]
        assert got == expected, f"{ran.told}: expected emit to return {expected}, got {got!r}"


@pytest.mark.task(3)
@pytest.mark.after("test_emit_calls_handlers_in_order")
def test_once_runs_once(probe, rng):
    """A handler registered with once runs once, even if it emits the event again."""
    event, [x, y, z], [a, b] = rng.choice(EVENTS), numbers(rng, 3), handlers(rng, 2)
    first, second, third = (["emit", event, number] for number in (x, y, z))
    once = ["once", event, a]
    # Another handler first, which is easier to read, then the same one registered with on as well.
    for name in (b, a):
        ran = run(probe, [once, ["on", event, name], first, second, third])
        expect_calls(ran, [f"{a}({x})", f"{name}({x})", f"{name}({y})", f"{name}({z})"])
    expect_calls(run(probe, [once, first], {a: [second]}), [f"{a}({x})"])


@pytest.mark.task(3)
@pytest.mark.after("test_off_takes_the_latest_of_equals", "test_once_runs_once")
def test_off_removes_a_once_handler(probe, rng):
    """off also removes a handler registered with once."""
    event, [x, y], [a, b] = rng.choice(EVENTS), numbers(rng, 2), handlers(rng, 2)
    on, once, off = ["on", event, a], ["once", event, a], ["off", event, a]
    emits = [["emit", event, x], ["emit", event, y]]
    for registered, left in (
        ([once, ["on", event, b]], [f"{b}({x})", f"{b}({y})"]),
        # Of two, off removes the latest, so which one is left shows in the second emit.
        ([on, once], [f"{a}({x})", f"{a}({y})"]),
        ([once, on], [f"{a}({x})"]),
    ):
        expect_calls(run(probe, [*registered, off, *emits]), left)


@pytest.mark.task(4)
@pytest.mark.after("test_off_removes_the_handler")
def test_changes_wait_for_the_next_emit(probe, rng):
    """Handlers added or removed during an emit make no difference to that emit."""
    event, [x, y], [a, b, c, d] = rng.choice(EVENTS), numbers(rng, 2), handlers(rng, 4)
    three = [["on", event, name] for name in (a, b, c)]
    emits = [["emit", event, x], ["emit", event, y]]
    now = [f"{name}({x})" for name in (a, b, c)]
    for who, step, then in (
        (a, ["off", event, a], (b, c)),
        (a, ["off", event, b], (a, c)),
        (c, ["off", event, b], (a, c)),
        (b, ["on", event, d], (a, b, c, d)),
    ):
        expect_calls(run(probe, [*three, *emits], {who: [step]}), [*now, *(f"{name}({y})" for name in then)])


@pytest.mark.task(5)
@pytest.mark.after("test_emit_calls_handlers_in_order")
def test_an_error_stops_nobody(probe, rng):
    """A handler that raises does not stop the others."""
    event, [x], names = rng.choice(EVENTS), numbers(rng, 1), handlers(rng, 4)
    steps = [*(["on", event, name] for name in names), ["emit", event, x]]
    everybody = [f"{name}({x})" for name in names]
    for failing in (names[:1], names[1:3]):
        kinds = rng.sample(ERRORS, len(failing))
        does = {name: [["raise", kind, rng.word()]] for name, kind in zip(failing, kinds, strict=True)}
        expect_calls(run(probe, steps, does, catch=True), everybody)


@pytest.mark.task(5)
@pytest.mark.after("test_an_error_stops_nobody")
def test_errors_come_out_as_one_group(probe, rng):
    """What handlers raise comes out of emit as one ExceptionGroup."""
    event, [x], names = rng.choice(EVENTS), numbers(rng, 1), handlers(rng, 3)
    steps = [*(["on", event, name] for name in names), ["emit", event, x]]
    for failing in (names[1:2], names[:2]):
        errors = [["raise", kind, rng.word()] for kind in rng.sample(ERRORS, len(failing))]
        ran = run(probe, steps, {name: [error] for name, error in zip(failing, errors, strict=True)}, catch=True)
        got = thrown(ran.raised)
        expected = f"an ExceptionGroup of {', '.join(f'{kind}({text!r})' for _, kind, text in errors)}"
        assert got == expected, f"{ran.told}: expected emit to raise {expected}, got {got}"


def thrown(raised):
    """What an emit raised, in words."""
    if not raised:
        return "no exception"
    error = raised[0]
    if error["inside"] is None:
        return f"{error['type']}({error['text']!r})"
    return f"an ExceptionGroup of {', '.join(thrown([each]) for each in error['inside'])}"


@pytest.mark.task(6)
@pytest.mark.after("test_emit_says_whether_anybody_listened", "test_once_runs_once")
def test_replay_uses_the_emitter(call, rng):
    """replay finds the balance, the first deposit and what nobody heard."""
    foreign = rng.sample(EVENTS, 2)
    kinds = ["deposit", "deposit", "withdrawal", *foreign, *foreign[:1]]
    rng.shuffle(kinds)
    for wanted in (kinds, [kind for kind in kinds if kind != "deposit"]):
        happenings = [list(pair) for pair in zip(wanted, numbers(rng, len(wanted)), strict=True)]
        deposits = [amount for event, amount in happenings if event == "deposit"]
        found = call("emitter:replay", happenings)
        answers = found if isinstance(found, dict) else {}
        for key, expected in (
            ("balance", sum(deposits) - sum(amount for event, amount in happenings if event == "withdrawal")),
            ("first_deposit", deposits[0] if deposits else None),
            ("unheard", [event for event, _ in happenings if event in foreign]),
        ):
            got = repr(answers[key]) if key in answers else f"no {key!r} in {found!r}"
            right = key in answers and answers[key] == expected
            assert right, f"expected {key!r} to be {expected!r}, got {got}"
