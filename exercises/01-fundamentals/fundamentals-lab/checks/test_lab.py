"""What the functions of the lab must give for URLs, queries, requests and responses that nobody has seen before."""

import json
from urllib.parse import quote, quote_plus

import pytest

# Characters of two, three and four bytes in UTF-8.
WIDE = ("ë", "ß", "ł", "Ω", "日", "€", "🙂")


def expect_parts(call, url, **expected):
    """``split_url`` of this URL, one part after the other."""
    found = dictionary(call("lab:split_url", url), f"split_url({url!r})")
    for part, value in expected.items():
        assert part in found, f"split_url({url!r}): expected a key {part!r}, got {sorted(found)}"
        right = found[part] == value and type(found[part]) is type(value)
        assert right, f"the {part} of {url!r}: expected {value!r}, got {found[part]!r}"


def dictionary(found, what):
    assert isinstance(found, dict), f"{what}: expected a dictionary, got {found!r}"
    return found


def octets(found, what):
    assert isinstance(found, (bytes, bytearray)), f"{what}: expected bytes, got {found!r}"
    return bytes(found)


@pytest.mark.task(1)
def test_a_url_falls_into_its_parts(call, rng):
    """A URL falls into scheme, host, port, path and query."""
    name, first, second, key, value, other = rng.words(6)
    host, port, path = f"{name}.example", rng.randint(1024, 65535), f"/{first}/{second}"
    for scheme, query in (
        ("http", f"{key}={value}"),
        ("https", f"{key}={value}&{other}"),
        ("http", f"{key}=http://{other}.example:{rng.randint(81, 999)}/{value}?{first}"),
    ):
        url = f"{scheme}://{host}:{port}{path}?{query}"
        expect_parts(call, url, scheme=scheme, host=host, port=port, path=path, query=query)


@pytest.mark.task(1)
@pytest.mark.after("test_a_url_falls_into_its_parts")
def test_what_is_left_out_has_a_default(call, rng):
    """A missing port, path or query has its default, and the fragment is left out."""
    name, word, key, value, place = rng.words(5)
    host, port = f"{name}.example", rng.randint(1024, 65535)
    for url, expected in (
        (f"http://{host}:{port}/{word}", {"path": f"/{word}", "query": ""}),
        (f"http://{host}:{port}", {"port": port, "path": "/", "query": ""}),
        (f"http://{host}/{word}", {"host": host, "port": 80, "path": f"/{word}"}),
        (f"https://{host}/{word}?{key}", {"host": host, "port": 443, "query": key}),
        (f"https://{host}", {"host": host, "port": 443, "path": "/", "query": ""}),
        (f"http://{host}?{key}={value}", {"host": host, "port": 80, "path": "/", "query": f"{key}={value}"}),
        (f"http://{host}/{word}?{key}#{place}", {"path": f"/{word}", "query": key}),
        (f"http://{host}/{word}#{place}?{key}", {"path": f"/{word}", "query": ""}),
        (f"http://{host}#/{place}:{key}", {"host": host, "port": 80, "path": "/"}),
    ):
        expect_parts(call, url, **expected)


@pytest.mark.task(1)
def test_every_value_of_a_query_is_kept(call, rng):
    """Every value of a query is kept, under its name, in order."""
    one, two, a, b, c = rng.words(5)
    for query, expected in (
        (f"{one}={a}&{two}={b}", {one: [a], two: [b]}),
        (f"{one}={a}&{two}={b}&{one}={c}&{one}={a}", {one: [a, c, a], two: [b]}),
        (f"{one}={a}={b}&{two}==", {one: [f"{a}={b}"], two: ["="]}),
        (f"{one}=&{two}", {one: [""], two: [""]}),
        (f"&{one}={a}&&{two}={b}&", {one: [a], two: [b]}),
        ("", {}),
    ):
        found = call("lab:read_query", query)
        assert found == expected, f"read_query({query!r}): expected {expected!r}, got {found!r}"


@pytest.mark.task(1)
@pytest.mark.after("test_every_value_of_a_query_is_kept")
def test_escapes_are_decoded_last(call, rng):
    """Escapes in names and values are decoded, after the query is cut."""
    one, a, b, c = rng.words(4)
    wide = rng.choice(WIDE)
    for what, query, expected in (
        ("%20 is a space", f"{one}={a}%20{b}", {one: [f"{a} {b}"]}),
        ("characters of several bytes", f"{one}={quote(a + wide + b)}", {one: [a + wide + b]}),
        ("a plus is a space", f"{one}={a}+{b}", {one: [f"{a} {b}"]}),
        ("and an escaped plus is a plus", f"{one}={a}%2B{b}", {one: [f"{a}+{b}"]}),
        ("nothing is decoded twice", f"{one}={a}%2541{b}", {one: [f"{a}%41{b}"]}),
        ("names may have escapes", f"{quote_plus(f'{one} {wide}')}={a}", {f"{one} {wide}": [a]}),
        ("an escaped & or = is no mark", f"{one}={a}%26{b}%3d{c}", {one: [f"{a}&{b}={c}"]}),
        ("an escaped = in a name is no mark", f"{one}%3D{a}={b}", {f"{one}={a}": [b]}),
    ):
        found = call("lab:read_query", query)
        assert found == expected, f"{what}; read_query({query!r}): expected {expected!r}, got {found!r}"


@pytest.mark.task(2)
def test_a_dns_query_is_header_labels_and_question(call, rng):
    """A DNS query is a header, the labels of the name, and what is asked."""
    for labels, dot in ((2, ""), (4, ""), (3, ".")):
        name = ".".join(rng.word(rng.randint(1, 9)) for _ in range(labels)) + dot
        number = 256 * rng.randint(1, 126) + rng.randint(128, 255)
        what = f"dns_query({name!r}, {number})"
        found = octets(call("lab:dns_query", name, number), what)
        coded = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
        for part, expected, got in (
            ("the number", number.to_bytes(2, "big"), found[:2]),
            ("the flags", bytes.fromhex("0100"), found[2:4]),
            ("the counts", bytes.fromhex("0001 0000 0000 0000"), found[4:12]),
            ("the labels", coded, found[12 : 12 + len(coded)]),
            ("all behind the labels", bytes.fromhex("00 0001 0001"), found[12 + len(coded) :]),
        ):
            words = f"{what}, {part}: expected the bytes {expected.hex(' ')}, got {got.hex(' ') or 'none'}"
            assert got == expected, words


def expect_request(call, method, host, target, body):
    """``build_request``, cut into its parts; gives the dictionary of its headers, each with a list of values."""
    given = (method, host, target, body) if body else (method, host, target)
    what = f"build_request({', '.join(map(repr, given))})"
    raw = octets(call("lab:build_request", *given), what)
    lone = raw.count(b"\n") - raw.count(b"\r\n")
    assert not lone, f"{what}: expected every line to end with CRLF, got {lone} with a line feed alone"
    head, mark, content = raw.partition(b"\r\n\r\n")
    assert mark, f"{what}: expected an empty line behind the headers, got {raw!r}"
    first, *lines = head.decode("latin-1").split("\r\n")
    expected = f"{method} {target} HTTP/1.1"
    assert first == expected, f"{what}: expected the request line {expected!r}, got {first!r}"
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip(" \t"))
    for name, value in (("Host", host), ("Connection", "close")):
        values = headers.get(name.lower(), [])
        assert values == [value], f"{what}: expected one header {name}: {value}, got {values or 'none'}"
    right = content == body.encode()
    assert right, f"{what}: expected behind the empty line {body.encode()!r}, got {content!r}"
    return what, headers.get("content-length", [])


@pytest.mark.task(3)
def test_a_request_is_lines_and_an_empty_one(call, rng):
    """A request is lines that end with CRLF, and an empty one."""
    for method, port in (("GET", ""), (rng.choice(["DELETE", "OPTIONS"]), f":{rng.randint(1024, 65535)}")):
        name, path, key, value = rng.words(4)
        what, sizes = expect_request(call, method, f"{name}.example{port}", f"/{path}?{key}={value}", "")
        assert sizes in ([], ["0"]), f"{what}: expected no Content-Length, or 0, got {sizes}"


@pytest.mark.task(3)
@pytest.mark.after("test_a_request_is_lines_and_an_empty_one")
def test_a_body_is_announced_in_bytes(call, rng):
    """The body of a request is announced in bytes."""
    plain, wide = rng.words(2), rng.sample(WIDE, 3)
    for body in (f"{plain[0]}={plain[1]}", f"{plain[0]}={''.join(wide)}", rng.word() * 500):
        method, name, path = rng.choice(["POST", "PUT"]), rng.word(), rng.word()
        what, sizes = expect_request(call, method, f"{name}.example", f"/{path}", body)
        size = str(len(body.encode()))
        assert sizes == [size], f"{what}: expected one header Content-Length: {size}, got {sizes or 'none'}"


def response(rng, body, *, spelling="Content-Length"):
    """A random response as bytes, and as what ``take_response`` makes of it."""
    status, words = rng.choice([(200, "OK"), (201, "Created"), (404, "Not Found"), (500, "Internal Server Error")])
    name, value = f"X-{rng.word().title()}", rng.word()
    lines = [f"HTTP/1.1 {status} {words}", f"{name}: {value}", f"{spelling}: {len(body)}"]
    raw = "\r\n".join([*lines, "", ""]).encode() + body
    return raw, {"status": status, "headers": {name.lower(): value, "content-length": str(len(body))}, "body": body}


def taken(call, buffer):
    """What ``take_response`` gave, and the words for what it was asked."""
    what = f"take_response({buffer!r})" if len(buffer) < 200 else f"take_response of {len(buffer)} bytes"
    found = call("lab:take_response", buffer)
    pair = isinstance(found, (list, tuple)) and len(found) == 2
    assert pair, f"{what}: expected a pair, a response and the bytes behind it, got {found!r}"
    return what, *found


def expect_response(what, found, expected):
    assert found is not None, f"{what}: expected a response, got None"
    for key, value in expected.items():
        assert key in dictionary(found, what), f"{what}: expected a response with {key!r}, got {found!r}"
        assert found[key] == value, f"{what}: expected {key!r} to be {value!r}, got {found[key]!r}"


@pytest.mark.task(4)
def test_a_response_falls_into_its_parts(call, rng):
    """A response falls into its status, its headers and its body."""
    raw, expected = response(rng, rng.text().encode())
    what, found, rest = taken(call, raw)
    expect_response(what, found, expected)
    assert rest == b"", f"{what}: expected nothing behind the response, got {rest!r}"
    host, path, word = rng.words(3)
    port = rng.randint(1024, 65535)
    spelling = "".join(rng.choice([letter.lower(), letter.upper()]) for letter in "content-LENGTH")
    raw, expected = response(rng, bytes(rng.randrange(256) for _ in range(9)), spelling=spelling)
    expect_response(*taken(call, raw)[:2], expected)
    location = f"http://{host}.example:{port}/{path}"
    lines = ["HTTP/1.1 302 Found", f"LOCATION:{location}", f"X-{word.upper()}:   {path} {host}\t ", "", ""]
    what, found, _ = taken(call, "\r\n".join(lines).encode())
    headers = {"location": location, f"x-{word}": f"{path} {host}"}
    expect_response(what, found, {"status": 302, "headers": headers, "body": b""})


@pytest.mark.task(4)
@pytest.mark.after("test_a_response_falls_into_its_parts")
def test_an_unfinished_response_stays_in_the_buffer(call, rng):
    """A response that is not whole yet stays in the buffer."""
    raw, expected = response(rng, rng.text(5).encode())
    head = raw.index(b"\r\n\r\n")
    for where, size in (
        ("nothing has arrived", 0),
        ("the status line is not whole", rng.randint(1, 8)),
        ("a header is not whole", head - rng.randint(1, 5)),
        ("the empty line is not whole", head + rng.randint(1, 3)),
        ("the body has not begun", head + 4),
        ("the body is not whole", rng.randint(head + 6, len(raw) - 2)),
        ("one byte is missing", len(raw) - 1),
    ):
        what, found, rest = taken(call, raw[:size])
        assert found is None, f"{where}; {what}: expected None, got {found!r}"
        assert rest == raw[:size], f"{where}; {what}: expected all of it to stay in the buffer, got {rest!r}"
    expect_response(*taken(call, raw)[:2], expected)


@pytest.mark.task(4)
@pytest.mark.after("test_an_unfinished_response_stays_in_the_buffer")
def test_what_follows_is_kept(call, rng):
    """What follows a response is kept for the next one."""
    first, second, third = rng.words(3)
    bodies = [first.encode(), b"", f"{second}\r\n\r\n{third}".encode(), third.encode()]
    stream = [response(rng, body) for body in bodies]
    cut = stream[-1][0][: rng.randint(5, 40)]
    buffer = b"".join(raw for raw, _ in stream[:-1]) + cut
    for number, (raw, expected) in enumerate(stream[:-1], 1):
        what, found, rest = taken(call, buffer)
        what = f"response {number} of three and the beginning of a fourth in one buffer"
        expect_response(what, found, expected)
        buffer = buffer[len(raw) :]
        assert rest == buffer, f"{what}: expected {len(buffer)} bytes behind it, got {len(rest)}: {rest!r}"
    what, found, rest = taken(call, buffer)
    assert (found, rest) == (None, cut), f"{what}: expected None and all of it, got {found!r} and {rest!r}"


def goods(rng, names):
    """Rows with random ids and prices, in random order."""
    ids = rng.sample(range(10, 10_000), len(names))
    return [[number, name, rng.randint(1, 999)] for number, name in zip(ids, names, strict=True)]


def asked(call, path, **query):
    """The answer to a request: its status, and what its JSON says where it is a 200."""
    request = {"method": "GET", "path": path, "query": {name: [value] for name, value in query.items()}, "body": b""}
    what = path + "".join(f"?{quote_plus(name)}={quote_plus(value)}" for name, value in query.items())
    found = dictionary(call("lab:answer", request), what)
    assert "status" in found, f"{what}: expected a response with a status, got {found!r}"
    if found["status"] != 200:
        return what, found["status"], None
    headers = dictionary(found.get("headers"), f"the headers of the answer to {what}")
    kinds = [str(value) for name, value in headers.items() if str(name).lower() == "content-type"]
    kind = kinds[0].partition(";")[0].strip().lower() if kinds else "none"
    assert kind == "application/json", f"{what}: expected the Content-Type application/json, got {kind}"
    body = octets(found.get("body"), f"the body of the answer to {what}")
    try:
        return what, 200, json.loads(body)
    except ValueError:
        raise AssertionError(f"{what}: expected a body in JSON, got {body!r}") from None


def expect_answer(call, path, status, expected, **query):
    what, got, value = asked(call, path, **query)
    assert got == status, f"{what}: expected the status {status}, got {got}"
    assert value == expected, f"{what}: expected {expected!r}, got {value!r}"


def as_object(row):
    return dict(zip(("id", "name", "price"), row, strict=True))


@pytest.mark.task(5)
def test_goods_are_found_by_id(call, rng):
    """One of the goods is found by its id, and what is not there is a 404."""
    rows = goods(rng, [rng.text(), rng.word(), rng.word()])
    call("lab:restock", rows)
    for row in rows:
        expect_answer(call, f"/goods/{row[0]}", 200, as_object(row))
    missing = rng.randint(20_000, 30_000)
    for path in (f"/goods/{missing}", f"/{rng.word()}", "/", f"/goods/{rng.word()}", f"/goods/{missing} OR 1=1"):
        expect_answer(call, path, 404, None)


@pytest.mark.task(5)
@pytest.mark.after("test_goods_are_found_by_id")
def test_goods_are_found_by_name(call, rng):
    """Goods are found by their name, whatever a stranger writes there."""
    often, once, never, owner = rng.words(4)
    strange = f'{owner}\'s "{once}"; -- {rng.choice(WIDE)}'
    rows = goods(rng, [often, once, often, strange, often, owner])
    call("lab:restock", rows)
    for name in (once, often, never, strange, f"{never}' OR 'a'='a"):
        expected = [as_object(row) for row in sorted(rows) if row[1] == name]
        expect_answer(call, "/goods", 200, expected, name=name)
