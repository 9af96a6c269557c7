"""What a server must do with the bytes of HTTP/1.1, and a resolver with a set of records."""

import pytest
from http_wire import HOST, ask, expect_the_end, read_answer, request
from zones import addresses, chain, host_names, record

GREETING = "Grüezi, this is HTTP."
OCTETS = "application/octet-stream"
RESOLVE = "resolver:resolve"


def echo(body, *lines):
    return request("POST", "/echo", *lines, body=body)


def binary(rng, size):
    """Bytes of every kind, with an empty line inside that ends no head."""
    return rng.randbytes(size // 2) + b"\r\n\r\n" + rng.randbytes(size - size // 2)


def random_case(rng, text):
    """The text with capitals in odd places, and never the way it came."""
    while True:
        changed = "".join(rng.choice((letter.lower(), letter.upper())) for letter in text)
        if changed not in (text, text.lower(), text.upper()):
            return changed


@pytest.mark.task(1)
def test_get_answers_the_greeting(connect, rng):
    """GET / answers the greeting, as an HTTP/1.1 message correct to the byte."""
    for target in ("/", f"/?{rng.word()}={rng.word()}"):
        answer = ask(connect, request("GET", target), f"GET {target}")
        assert answer.status == 200, f"GET {target}"
        assert answer.header("content-type").lower().replace(" ", "") == "text/plain;charset=utf-8", "the content type"
        assert answer.body.decode(errors="replace") == GREETING, "the body"


@pytest.mark.task(1)
@pytest.mark.after("test_get_answers_the_greeting")
def test_echo_gives_the_body_back(connect, rng):
    """POST /echo gives the body back byte for byte, with its content type."""
    kind = f"application/x-{rng.word()}"
    for body, lines, expected in (
        (rng.text().encode(), ["Content-Type: text/plain; charset=utf-8"], "text/plain; charset=utf-8"),
        (rng.randbytes(rng.randint(200, 400)), [f"Content-Type: {kind}"], kind),
        (b"", [f"Content-Type: {kind}"], kind),
        (binary(rng, 40), [], OCTETS),
    ):
        to = f"POST /echo of {len(body)} bytes with " + (expected if lines else "no content type")
        answer = ask(connect, echo(body, *lines), to)
        assert answer.status == 200, to
        assert answer.body == body, f"the body of the answer to {to}"
        assert answer.header("content-type") == expected, f"the content type of the answer to {to}"


@pytest.mark.task(2)
@pytest.mark.after("test_echo_gives_the_body_back")
def test_a_request_may_arrive_in_pieces(connect, http, rng):
    """A request that arrives in pieces, even byte by byte, is read to its end."""
    # Head and body of 4 kB each take so long byte by byte that no single read can catch all of either.
    slowly = binary(rng, 4_000)
    padding = [f"X-{word}: {rng.word(45)}" for word in rng.words(40)]
    in_parts = binary(rng, rng.randint(80_000, 100_000))
    # Whoever stops reading early has not seen the Host yet.
    at_last = request("GET", "/", *padding[1:], HOST, host=padding[0])
    for what, body, data, count in (
        ("GET /", GREETING.encode(), at_last, None),
        ("POST /echo", slowly, echo(slowly, *padding), None),
        ("POST /echo", in_parts, echo(in_parts), 9),
    ):
        cuts = sorted(rng.sample(range(1, len(data)), count - 1)) if count else range(1, len(data))
        to = f"{what} of {len(data)} bytes sent " + (f"in {count} pieces" if count else "byte by byte")
        with connect() as connection:
            try:
                for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
                    connection.send(data[start:end], note=start == 0)
            except EOFError:
                pass  # The answer, if there is one, says more than the hang-up.
            answer = read_answer(connection, to)
        assert answer.status == 200, to
        assert len(answer.body) == len(body), f"the number of bytes in the answer to {to}"
        assert answer.body == body, f"the bytes in the answer to {to}"
    # Most HTTP libraries send head and body apart.
    for size in (rng.randint(10, 90), rng.randint(80_000, 100_000)):
        body = binary(rng, size)
        answer = http.post("/echo", content=body)
        to = f"POST /echo of {len(body)} bytes by an HTTP library"
        assert answer.status_code == 200, to
        assert len(answer.content) == len(body), f"the number of bytes echoed to {to}"
        assert answer.content == body, f"the bytes echoed to {to}"


@pytest.mark.task(2)
@pytest.mark.after("test_echo_gives_the_body_back")
def test_header_names_are_read_in_any_case(connect, rng):
    """Header names count in any mix of capitals, and spaces around values do not."""
    body, kind = rng.randbytes(30), f"text/x-{rng.word()}"
    for space, end, written in (
        (" ", "", "in odd capitals"),
        ("", "", "and no space after the colons"),
        ("\t  ", " \t", "and tabs and spaces around the values"),
    ):
        length, type_, host = (random_case(rng, name) for name in ("Content-Length", "Content-Type", "Host"))
        lines = [f"{length}:{space}{len(body)}{end}", f"{type_}:{space}{kind}{end}"]
        lines += [f"X-{rng.word()}:{space}{rng.word()}{end}" for _ in range(3)]
        rng.shuffle(lines)
        data = request("POST", "/echo", *lines, host=f"{host}:{space}groundup.test{end}") + body
        to = f"POST /echo with {length}, {type_} and {host}, {written}"
        answer = ask(connect, data, to)
        assert answer.status == 200, to
        assert answer.body == body, f"the body of the answer to {to}"
        assert answer.header("content-type") == kind, f"the content type of the answer to {to}"


@pytest.mark.task(3)
@pytest.mark.after("test_echo_gives_the_body_back")
def test_one_connection_serves_many_requests(connect, rng):
    """One connection serves one request after the other, whatever they were."""
    word = rng.word().encode()
    requests = [
        ("GET / with a body", request("GET", "/", body=rng.text().encode()), GREETING.encode()),
        ("POST /echo", echo(word), word),
        ("POST /echo without Content-Length", request("POST", "/echo"), b""),
        (f"POST /{rng.word(4)} with a body", request("POST", f"/{rng.word(4)}", body=rng.text().encode()), None),
        ("DELETE / with a body", request("DELETE", "/", body=rng.text().encode()), None),
    ]
    rng.shuffle(requests)
    first, again, last = (
        (what, request("GET", "/"), GREETING.encode()) for what in ("GET /", "GET / once more", "GET / at last")
    )
    with connect() as connection:
        before = "nothing"
        for what, data, expected in (first, again, *requests, last):
            connection.send(data)
            to = f"{what} (before it on the same connection: {before})"
            answer = read_answer(connection, to)
            if expected is not None:
                assert answer.body == expected, f"the body of the answer to {to}"
            before = what


@pytest.mark.task(3)
@pytest.mark.after("test_one_connection_serves_many_requests")
def test_pipelined_requests_are_answered_in_order(connect, rng):
    """Requests sent without waiting for answers are answered one by one, in order."""
    words = [word.encode() for word in rng.words(rng.randint(4, 8))]
    *together, last = (echo(word) for word in words)
    with connect() as connection:
        connection.send(b"".join(together))
        # Whoever drops the others answers the last one in their place, and keeps nobody waiting.
        answer = read_answer(connection, "the first of the requests sent together")
        assert answer.body == words[0], "the first answer"
        connection.send(last)
        for number, word in enumerate(words[1:], start=2):
            answer = read_answer(connection, f"request {number} of {len(words)}")
            assert answer.body == word, f"answer {number} of {len(words)}"


@pytest.mark.task(3)
@pytest.mark.after("test_get_answers_the_greeting")
def test_connection_close_is_honoured(connect, rng):
    """Connection: close and HTTP/1.0 end the connection after the answer, which says so."""
    for to, data in (
        ("GET / with Connection: close", request("GET", "/", "Connection: close")),
        ("POST /echo with Connection: Close", echo(rng.word().encode(), "Connection: Close")),
        ("GET / in HTTP/1.0 without Host", request("GET", "/", host=None, version="HTTP/1.0")),
    ):
        with connect() as connection:
            connection.send(data)
            answer = read_answer(connection, to)
            assert answer.status == 200, to
            says = answer.header("connection") or "no Connection header"
            assert answer.says_close, f"expected Connection: close in the answer to {to}, got {says}"
            expect_the_end(connection, to)


@pytest.mark.task(4)
@pytest.mark.after("test_one_connection_serves_many_requests")
def test_head_is_get_without_the_body(connect, rng):
    """HEAD answers what GET would, without the body."""
    with connect() as connection:
        for target in ("/", f"/{rng.word(4)}", "/echo"):
            connection.send(request("HEAD", target))
            head = read_answer(connection, f"HEAD {target}", method="HEAD")
            connection.send(request("GET", target))
            get = read_answer(connection, f"GET {target}, right after HEAD {target}")
            assert head.status == get.status, f"HEAD {target}"
            if get.status == 200:
                size, kind = str(len(get.body)), get.header("content-type")
                assert head.header("content-length") == size, f"the Content-Length after HEAD {target}"
                assert head.header("content-type") == kind, f"the content type after HEAD {target}"


@pytest.mark.task(4)
@pytest.mark.after("test_get_answers_the_greeting")
def test_unknown_paths_answer_404_and_methods_405(connect, rng):
    """A path that is not there answers 404, a method that is not there 405 with Allow."""
    for method, target in (
        ("GET", f"/{rng.word(4)}"),
        ("POST", f"/{rng.word(4)}"),
        ("GET", f"/echo/{rng.word()}"),
        ("GET", f"/{rng.word(4)}?/"),
    ):
        answer = ask(connect, request(method, target), f"{method} {target}")
        assert answer.status == 404, f"{method} {target}"
    for method, target, expected in (
        ("POST", "/", {"GET", "HEAD"}),
        (rng.word(4).upper(), "/", {"GET", "HEAD"}),
        ("GET", "/echo", {"POST"}),
        ("PUT", "/echo", {"POST"}),
    ):
        answer = ask(connect, request(method, target), f"{method} {target}")
        assert answer.status == 405, f"{method} {target}"
        allowed = {name.strip() for name in answer.header("allow").split(",") if name.strip()}
        listed = ", ".join(sorted(allowed)) or "no Allow header"
        wanted = ", ".join(sorted(expected))
        assert expected <= allowed, f"expected {wanted} in Allow after {method} {target}, got {listed}"
        assert method not in allowed, f"expected Allow after {method} {target} without {method}, got {listed}"


@pytest.mark.task(5)
@pytest.mark.after("test_get_answers_the_greeting")
def test_what_is_not_http_1_answers_400_or_505(connect, rng):
    """A request line, header or Host that breaks the rules answers 400, another major version 505."""
    word, name = rng.word(), rng.word()
    broken = [
        ("a request line without a version", f"GET /\r\n{HOST}\r\n\r\n"),
        ("a request line of one word", f"{word}\r\n{HOST}\r\n\r\n"),
        ("two spaces before the target", f"GET  / HTTP/1.1\r\n{HOST}\r\n\r\n"),
        ("a word after the version", f"GET / HTTP/1.1 {word}\r\n{HOST}\r\n\r\n"),
        ("a target without /", f"GET {word} HTTP/1.1\r\n{HOST}\r\n\r\n"),
        ("a method with a bracket", f"GE(T / HTTP/1.1\r\n{HOST}\r\n\r\n"),
        ("the version http/1.1", f"GET / http/1.1\r\n{HOST}\r\n\r\n"),
        ("the version HTTP/1", f"GET / HTTP/1\r\n{HOST}\r\n\r\n"),
        ("a header line without a colon", f"GET / HTTP/1.1\r\n{HOST}\r\n{word}\r\n\r\n"),
        ("a header line without a name", f"GET / HTTP/1.1\r\n{HOST}\r\n: {word}\r\n\r\n"),
        ("a space before the colon", f"GET / HTTP/1.1\r\n{HOST}\r\n{name} : {word}\r\n\r\n"),
        ("a space inside a header name", f"GET / HTTP/1.1\r\n{HOST}\r\nX {name}: {word}\r\n\r\n"),
        ("a header line that begins with a space", f"GET / HTTP/1.1\r\n{HOST}\r\n {name}: {word}\r\n\r\n"),
        ("HTTP/1.1 without Host", f"GET / HTTP/1.1\r\n{name}: {word}\r\n\r\n"),
        ("two Host headers", f"GET / HTTP/1.1\r\n{HOST}\r\nHost: {word}.test\r\n\r\n"),
    ]
    for to, data in broken:
        assert ask(connect, data.encode(), to).status == 400, to
    for version in (f"HTTP/{rng.randint(2, 9)}.0", f"HTTP/{rng.randint(2, 9)}.{rng.randint(1, 9)}"):
        assert ask(connect, request("GET", "/", version=version), version).status == 505, version


@pytest.mark.task(5)
@pytest.mark.after("test_echo_gives_the_body_back")
def test_a_content_length_that_is_no_number_answers_400(connect, rng):
    """A Content-Length that is not digits alone, or two that differ, answer 400."""
    size = rng.randint(3, 9)
    # The body is longer than any size a lenient reader could make of these.
    body = rng.randbytes(100)
    for value in (f"-{size}", f"+{size}", f"{size}.0", f"{size}_0", f"0x{size}", f"{size} {size}", rng.word(), ""):
        to = f"POST /echo with Content-Length: {value or '(nothing)'}"
        assert ask(connect, request("POST", "/echo", f"Content-Length: {value}") + body, to).status == 400, to
    for first, second in ((size, size + 1), (size + 1, size)):
        lines = (f"Content-Length: {first}", f"Content-Length: {second}")
        to = f"POST /echo with both Content-Length: {first} and {second}"
        assert ask(connect, request("POST", "/echo", *lines) + body, to).status == 400, to


def smuggled(rng):
    """Two requests for whoever reads Transfer-Encoding, one for whoever reads Content-Length."""
    body = b"0\r\n\r\n" + request("GET", f"/{rng.word(4)}")
    lines = [f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"]
    return [request("POST", "/echo", *order) + body for order in (lines, lines[::-1])]


@pytest.mark.task(5)
@pytest.mark.after("test_echo_gives_the_body_back")
def test_transfer_encoding_with_content_length_answers_400(connect, rng):
    """Transfer-Encoding and Content-Length in one request answer 400."""
    for data in smuggled(rng):
        to = "POST /echo with both Content-Length and Transfer-Encoding: chunked"
        assert ask(connect, data, to).status == 400, to


@pytest.mark.task(5)
@pytest.mark.after(
    "test_what_is_not_http_1_answers_400_or_505",
    "test_a_content_length_that_is_no_number_answers_400",
    "test_transfer_encoding_with_content_length_answers_400",
)
def test_a_refusal_ends_the_connection(connect, rng):
    """After a 400 or 505 the connection is closed, and the answer says so."""
    for to, data in (
        ("a request line of one word", f"{rng.word()}\r\n{HOST}\r\n\r\n".encode()),
        ("HTTP/1.1 without Host", request("GET", "/", host=None)),
        ("HTTP/2.0", request("GET", "/", version="HTTP/2.0")),
        ("a negative Content-Length", request("POST", "/echo", f"Content-Length: -{rng.randint(1, 9)}")),
        ("Content-Length and Transfer-Encoding", smuggled(rng)[0]),
    ):
        with connect() as connection:
            connection.send(data)
            answer = read_answer(connection, to)
            assert answer.status in (400, 505), to
            says = answer.header("connection") or "no Connection header"
            assert answer.says_close, f"expected Connection: close in the answer to {to}, got {says}"
            expect_the_end(connection, to)


@pytest.mark.task(6)
@pytest.mark.after("test_a_request_may_arrive_in_pieces")
def test_a_slow_client_keeps_nobody_waiting(connect, rng, race, eventually):
    """Ten clients stuck in the middle of their requests keep an eleventh waiting for nothing."""
    stuck = []

    def get_stuck():
        body = rng.text().encode()
        data = echo(body)
        cut = rng.randrange(1, len(data))
        connection = connect()
        connection.send(data[:cut])
        stuck.append((connection, data[cut:], body))

    def hurry():
        """A whole request by another client; those who are stuck leave when it is not answered."""
        body = rng.text().encode()
        answered = []

        def act(number):
            if number == 1:
                try:
                    eventually(lambda: answered, within=1.5)
                except AssertionError:
                    for connection, _, _ in stuck:
                        connection.close()
                    return "late"
                return "in time"
            try:
                with connect() as connection:
                    connection.send(echo(body))
                    return read_answer(connection, "the client in a hurry")
            finally:
                answered.append(True)

        answer, when = race(2, act)
        others = f"{len(stuck)} other client{'s' * (len(stuck) > 1)}"
        assert when == "in time", f"expected an answer while {others} had sent half a request, got none until they left"
        assert answer.body == body, f"the body echoed to the client in a hurry, beside {others}"

    get_stuck()
    hurry()
    while len(stuck) < 10:
        get_stuck()
    hurry()
    rng.shuffle(stuck)
    for connection, rest, body in stuck:
        connection.send(rest)
        answer = read_answer(connection, "a slow client that went on at last")
        assert answer.body == body, "the body echoed to a slow client that went on at last"


@pytest.mark.task(7)
def test_resolve_follows_aliases_to_the_addresses(call, rng):
    """resolve follows CNAMEs to every address, and the TTL is the smallest on the way."""
    long = rng.randint(20, 30)
    for links, smallest_at in ((0, 0), (1, 0), (3, rng.randint(1, 2)), (4, 4), (long, rng.randrange(long))):
        name, records, expected = chain(rng, links, smallest_at)
        answer = call(RESOLVE, name, records)
        assert answer == expected, f"a chain of {links} CNAMEs"


@pytest.mark.task(7)
@pytest.mark.after("test_resolve_follows_aliases_to_the_addresses")
def test_spellings_of_a_name_are_one_name(call, rng):
    """Capitals and a dot at the end make no difference to a name, wherever it stands."""
    shout, dot = str.upper, "{}.".format
    first, second = host_names(rng, 2)
    for where, (asked, alias, target, final) in (
        ("the name asked for", (shout(dot(first)), first, second, second)),
        ("the name of a record", (first, dot(shout(first)), second, second)),
        ("the value of a CNAME", (first, first, dot(shout(second)), second)),
        ("the name of an A record", (first, first, second, shout(dot(second)))),
    ):
        [address] = addresses(rng, 1)
        ttl = rng.randint(60, 900)
        records = [record(final, "A", address, ttl), record(alias, "CNAME", target, ttl + 1)]
        answer = call(RESOLVE, asked, records)
        assert answer == {"addresses": [address], "ttl": ttl}, f"capitals and a dot at the end in {where}"


@pytest.mark.task(7)
@pytest.mark.after("test_resolve_follows_aliases_to_the_addresses")
def test_dead_ends_and_loops_are_answers(call, rng):
    """An unknown name, a name without address and a loop each answer with their error."""
    a, b, c, d = host_names(rng, 4)
    [address] = addresses(rng, 1)
    other = record(d, "A", address, 60)

    def alias(name, target):
        return record(name, "CNAME", target, rng.randint(60, 900))

    for what, records, error in (
        ("a name without records", [other], "NXDOMAIN"),
        ("no records at all", [], "NXDOMAIN"),
        ("a CNAME to a name without records", [other, alias(a, b)], "NXDOMAIN"),
        ("a name with other records only", [other, record(a, "TXT", rng.text(), 60)], "NODATA"),
        ("a CNAME to a name with other records only", [alias(a, b), record(b, "AAAA", "2001:db8::7", 60)], "NODATA"),
        ("a CNAME to itself", [other, alias(a, a)], "LOOP"),
        ("two CNAMEs in a circle", [alias(b, a), alias(a, b), other], "LOOP"),
        ("a CNAME that leads into a circle", [alias(c, b), alias(a, b), alias(b, c), other], "LOOP"),
    ):
        assert call(RESOLVE, a, records) == {"error": error}, what
