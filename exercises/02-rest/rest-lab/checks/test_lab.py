"""What the lab's functions must give: who ran in a request, and what came back."""

import re

import pytest

SANE = re.compile(r"[0-9a-f]{8,32}")
HEX = "0123456789abcdef"


def some_hooks(rng, names):
    """Three hooks of each kind, mixed, with names of their own."""
    kinds = ["before", "after", "teardown"] * 3
    rng.shuffle(kinds)
    return [[kind, names.pop()] for kind in kinds]


def in_order(hooks, view):
    """The names as Flask runs them."""
    named = {kind: [name for of, name in hooks if of == kind] for kind in ("before", "after", "teardown")}
    return [*named["before"], *view, *reversed(named["after"]), *reversed(named["teardown"])]


def as_many(found, wanted, function):
    """The list that a function returned, with as many entries as there should be."""
    assert isinstance(found, list), f"{function}: expected a list, got {type(found).__name__}"
    assert len(found) == len(wanted), f"{function}: expected {len(wanted)} entries, got {len(found)}"
    return found


def part(answer, key, what):
    """One entry of what ask gives."""
    assert isinstance(answer, dict), f"{what}: expected a dictionary as ask gives it, got {answer!r:.100}"
    assert key in answer, f"{what}: expected a dictionary with {key!r}, got the keys {sorted(map(str, answer))}"
    return answer[key]


def hexadecimal(rng, length):
    return "".join(rng.choice(HEX) for _ in range(length))


@pytest.mark.task(1)
def test_foresee_gives_the_order(call, rng):
    """foresee gives the hooks and the view in the order in which they run."""
    names = rng.words(20)
    view = names.pop()
    # One kind at a time first: which of them is in the wrong order is then easy to read.
    for kind in ("before", "after", "teardown"):
        hooks = [[kind, names.pop()] for _ in range(2)]
        assert call("lab:foresee", hooks, view) == in_order(hooks, [view]), f"foresee({hooks}, {view!r})"
    hooks = some_hooks(rng, names)
    assert call("lab:foresee", hooks, view) == in_order(hooks, [view]), f"foresee({hooks}, {view!r})"
    assert call("lab:foresee", hooks, None) == in_order(hooks, []), f"foresee({hooks}, None)"


@pytest.mark.task(1)
def test_life_shows_every_hook(call, rng):
    """life shows every hook and the view, in the order in which Flask runs them."""
    names = rng.words(13)
    alone, *views = [names.pop() for _ in range(4)]
    hooks = some_hooks(rng, names)
    [events] = as_many(call("lab:life", hooks, [f"/fine/{alone}"]), [alone], "life")
    assert events == in_order(hooks, [alone]), f"the events of /fine/{alone}, the only path"
    found = as_many(call("lab:life", hooks, [f"/fine/{view}" for view in views]), views, "life")
    for number, (view, events) in enumerate(zip(views, found, strict=True), 1):
        assert events == in_order(hooks, [view]), f"the events of /fine/{view}, path {number} of 3"


@pytest.mark.task(1)
@pytest.mark.after("test_life_shows_every_hook")
def test_no_hook_is_left_out(call, rng):
    """In life, no hook is left out when the view raises or there is none."""
    names = rng.words(12)
    failing, nowhere = names.pop(), names.pop()
    hooks = some_hooks(rng, names)
    paths = [f"/boom/{failing}", f"/{nowhere}"]
    boom, none = as_many(call("lab:life", hooks, paths), paths, "life")
    assert boom == in_order(hooks, [failing]), f"the events of {paths[0]}, where the view raises"
    assert none == in_order(hooks, []), f"the events of {paths[1]}, which has no view"


@pytest.mark.task(2)
def test_the_guard_answers_itself(call, rng):
    """In guarded, a request without the right key gets 401 and never reaches the view."""
    key, wrong, view = rng.words(3)
    path = f"/fine/{view}"
    visits = [[path, key], [path, None], [path, wrong], [path, key[:-1]], [path, ""], [path, key]]
    found = as_many(call("lab:guarded", key, visits), visits, "guarded")
    for (_, sent), answer in zip(visits, found, strict=True):
        header = "no X-Key" if sent is None else f"the X-Key {sent!r}"
        what = f"of GET {path} with {header}, the right key being {key!r}"
        status, events = (200, ["guard", "basket", view, "stamp"]) if sent == key else (401, ["guard", "stamp"])
        assert part(answer, "status", "guarded") == status, f"the status {what}"
        assert part(answer, "events", "guarded") == events, f"the events {what}"


@pytest.mark.task(2)
@pytest.mark.after("test_the_guard_answers_itself")
def test_a_path_without_a_view_is_guarded(call, rng):
    """In guarded, a path without a view is guarded, too."""
    key, nowhere = rng.words(2)
    visits = [[f"/{nowhere}", key], [f"/{nowhere}", None]]
    let_in, kept_out = as_many(call("lab:guarded", key, visits), visits, "guarded")
    assert part(let_in, "status", "guarded") == 404, (
        f"the status of GET /{nowhere}, which has no view, with the right key"
    )
    assert part(kept_out, "status", "guarded") == 401, f"the status of GET /{nowhere}, which has no view, with no X-Key"
    assert part(kept_out, "events", "guarded") == ["guard", "stamp"], f"the events of GET /{nowhere} with no X-Key"


@pytest.mark.task(3)
def test_signs_needs_a_context(call, rng):
    """signs reads current_app in each app's context, and gives RuntimeError outside of all."""
    texts = [rng.text() for _ in range(3)]
    *inside, outside = as_many(call("lab:signs", texts), [*texts, None], "signs")
    for number, (found, text) in enumerate(zip(inside, texts, strict=True), 1):
        assert found == text, f"the sign in the context of app {number} of 3"
    assert outside == "RuntimeError", "the last entry of signs, from outside of all contexts"


def connected(times):
    return ["open", *["read"] * times, "close"] if times else []


@pytest.mark.task(3)
def test_one_connection_if_it_is_needed(call, rng):
    """In connections, a request opens one connection if it reads, and none if it does not."""
    many, few = rng.randint(3, 6), rng.randint(2, 5)
    for what, times in (
        ("which reads once", [1]),
        ("which reads several times", [many]),
        ("after another request that read", [many, few]),
        ("which reads nothing", [few, 0]),
    ):
        paths = [f"/read/{number}/fine" for number in times]
        found = as_many(call("lab:connections", paths, False), paths, "connections")
        for number, path, events in zip(times, paths, found, strict=True):
            assert events == connected(number), f"the events of {path}, {what}"


@pytest.mark.task(3)
@pytest.mark.after("test_one_connection_if_it_is_needed")
def test_closed_when_the_view_fails(call, rng):
    """In connections, what was opened is closed once when the view fails, with testing on as well."""
    times = [rng.randint(2, 5), 0, rng.randint(2, 5)]
    paths = [f"/read/{number}/boom" for number in times]
    for testing in (False, True):
        found = as_many(call("lab:connections", paths, testing), paths, "connections")
        for number, path, events in zip(times, paths, found, strict=True):
            assert events == connected(number), f"the events of {path}, with testing {'on' if testing else 'off'}"


@pytest.mark.task(4)
def test_a_sane_id_is_kept(call, rng):
    """trace_id keeps a sane id and makes a new one otherwise."""
    for length in (8, 32, rng.randint(9, 31)):
        sane = hexadecimal(rng, length)
        assert call("lab:trace_id", sane) == sane, f"trace_id of {length} characters out of 0-9 and a-f"
    made = []
    for sent in (None, None, ""):
        got = call("lab:trace_id", sent)
        assert isinstance(got, str), f"trace_id({sent!r}): expected a text, got {got!r:.100}"
        assert SANE.fullmatch(got), f"trace_id({sent!r}): expected a new id that is sane itself, got {got!r:.100}"
        assert got not in made, f"trace_id({sent!r}): expected an id of its own, got the same one twice"
        made.append(got)
    for what, sent in (
        ("7 characters, too short", hexadecimal(rng, 7)),
        ("33 characters, too long", hexadecimal(rng, 33)),
        ("a letter behind f in it", hexadecimal(rng, 8) + "g" + hexadecimal(rng, 3)),
        ("capital letters in it", "A" + hexadecimal(rng, 10).upper()),
        ("a space and more behind it", hexadecimal(rng, 8) + f" 200 /{rng.word()}"),
        ("other digits than 0-9 in it", hexadecimal(rng, 8) + "٣"),
        ("a line break behind it", hexadecimal(rng, 10) + "\n"),
    ):
        got = call("lab:trace_id", sent)
        assert got != sent, f"trace_id({sent!r}), with {what}: expected a new id, got this one back"
        assert isinstance(got, str), f"trace_id({sent!r}): expected a text, got {got!r:.100}"
        assert SANE.fullmatch(got), f"trace_id({sent!r}): expected a new id that is sane itself, got {got!r:.100}"


@pytest.mark.task(4)
@pytest.mark.after("test_a_sane_id_is_kept")
def test_answer_and_line_have_the_same_id(call, rng):
    """In traced, the answer and the log line of a request have the same id."""
    sane, others, insane = hexadecimal(rng, rng.randint(8, 32)), hexadecimal(rng, 12), f"{rng.word()} 200 /{rng.word()}"
    first, second, failing, nowhere, last = rng.words(5)
    visits = [
        [f"/fine/{first}", sane, 200],
        [f"/fine/{second}", None, 200],
        [f"/boom/{failing}", None, 500],
        [f"/{nowhere}", others, 404],
        [f"/fine/{last}", insane, 200],
    ]
    found = as_many(call("lab:traced", [[path, sent] for path, sent, _ in visits]), visits, "traced")
    seen = []
    for (path, sent, status), answer in zip(visits, found, strict=True):
        what = f"GET {path} with {'no X-Trace-Id' if sent is None else f'the X-Trace-Id {sent!r}'}"
        headers, events = part(answer, "headers", "traced"), part(answer, "events", "traced")
        assert isinstance(headers, dict), f"traced: expected a dictionary of headers, got {headers!r:.100}"
        assert isinstance(events, list), f"traced: expected a list of events, got {events!r:.100}"
        given = {name.lower(): value for name, value in headers.items()}.get("x-trace-id", "")
        if sent in (sane, others):
            assert given == sent, f"the X-Trace-Id of the answer to {what}"
        assert SANE.fullmatch(given), f"the X-Trace-Id of the answer to {what}: expected a sane id, got {given!r}"
        assert given not in seen, f"{what}: expected an id of its own, got the one of an earlier request"
        seen.append(given)
        assert (events or [""])[-1] == f"{given} {status} {path}", f"the log line of {what}, answered with {given!r}"


def complained(answer, status, json, events, what):
    assert part(answer, "status", "complaints") == status, f"the status of {what}"
    assert part(answer, "json", "complaints") == json, f"the JSON of {what}"
    assert part(answer, "events", "complaints") == events, f"the events of {what}"


@pytest.mark.task(5)
def test_what_is_not_there_is_a_404(call, rng):
    """In complaints, what is not there is answered with 404 as JSON."""
    here, also_here, gone, nowhere = rng.words(4)
    paths = [f"/books/{here}", f"/books/{gone}", f"/{nowhere}"]
    for testing in (False, True):
        found = as_many(call("lab:complaints", [also_here, here], paths, testing), paths, "complaints")
        on = f"with testing {'on' if testing else 'off'}"
        complained(found[0], 200, {"book": here}, [here, "stamp", "bin"], f"{paths[0]}, a book in stock, {on}")
        error = {"error": f"no book called {gone}"}
        complained(found[1], 404, error, [gone, "stamp", "bin"], f"{paths[1]}, a book not in stock, {on}")
        complained(found[2], 404, {"error": "Not Found"}, ["stamp", "bin"], f"{paths[2]}, which has no view, {on}")


@pytest.mark.task(5)
@pytest.mark.after("test_what_is_not_there_is_a_404")
def test_the_unexpected_is_a_500(call, rng):
    """In complaints, an exception that nobody expected gives 500 as JSON, or leaves the app with testing on."""
    failing, here = rng.words(2)
    path = f"/boom/{failing}"
    error = {"error": "Internal Server Error"}
    [found] = as_many(call("lab:complaints", [here], [path], False), [path], "complaints")
    complained(found, 500, error, [failing, "stamp", "bin"], f"{path}, where the view raises, with testing off")
    [found] = as_many(call("lab:complaints", [here], [path], True), [path], "complaints")
    complained(found, None, None, [failing, "bin"], f"{path}, where the view raises, with testing on")
