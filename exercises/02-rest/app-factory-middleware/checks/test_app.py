"""What a factory and its request log must do, seen by a client and by a reader of the log."""

import re
import string
import time
from typing import NamedTuple
from urllib.parse import quote, unquote

import pytest

PREFIX = "request "
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")
FORM = re.compile(
    r"request method=(\S+) path=(\S+) status=([0-9]{3}) ms=([0-9]+(?:\.[0-9]+)?) id=(" + ACCEPTABLE.pattern + ")"
)
LIKE = "request method=… path=… status=… ms=… id=…"
# How much later than the client's own measurement a line may be timed, in milliseconds.
LATER = 100


class Line(NamedTuple):
    """One request line of the log, taken apart."""

    method: str
    path: str
    status: int
    ms: float
    id: str


def taken_apart(line):
    match = FORM.fullmatch(line)
    assert match, f"expected a line of the form {LIKE!r}, got {line!r}"
    method, path, status, ms, given = match.groups()
    return Line(method, path, int(status), float(ms), given)


def holding(lines, word):
    return [line for line in lines if line.startswith(PREFIX) and word in line]


def only_line(lines, word):
    found = holding(lines, word)
    assert len(found) == 1, f"expected one line {LIKE!r} with {word} in it, got {len(found)}: {found!r:.300}"
    return taken_apart(found[0])


@pytest.fixture
def logged(http, program, rng, eventually):
    """``logged(word, …)``: for each word the one request line that holds it."""

    def arrived(word):
        assert holding(program.printed(), word), f"expected a line {LIKE!r} with {word} in it, got none"

    def logged(*words):
        for word in words:
            eventually(lambda word=word: arrived(word), within=2)
        # Once the line of a later request is here, no second line of an earlier one is on its way.
        # Figures, in which no word of letters can stand by chance.
        last = str(rng.randrange(10**8, 10**9))
        http.get(f"/hello/{last}")
        eventually(lambda: arrived(last), within=2)
        return [only_line(program.printed(), word) for word in words]

    return logged


def given_id(answer, what="the X-Request-ID of the answer"):
    found = answer.headers.get("x-request-id", "")
    assert ACCEPTABLE.fullmatch(found), f"{what}: expected 1 to 64 of A-Z a-z 0-9 - _ . , got {found!r}"
    return found


@pytest.mark.task(1)
def test_root_answers_the_settings(http, program, rng):
    """GET / answers the two settings of the environment, or their defaults, as JSON."""
    answer = http.get("/")
    assert answer.status_code == 200
    assert answer.media_type == "application/json", "the content type of GET /"
    assert answer.object == {"name": "greeter", "greeting": "Hello"}, "with nothing set"
    name, greeting = rng.word(), rng.text()
    answer = program.http(program.start("web", env={"APP_NAME": name, "APP_GREETING": greeting})).get("/")
    assert answer.object == {"name": name, "greeting": greeting}, "with both set"
    answer = program.http(program.start("web", env={"APP_GREETING": greeting})).get("/")
    assert answer.object == {"name": "greeter", "greeting": greeting}, "with only APP_GREETING set"


@pytest.mark.task(1)
@pytest.mark.after("test_root_answers_the_settings")
def test_the_mapping_wins(probe, rng):
    """The mapping given to create_app wins over the environment."""
    name, greeting, own = rng.words(3)

    def root(mapping):
        # A process for each, so that apps which share too much fail the check that is about it.
        environment = {"APP_NAME": name, "APP_GREETING": greeting}
        found = probe("apps", at_import=environment, configs=[mapping], requests=[[0, "/", None]])
        return found["answers"][0]["body"]

    what = "GET / with both settings in the environment and"
    assert root({"APP_NAME": own}) == {"name": own, "greeting": greeting}, f"{what} APP_NAME in the mapping"
    assert root({}) == {"name": name, "greeting": greeting}, f"{what} an empty mapping"


@pytest.mark.task(2)
@pytest.mark.after("test_root_answers_the_settings")
def test_importing_does_nothing(probe, rng):
    """Importing app creates no app, prints nothing and reads no environment."""
    early, late = rng.words(2)
    found = probe(
        "apps", at_import={"APP_NAME": early}, at_call={"APP_NAME": late}, configs=[None], requests=[[0, "/", None]]
    )
    assert found["created"] == 0, "the number of Flask apps after  import app"
    assert found["printed_by_import"] == [], "what  import app  printed"
    what = f"GET /, with APP_NAME={early} during the import and APP_NAME={late} at create_app()"
    assert found["answers"][0]["body"] == {"name": late, "greeting": "Hello"}, what


@pytest.mark.task(2)
@pytest.mark.after("test_the_mapping_wins")
def test_two_apps_share_no_settings(probe, rng):
    """Two apps in one process share no settings."""
    first, second = rng.words(2)
    found = probe(
        "apps",
        configs=[{"APP_NAME": first, "APP_GREETING": first}, {"APP_NAME": second}, None],
        requests=[[0, "/", None], [1, "/", None], [2, "/", None], [0, "/", None]],
    )
    bodies = [answer["body"] for answer in found["answers"]]
    assert bodies[0] == {"name": first, "greeting": first}, "the first app, after two more were made"
    assert bodies[1] == {"name": second, "greeting": "Hello"}, "the second app, made with APP_NAME alone"
    assert bodies[2] == {"name": "greeter", "greeting": "Hello"}, "the third app, made with no mapping"
    assert bodies[3] == bodies[0], "the first app, after requests to the others"


@pytest.mark.task(3)
def test_each_request_leaves_one_line(http, logged, rng):
    """Each request leaves exactly one line of the announced form, without its query string."""
    first, second, secret = rng.words(3)
    assert http.get(f"/hello/{first}").status_code == 200
    assert http.get(f"/slow/{second}", params={"ms": 1, "token": secret}).status_code == 200
    one, two = logged(first, second)
    assert (one.method, one.path, one.status) == ("GET", f"/hello/{first}", 200), "method, path and status in the line"
    assert two.path == f"/slow/{second}", "the path in the line"
    head = rng.word()
    http.head(f"/hello/{head}")
    assert logged(head)[0].method == "HEAD", "the method in the line"


@pytest.mark.task(3)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_refused_requests_leave_one_line(http, logged, rng):
    """A 404 and a 405 leave their one line too."""
    unknown, refused = rng.words(2)
    assert http.get(f"/{unknown}").status_code == 404
    assert http.delete(f"/hello/{refused}").status_code == 405
    first, second = logged(unknown, refused)
    assert (first.method, first.path, first.status) == ("GET", f"/{unknown}", 404), "the line of the 404"
    assert (second.method, second.path, second.status) == ("DELETE", f"/hello/{refused}", 405), "the line of the 405"


@pytest.mark.task(3)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_a_view_that_raises_leaves_one_line(http, logged, probe, rng):
    """A view that raises leaves its one line with status=500, with TESTING on as well."""
    word, tested = rng.words(2)
    assert http.get(f"/boom/{word}").status_code == 500
    assert logged(word)[0].status == 500, "the status in the line"
    found = probe("apps", configs=[{"TESTING": True}], requests=[[0, f"/boom/{tested}", None]])
    lines = holding(found["printed"], tested)
    assert len(lines) == 1, f"GET /boom/{tested} with TESTING on: expected one line {LIKE!r}, got {len(lines)}"
    assert taken_apart(lines[0]).status == 500, "the status in the line, with TESTING on"


@pytest.mark.task(3)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_two_apps_log_each_request_once(probe, rng):
    """Two apps in one process still leave one line for each request."""
    words = rng.words(3)
    found = probe(
        "apps",
        configs=[None, None],
        requests=[[number, f"/hello/{word}", None] for number, word in zip((0, 1, 0), words, strict=True)],
    )
    for number, word in zip((1, 2, 1), words, strict=True):
        lines = holding(found["printed"], word)
        what = f"GET /hello/{word} to app {number} of 2"
        assert len(lines) == 1, f"{what}: expected one line {LIKE!r}, got {len(lines)}"


@pytest.mark.task(4)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_ms_covers_the_handler(http, logged, rng):
    """The ms of a line is at least the time the view took."""
    word, slept = rng.word(), rng.randint(40, 80)
    started = time.monotonic()
    http.get(f"/slow/{word}", params={"ms": slept})
    waited = (time.monotonic() - started) * 1000
    assert waited >= slept - 1, (
        f"GET /slow/{word}?ms={slept}: expected to wait at least {slept} ms, got {waited:.0f} ms"
    )
    line = logged(word)[0]
    # A millisecond for a clock that is adjusted, and for rounding.
    assert line.ms >= slept - 1, f"expected ms={slept} or more after /slow/{word}?ms={slept}, got ms={line.ms:g}"
    assert line.ms <= waited + LATER, f"expected at most the {waited:.0f} ms the client waited, got ms={line.ms:g}"


@pytest.mark.task(4)
@pytest.mark.after("test_ms_covers_the_handler")
def test_requests_at_once_have_their_own_ms(http, logged, race, rng):
    """Requests at the same moment each have their own ms."""
    slow, quick = rng.words(2)
    slept = rng.randint(120, 150)
    ended = []
    waited = {}

    def act(number):
        if number == 0:
            try:
                http.get(f"/slow/{slow}", params={"ms": slept})
            finally:
                ended.append(slow)
        while not ended and len(waited) < 200:
            word = f"{quick}-{len(waited):03}"
            started = time.monotonic()
            http.get(f"/slow/{word}", params={"ms": 10})
            waited[word] = (time.monotonic() - started) * 1000

    race(2, act)
    line, *others = logged(slow, *waited)
    what = f"/slow/{slow}?ms={slept} with {len(others)} quick requests beside it"
    assert line.ms >= slept - 1, f"{what}: expected ms={slept} or more, got ms={line.ms:g}"
    for (word, most), other in zip(waited.items(), others, strict=True):
        what = f"/slow/{word}?ms=10 beside a request of {slept} ms"
        assert other.ms >= 9, f"{what}: expected ms=10 or more, got ms={other.ms:g}"
        assert other.ms <= most + LATER, (
            f"{what}: expected at most the {most:.0f} ms the client waited, got ms={other.ms:g}"
        )


@pytest.mark.task(5)
@pytest.mark.after("test_refused_requests_leave_one_line")
def test_an_acceptable_id_comes_back(http, logged, rng):
    """An acceptable X-Request-ID comes back in the answer and stands in the line."""
    letters = string.ascii_letters + string.digits + "-_."
    ids = [
        rng.choice(string.ascii_letters),
        rng.choice("-_."),
        f"{rng.word()}-{rng.word()}_{rng.word()}.{rng.randint(1, 9)}",
        "".join(rng.choice(letters) for _ in range(64)),
    ]
    words = rng.words(len(ids))
    for word, sent in zip(words, ids, strict=True):
        answer = http.get(f"/hello/{word}", headers={"X-Request-ID": sent})
        assert answer.headers.get("x-request-id") == sent, f"the X-Request-ID of the answer to X-Request-ID: {sent}"
    for line, sent in zip(logged(*words), ids, strict=True):
        assert line.id == sent, f"the id in the line of {line.path}"
    for method, path in (("GET", "/"), ("GET", f"/{rng.word()}"), ("DELETE", "/"), ("GET", f"/boom/{rng.word()}")):
        sent = f"{rng.word(4)}-{rng.word(4)}"
        answer = http.request(method, path, headers={"X-Request-ID": sent})
        what = f"the X-Request-ID of {method} {path} ({answer.status_code})"
        assert answer.headers.get("x-request-id") == sent, what


@pytest.mark.task(5)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_a_generated_id_is_never_given_twice(http, logged, program, race, rng):
    """Without an X-Request-ID the program makes one, and never the same twice, not even in a second process."""
    words = rng.words(8)
    answers = race(8, lambda number: http.get(f"/hello/{words[number]}"))
    ids = [given_id(answer) for answer in answers]
    for line, given in zip(logged(*words), ids, strict=True):
        assert line.id == given, f"the id in the line of {line.path}"
    for _ in range(2):
        other = program.http(program.start("web"))
        ids += [given_id(other.get("/")) for _ in range(3)]
    repeated = sorted({given for given in ids if ids.count(given) > 1})
    assert not repeated, f"expected {len(ids)} different ids from three processes, got {repeated[0]} more than once"


@pytest.mark.task(6)
@pytest.mark.after("test_a_generated_id_is_never_given_twice")
def test_an_unacceptable_id_is_replaced(http, logged, probe, rng):
    """An X-Request-ID that is not acceptable is replaced, in the answer and in the line."""
    word = rng.word()
    forged = f"request method=GET path=/ status=200 ms=0.1 id={word}"
    sent_ids = [
        f'"{word}"',
        f"{word} status=200",
        forged,
        word + "x" * 59,
        word * 300,
        "",
        f"{word}%0A{word}",
        f"{word},{word}",
        f"{word}/{word}",
        f"{word}\t{word}",
        f"{word}é",
    ]
    paths = rng.words(len(sent_ids))
    given = []
    for path, sent in zip(paths, sent_ids, strict=True):
        what = f"X-Request-ID: {sent!r:.90}"
        answer = http.get(f"/hello/{path}", headers={"X-Request-ID": sent.encode("latin-1")})
        assert answer.status_code == 200, what
        given.append(given_id(answer, what))
    for line, made in zip(logged(*paths), given, strict=True):
        assert line.id == made, f"the id in the line of {line.path}"
    # A line break arrives in a folded header, and only through servers that are not strict.
    broken = [f"{word}\n", f"{word}\n{forged}", f"{word}\r\n{forged}", f"{word}\r{forged}"]
    paths = rng.words(len(broken))
    found = probe("apps", configs=[None], requests=[[0, f"/hello/{p}", s] for p, s in zip(paths, broken, strict=True)])
    for path, sent, answer in zip(paths, broken, found["answers"], strict=True):
        what = f"X-Request-ID: {sent!r:.40} from a server that lets it through"
        assert answer["status"] == 200, what
        assert ACCEPTABLE.fullmatch(answer["id"]), f"{what}: expected an id that is acceptable, got {answer['id']!r}"
        assert only_line(found["printed"], path).id == answer["id"], f"{what}: the id in the line"
    assert not holding(found["printed"], forged), f"expected no line that a client wrote, got {forged!r}"


@pytest.mark.task(6)
@pytest.mark.after("test_each_request_leaves_one_line")
def test_a_hostile_path_writes_one_line(http, logged, rng):
    """A path with line breaks and spaces in it leaves one line, percent-encoded."""
    words = rng.words(7)
    names = [
        f"{word}{breaks}request method=GET path={word} status=200 ms=0.1 id={word}"
        for word, breaks in zip(words, ("\n", "\r\n", "\r", " ", "\x1b[2K", "\x85", "\u2028"), strict=True)
    ]
    for name in names:
        assert http.get(f"/hello/{quote(name)}").object == {"hello": name}
    for name, line in zip(names, logged(*words), strict=True):
        assert line.status == 200, f"the status in the line of /hello/{quote(name)}"
        assert line.path.isascii(), f"expected a percent-encoded path, got {line.path!r}"
        assert unquote(line.path) == f"/hello/{name}", f"the path in the line of /hello/{quote(name)}, decoded"
