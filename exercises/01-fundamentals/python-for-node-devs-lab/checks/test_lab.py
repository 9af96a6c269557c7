"""What the lab's functions must give."""

import pytest


def _part(found, key):
    right = isinstance(found, dict) and key in found
    assert right, f"expected a dictionary with {key!r}, got {found!r}"
    return found[key]


@pytest.mark.task(1)
def test_settings_are_merged(call, rng):
    """settings_for puts each person's own settings on top of the defaults, and nobody else's."""
    a, b, c, d = rng.words(4)
    x, y, z, own = rng.sample(range(100, 1000), 4)
    alone = call("lab:settings_for", {a: x, b: y}, [{b: own, c: z}])
    assert alone == [{a: x, b: own, c: z}]
    # Whoever has nothing of their own comes last, and shows what was left behind.
    found = call("lab:settings_for", {a: x, b: y}, [{b: own}, {d: z}, {}])
    expected = [{a: x, b: own}, {a: x, b: y, d: z}, {a: x, b: y}]
    assert found == expected, f"of three people: expected {expected}, got {found}"


@pytest.mark.task(1)
def test_receipt(call, rng):
    """receipt lists what was bought, with two decimal places, and adds up the cents."""
    a, b, c = rng.words(3)
    # Cents that end in 10 and counts that leave one 0 at the end: 12.5 is not 12.50.
    price, other, free = (100 * euros + 10 for euros in rng.sample(range(11, 90), 3))
    count = rng.choice([2, 3, 4, 6, 7, 8])
    found = call("lab:receipt", [[a, price, count], [b, free, 0], [c, other, 1]])
    lines = [f"{a} x{count}: {_euros(price * count)}", f"{c} x1: {_euros(other)}"]
    assert _part(found, "lines") == lines
    total, got = price * count + other, _part(found, "total")
    assert got == total, f"the lines are right; expected a total of {total} cents, got {got!r}"
    nothing = call("lab:receipt", [[b, free, 0]])
    assert nothing == {"lines": [], "total": 0}


def _euros(cents):
    return f"{cents // 100}.{cents % 100:02}"


@pytest.mark.task(2)
def test_option(call, rng):
    """option takes the first value that is there and not None, and 0, False, "" and [] are values."""
    name, other = rng.words(2)
    one, two, three = rng.sample(range(100, 1000), 3)
    assert call("lab:option", name, {name: one}, {name: two}, three) == one
    assert call("lab:option", name, {other: one}, {name: two}, three) == two
    assert call("lab:option", name, {}, {other: two}, three) == three
    for query, settings in (({name: None}, {}), ({}, {name: None}), ({name: None}, {name: None})):
        found = call("lab:option", name, query, settings, three)
        assert found == three, f"where the value is None: expected the fallback {three}, got {found!r}"
    for value in rng.sample([0, False, "", []], 4):
        for query, settings in (({name: value}, {name: two}), ({}, {name: value})):
            found = call("lab:option", name, query, settings, three)
            # 0 == False, so the type is asked, too.
            same = type(found) is type(value) and found == value
            assert same, f"0, False, '' and [] are values, but one of them was passed over for {found!r}"


@pytest.mark.task(2)
def test_share(call, rng):
    """share gives whole units, and loses none of thirty digits."""
    people = rng.randrange(3, 10)
    left = rng.randrange(1, people)
    for each in (rng.randrange(20, 100), rng.randrange(10**29, 10**30)):
        found = call("lab:share", each * people + left, people)
        for key, expected in (("each", each), ("left", left)):
            got = _part(found, key)
            right = type(got) is int and got == expected
            assert right, f"{_size(each)}, {people} people: expected {key!r} to be {expected}, got {got!r}"


def _size(number):
    return "a small amount" if number < 2**53 else "an amount beyond 53 bits"


@pytest.mark.task(3)
def test_tagged(call, rng):
    """tagged puts tags behind those in onto, and begins with an empty list at every call without onto."""
    a, b, c, d, e = rng.words(5)
    found = call("lab:tagged", a, b)
    assert found == [a, b]
    assert call("lab:tagged", c, d, onto=[e]) == [e, c, d]
    assert call("lab:tagged", onto=[e]) == [e]
    again = call("lab:tagged", c)
    assert again == [c], f"at a later call without onto: expected [{c!r}], got {again!r}"


@pytest.mark.task(3)
def test_handlers_for(call, rng):
    """handlers_for gives functions that each note their own name, when they are called and not before."""
    a, b, c, d = rng.words(4)
    assert call("lab:press_all", [a, b, c, d], []) == []
    found = call("lab:press_all", [a, b, c, d], [c, a, c])
    assert found == [c, a, c]


@pytest.mark.task(4)
def test_line_total(call, rng):
    """line_total turns the text of the form into a number before it calculates."""
    for quantity in (rng.randrange(2, 9), rng.randrange(11, 30)):
        price = rng.randrange(31, 90)
        for text in (f"{quantity}", f" {quantity} "):
            found = call("lab:line_total", {"name": rng.word(), "price": price, "quantity": text})
            shown = f"a text of {len(found)} characters" if isinstance(found, str) else repr(found)
            right = type(found) is int and found == price * quantity
            assert right, f"price {price}, quantity {text!r}: expected {price * quantity}, got {shown}"


@pytest.mark.task(4)
def test_balance(call, rng):
    """balance adds what was paid, subtracts what was refunded, and passes over every other kind."""
    paid, more, back, shipped = rng.sample(range(1000, 10000), 4)
    events = [
        {"kind": "paid", "amount": paid},
        {"kind": "refunded", "amount": back, "reason": rng.word()},
        {"kind": "shipped", "amount": shipped},
        {"kind": "paid", "amount": more, "by": rng.word()},
        {"kind": rng.word()},
    ]
    assert call("lab:balance", []) == 0
    rng.shuffle(events)
    found = call("lab:balance", events)
    signs = f"+{paid} +{more} -{back}"
    if found == paid + more + back + shipped:
        got = f"{found}, as if every amount had been paid"
    elif found == paid + more - back + shipped:
        got = f"{found}, as if what was shipped had been paid"
    else:
        got = f"{found!r}"
    assert found == paid + more - back, f"expected {signs} = {paid + more - back}, got {got}"


@pytest.mark.task(5)
def test_borrowed(call, rng):
    """borrowed gives the connection back, even if the body fails, and does not hide the failure."""
    size = rng.randrange(2, 5)
    for jobs in ([False] * (size + 1), [*[True] * size, False]):
        found = call("lab:serve", jobs, size)
        how = "fail" if jobs[0] else "work"
        for number, (fails, ended) in enumerate(zip(jobs, _part(found, "ended"), strict=True), 1):
            expected = "failed" if fails else "done"
            told = f"with {size} connections and jobs that {how}: expected job {number} to be {expected}, got: {ended}"
            assert ended == expected, told
        during = _part(found, "meanwhile")
        one_less = [size - 1] * len(jobs)
        assert during == one_less, f"{size} connections: expected {size - 1} to be free in each body, got {during}"
        after = _part(found, "free")
        assert after == size, f"{size} connections: expected all to be free in the end, got {after}"


@pytest.mark.task(5)
def test_items(call, rng):
    """items gives the items of all pages in order, and fetches no page before it is needed."""
    words = rng.words(12)
    pages = [words[:3], words[3:6], [], words[6:9], words[9:]]
    found = call("lab:first", 100, pages)
    assert _part(found, "items") == words
    for count, needed in ((2, 1), (4, 2), (8, 4)):
        found = call("lab:first", count, pages)
        assert _part(found, "items") == words[:count]
        fetched = _part(found, "fetched")
        assert fetched == needed, f"for the first {count} items: expected {needed} fetched pages, got {fetched}"


@pytest.mark.task(6)
def test_prices_of(call, rng):
    """prices_of asks all questions at the same time, and gives the answers in the order of the names."""
    prices = dict(zip(rng.words(3), rng.sample(range(100, 1000), 3), strict=True))
    found = call("lab:shopping", prices)
    assert _part(found, "prices") == list(prices.values())
    most = _part(found, "most")
    assert most == 3, f"the prices are right; expected 3 questions under way at the same time, at most {most} was"
    assert _part(call("lab:shopping", {}), "prices") == []


@pytest.mark.task(6)
def test_shrink_all(call, rng):
    """shrink_all gives every answer in order, and the event loop stays free while shrink blocks."""
    photos = rng.words(3)
    found = call("lab:studio", photos)
    assert _part(found, "photos") == [f"small {photo}" for photo in photos]
    beats = _part(found, "heart_went_on")
    frozen = f"the heart stood still during {beats.count(False)} of 3"
    assert beats == [True] * 3, f"the photos are right; expected the loop to stay free, but {frozen}"
