"""What a cache must do to be quick and not to be noticed, seen by users, by the database, and by Redis."""

import contextlib
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from gate import gate_to
from lists import (
    create,
    ids,
    let_pass,
    listed,
    lives,
    path,
    put_back,
    rename,
    saved,
    through_all_keys,
    title_of,
)
from people import bearer, log_in, problem, somebody
from table import asked, gone, locked, slow_commits

from grader.sandbox import ProgramDied, ProgramSilent

LONGEST = 3600
UNKNOWN = range(100_000, 1_000_000)
LARGEST = 64 * 1024
# Nobody needs so many requests to Redis for one list; a program that never ends asking must end here.
MOST_REQUESTS = 40
MANY = 24
# For all of them to have begun.
BEGUN = 0.5
# A request waits two seconds for another one. On a machine that keeps it waiting for longer, nothing is proved.
PATIENCE = 1.5


def shown(statement):
    return statement if len(statement) <= 90 else f"{statement[:90]}…"


@pytest.mark.task(1)
def test_requests_are_answered_as_in_step_4(http, sql, rng):
    """Requests are answered as in step 4."""
    # So that ids are not small numbers only.
    sql.execute("SELECT setval(pg_get_serial_sequence('notes', 'id'), ?)", rng.randint(1000, 9000))
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    title, content = rng.text(), f"{rng.text()}. {rng.word()}"
    made = http.post("/notes", json={"title": title, "content": content}, headers=ann.headers)
    assert made.status_code == 201, "POST /notes"
    note = made.object
    assert [note["title"], note["content"]] == [title, content], "the note in the answer to POST"
    own = f"/notes/{note['id']}"
    assert made.headers.get("location", "").endswith(own), "the header Location"
    assert listed(http, ann)[-1] == note, "the newest note in the list"
    assert http.get(own, headers=ann.headers).object == note, "GET of the note"
    assert http.get(f"{own}/summary", headers=ann.headers).object["summary"] == content.partition(".")[0] + "."
    title = rng.text()
    replaced = http.put(own, json={"title": title}, headers=ann.headers)
    assert replaced.status_code == 200, "PUT of the note"
    assert replaced.object == note | {"title": title, "content": ""}, "the note in the answer to PUT"
    assert http.get(own, headers=ann.headers).object == replaced.object, "GET of the note after PUT"
    for method, body in (("GET", None), ("PUT", {"title": rng.text()}), ("DELETE", None)):
        what = f"{method} of a note of somebody else, who has just read it"
        problem(http.request(method, own, headers=bob.headers, **({"json": body} if body else {})), 404, what)
    problem(http.get(f"/notes/{rng.choice(UNKNOWN)}", headers=ann.headers), 404, "GET of a note that nobody has")
    for large in (2**31, 2**32, 10**30):
        problem(http.get(f"/notes/{large}", headers=ann.headers), 404, f"GET of a note with the id {large}")
    problem(http.post("/notes", json={"title": "", "id": 5}, headers=ann.headers), 422, "POST of a wrong note")
    problem(http.put(own, json={"title": 5}, headers=ann.headers), 422, "PUT of a wrong note")
    body = json.dumps({"title": title}).ljust(LARGEST + 1)
    headers = ann.headers | {"content-type": "application/json"}
    problem(http.post("/notes", content=body, headers=headers), 413, "POST of one byte more than 64 KiB")
    assert http.delete(own, headers=ann.headers).status_code == 204, "DELETE of the note"
    problem(http.get(own, headers=ann.headers), 404, "GET of the note after DELETE")
    problem(http.get(own), 401, "GET of a note without a token")


@pytest.mark.task(1)
@pytest.mark.requires("postgres.statements")
@pytest.mark.after("test_requests_are_answered_as_in_step_4")
def test_a_second_get_asks_the_table_nothing(http, program, sql, rng):
    """A second GET /notes asks the table nothing, at another instance either."""
    ann = somebody(http, rng)
    create(http, ann, rng)
    create(http, ann, rng)
    first = http.get("/notes", headers=ann.headers)
    for where, client in (("", http), (" at another instance", program.http(program.start("web")))):
        sql.mark()
        again = client.get("/notes", headers=ann.headers)
        assert again.status_code == 200, f"a second GET /notes{where}"
        assert again.array == first.array, f"a second GET /notes{where}"
        assert again.media_type == "application/json", f"the content type of a second GET /notes{where}"
        statements = asked(sql)
        told = shown(statements[0]) if statements else ""
        assert not told, f"a second GET /notes{where}: expected no statement about the table notes, got {told}"


@pytest.mark.task(1)
@pytest.mark.requires("postgres.statements")
@pytest.mark.after("test_a_second_get_asks_the_table_nothing")
def test_each_query_has_its_own_list(http, sql, rng):
    """Each query has its own list."""
    ann = somebody(http, rng)
    # So many that a limit and an offset may have two digits.
    while len(notes := ids(listed(http, ann))) < 14:
        create(http, ann, rng)
    pages = [(None, 0), (2, 0), (2, 1), (None, 1), (1, 12), (11, 2), (12, 1), (1, 1), (None, 11), (11, 0)]
    for time_ in ("", " for the second time"):
        sql.mark()
        for limit, offset in pages:
            given = [f"limit={limit}"] * (limit is not None) + [f"offset={offset}"] * (offset > 0)
            query = "&".join(given)
            expected = notes[offset:][:limit]
            assert ids(listed(http, ann, query)) == expected, f"the ids that GET {path(query)} gives{time_}"
    statements = asked(sql)
    told = shown(statements[0]) if statements else ""
    assert not told, f"ten queries for the second time: expected no statement about the table notes, got {told}"


@pytest.mark.task(1)
@pytest.mark.requires("postgres.statements")
@pytest.mark.after("test_a_second_get_asks_the_table_nothing")
def test_each_user_has_their_own_list(http, sql, rng):
    """Each user has their own list."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    of_ann, of_bob = create(http, ann, rng), create(http, bob, rng)
    for time_ in ("", " for the second time"):
        sql.mark()
        for person, own, other in ((ann, of_ann, of_bob), (bob, of_bob, of_ann)):
            notes = ids(listed(http, person))
            assert other["id"] not in notes, f"a note of somebody else in the list of a user who asks{time_}"
            assert own["id"] in notes, f"a user's own note in the list{time_}"
    statements = asked(sql)
    told = shown(statements[0]) if statements else ""
    assert not told, f"two users for the second time: expected no statement about the table notes, got {told}"


@pytest.mark.task(1)
@pytest.mark.requires("redis.outage")
@pytest.mark.after("test_a_second_get_asks_the_table_nothing")
def test_no_list_is_older_than_30_seconds(http, program, redis, sql, rng, eventually):
    """No list is older than 30 seconds, and every key in Redis ends by itself."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    with gate_to(redis) as gate, ThreadPoolExecutor(1) as pool:
        slow = program.http(program.start("web", env={"REDIS_URL": gate.url}))
        listed(slow, ann)
        for what, act in (
            ("GET /notes", lambda: listed(slow, ann)),
            ("PUT of a note", lambda: rename(slow, ann, note, rng.text())),
        ):
            for number in range(1, MOST_REQUESTS):
                redis.flushall()
                if what != "GET /notes":
                    listed(http, ann)
                gate.hold(number)
                acting = pool.submit(act)
                eventually(lambda: gate.holds or acting.done(), within=10)
                left = lives(redis)
                over = acting.done()
                gate.open()
                acting.result()
                for key, milliseconds in left.items():
                    when = f"after {what}" if over else f"in the middle of {what}"
                    ends = milliseconds >= 0
                    assert ends, f"{when}: expected every key in Redis to end by itself, got one that does not: {key}"
                    seconds = -(-milliseconds // 1000)
                    soon = seconds <= LONGEST
                    assert soon, f"{when}: expected keys that end within an hour, got {seconds} s: {key}"
                if over:
                    break
    redis.flushall()
    listed(http, ann)
    assert lives(redis), "expected something in Redis after GET /notes, got nothing"
    # First nobody reads the list; then somebody does after two thirds of its time.
    for pauses, how in (((30,), "nobody has read since"), ((20, 10), "was read 10 s ago")):
        title = rng.text()
        sql.execute("UPDATE notes SET title = ? WHERE id = ?", title, note["id"])
        for seconds in pauses:
            let_pass(redis, seconds)
            read = title_of(note, listed(http, ann))
        assert read == title, f"a title that was changed in the database 30 s ago, in a list that {how}"


@pytest.mark.task(2)
@pytest.mark.after("test_each_query_has_its_own_list")
def test_a_write_makes_the_next_get_fresh(http, program, sql, rng):
    """POST, PUT and DELETE make the next GET fresh, for each query, token and instance."""
    ann = somebody(http, rng)
    expected = listed(http, ann)
    other = program.http(program.start("web"))
    telephone = bearer(log_in(http, ann.email, ann.password))
    offset = max(len(expected) - 1, 0)
    lists = (
        ("", "", http, ann.headers, 0),
        ("", " at another instance", other, ann.headers, 0),
        (f"offset={offset}", "", http, ann.headers, offset),
        ("limit=100", "", http, ann.headers, 0),
        ("", " with another token of the same user", http, telephone, 0),
    )

    def read(when):
        for query, how, client, headers, start in lists:
            notes = listed(client, ann, query, headers)
            assert notes == expected[start:], f"GET {path(query)}{how} {when}"

    read("before a change")
    first = create(http, ann, rng)
    expected = [*expected, first]
    read("after POST")
    second = create(http, ann, rng)
    # Now the database knows how small the table is, and reads it as it lies there unless it is told to sort.
    sql.execute("ANALYZE notes")
    # The older one: a list has its notes in the order in which they were made, not changed.
    expected = [*expected[:-1], rename(other, ann, first, rng.text()), second]
    read("after PUT at another instance")
    assert http.delete(f"/notes/{first['id']}", headers=ann.headers).status_code == 204, "DELETE of a note"
    expected = [*expected[:-2], second]
    read("after DELETE")


@pytest.mark.task(2)
@pytest.mark.after("test_a_write_makes_the_next_get_fresh")
def test_what_is_read_before_the_commit_is_not_kept(http, program, sql, rng, eventually):
    """What is read while a change is being committed is not kept."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    expected = listed(http, ann)
    other = program.http(program.start("web"))
    title = rng.text()
    own = f"/notes/{note['id']}"
    with slow_commits(sql) as commits, ThreadPoolExecutor(1) as pool:
        for what, method, place, body in (
            ("PUT", "PUT", own, {"title": title}),
            ("DELETE", "DELETE", own, None),
            ("POST", "POST", "/notes", {"title": title}),
        ):
            listed(other, ann)
            commits.hold()
            try:
                options = {"json": body} if body else {}
                changing = pool.submit(http.request, method, place, headers=ann.headers, **options)
                eventually(lambda: commits.waiting() or changing.done(), within=10)
                for _ in range(2):
                    listed(other, ann)
            finally:
                commits.let_go()
            answer = changing.result()
            assert answer.status_code in (200, 201, 204), f"{what} whose commit took a while"
            if what == "PUT":
                expected = [*expected[:-1], answer.object]
            elif what == "DELETE":
                expected = expected[:-1]
            else:
                expected = [*expected, answer.object]
            told = f"after {what}, when somebody had read the list while it was being committed"
            for where, client in (("", other), (" at another instance", http)):
                assert listed(client, ann) == expected, f"GET /notes{where} {told}"


@pytest.mark.task(2)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_a_write_makes_the_next_get_fresh")
def test_a_slow_get_leaves_nothing_old(http, program, redis, sql, rng, eventually):
    """A GET that is slower than a change leaves nothing old behind."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    with gate_to(redis) as gate, ThreadPoolExecutor(1) as pool:
        slow = program.http(program.start("web", env={"REDIS_URL": gate.url}))
        listed(slow, ann)
        steps = 0
        # A change comes between any two things that the slow one asks of Redis, one after the other.
        for number in range(1, MOST_REQUESTS):
            redis.flushall()
            sql.mark()
            gate.hold(number)
            reading = pool.submit(listed, slow, ann)
            eventually(lambda: gate.holds or reading.done(), within=10)
            over = reading.done()
            steps += bool(asked(sql))
            title = rng.text()
            try:
                rename(http, ann, note, title)
            finally:
                gate.open()
            reading.result()
            moment = ("before it read", "right after it had read", "a while after it had read")[min(steps, 2)]
            told = f"after a PUT that overtook another GET {moment} the table"
            for where, client in (("", http), (" at the instance that was overtaken", slow)):
                assert title_of(note, listed(client, ann)) == title, f"the title in GET /notes{where} {told}"
            if over:
                break


@pytest.mark.task(2)
@pytest.mark.requires("redis.outage")
@pytest.mark.after("test_a_write_makes_the_next_get_fresh")
def test_redis_may_forget_any_key(http, redis, sql, rng):
    """Redis may forget any key and keep the others."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    redis.flushall()
    listed(http, ann)
    for key in (state := saved(redis)):
        sql.execute("UPDATE notes SET title = ? WHERE id = ?", note["title"], note["id"])
        put_back(redis, state, without=key)
        title = rename(http, ann, note, rng.text())["title"]
        got = title_of(note, listed(http, ann))
        assert got == title, f"the title in GET /notes after a PUT, when Redis had lost the key {key} before it"
    redis.flushall()
    listed(http, ann)
    title = rename(http, ann, note, rng.text())["title"]
    listed(http, ann)
    for key in (state := saved(redis)):
        put_back(redis, state, without=key)
        got = title_of(note, listed(http, ann))
        assert got == title, f"the title in GET /notes after a PUT, when Redis had lost the key {key} after it"


@pytest.mark.task(2)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_a_write_makes_the_next_get_fresh")
def test_a_write_leaves_alone_what_is_not_the_users(http, redis, sql, rng):
    """A change costs nobody else their list or their key, and looks for nothing among all keys."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    others = {f"{word}:{rng.word()}": rng.text() for word in rng.words(50)}
    redis.mset(others)
    try:
        note = create(http, ann, rng)
        before = through_all_keys(redis)
        redis.mark()
        for change in (
            lambda: create(http, ann, rng),
            lambda: rename(http, ann, note, rng.text()),
            lambda: http.delete(f"/notes/{note['id']}", headers=ann.headers),
        ):
            listed(http, ann)
            change()
        listed(http, ann)
        after = through_all_keys(redis)
        forbidden = [name for name in after if after[name] > before[name]]
        sent = [" ".join(command)[:90] for command in redis.commands() if command[0] in forbidden]
        told = next(iter(sent), f"{forbidden[0]} in a script") if forbidden else ""
        assert not told, f"expected no command that goes through all keys of Redis, got {told}"
        left = redis.exists(*others)
        assert left == len(others), "the number of other people's keys that are left"
    finally:
        redis.delete(*others)
    listed(http, bob)
    rename(http, ann, create(http, ann, rng), rng.text())
    sql.mark()
    listed(http, bob)
    statements = asked(sql)
    told = shown(statements[0]) if statements else ""
    assert not told, f"a second GET /notes after a change of somebody else's notes: expected no statement, got {told}"


@pytest.mark.task(3)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_a_second_get_asks_the_table_nothing")
def test_errors_are_not_kept(http, redis, sql, rng):
    """An error is neither kept nor hidden by what is kept."""
    ann = somebody(http, rng)
    create(http, ann, rng)
    expected = listed(http, ann)
    head, payload, signature = ann.token.split(".")
    changed = signature[:4] + ("A" if signature[4] != "A" else "B") + signature[5:]
    other = f"limit={rng.randint(80, 99)}"
    before = lives(redis)
    for query, headers, status, when in (
        ("", {}, 401, "without a token, while the list of a user is kept"),
        (
            "",
            bearer(f"{head}.{payload}.{changed}"),
            401,
            "with one letter of the token changed, while the list is kept",
        ),
        ("limit=0", ann.headers, 422, "while another list is kept"),
        ("offset=x", ann.headers, 422, "while another list is kept"),
        (other, ann.headers, 500, "while the database has no such table"),
    ):
        what = f"GET {path(query)} {when}"
        with gone(sql) if status == 500 else contextlib.nullcontext():
            problem(http.get(path(query), headers=headers), status, what)
        new = sorted(lives(redis).keys() - before.keys())
        told = new[0] if new else ""
        assert not told, f"{what}: expected no new key in Redis after it, got {told}"
    for time_ in ("", " for the second time"):
        sql.mark()
        assert listed(http, ann, other) == expected, f"GET {path(other)} when the table is there again{time_}"
    statements = asked(sql)
    told = shown(statements[0]) if statements else ""
    assert not told, f"GET {path(other)} for the second time after an error: expected no statement, got {told}"


@pytest.mark.task(4)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_a_second_get_asks_the_table_nothing")
def test_one_asks_for_many(http, program, redis, sql, rng, eventually):
    """Of 24 requests that miss at once, through two instances, one asks the table."""
    ann = somebody(http, rng)
    create(http, ann, rng)
    clients = (http, program.http(program.start("web")))
    listed(clients[1], ann)
    redis.flushall()
    sql.mark()
    expected = listed(http, ann)
    for_one = len(asked(sql))
    for _ in range(5):
        redis.flushall()
        redis.mark()
        sql.mark()
        with ThreadPoolExecutor(MANY) as pool:
            with locked(sql) as waiting:
                began = time.monotonic()
                asking = [pool.submit(listed, clients[number % 2], ann) for number in range(MANY)]
                # Until several wait for the table, or all have had time to ask Redis and must be waiting for one.
                with contextlib.suppress(AssertionError):
                    eventually(lambda: waiting() > 2 or _all_have_asked(redis, began), within=1)
            answers = [one.result() for one in asking]
            lasted = time.monotonic() - began
        assert all(answer == expected for answer in answers), "expected the same list in every answer, got others"
        for_all = len(asked(sql))
        if for_all == for_one or lasted < PATIENCE:
            break
    assert for_all == for_one, f"the number of statements about the table for {MANY} GET /notes at once"


def _all_have_asked(redis, began):
    """Whether this many requests have been at it long enough for the last of them to have begun, too."""
    return time.monotonic() - began > BEGUN and len(redis.commands()) > 2 * MANY


@pytest.mark.task(4)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_one_asks_for_many")
def test_whose_turn_it_is_looks_again(http, program, redis, sql, rng, eventually):
    """A request whose turn has come looks again before it asks the table."""
    ann = somebody(http, rng)
    create(http, ann, rng)
    with gate_to(redis) as gate, ThreadPoolExecutor(2) as pool:
        slow = program.http(program.start("web", env={"REDIS_URL": gate.url}))
        listed(slow, ann)
        redis.flushall()
        sql.mark()
        expected = listed(http, ann)
        for_one = len(asked(sql))
        # Another request comes between any two things that the slow one asks of Redis, and keeps a list.
        for number in range(1, MOST_REQUESTS):
            redis.flushall()
            sql.mark()
            gate.hold(number)
            first = pool.submit(listed, slow, ann)
            eventually(lambda: gate.holds or first.done(), within=10)
            if first.done() or asked(sql):
                gate.open()
                break
            redis.mark()
            second = pool.submit(listed, http, ann)
            # Once it is the slow one's turn, the other one waits: it looks again and again, or says nothing.
            with contextlib.suppress(AssertionError):
                eventually(lambda: second.done() or len(redis.commands()) > MOST_REQUESTS, within=1)
            over = not second.done()
            gate.open()
            assert [first.result(), second.result()] == [expected, expected], "the lists that two requests got"
            if over:
                break
            for_both = len(asked(sql))
            assert for_both == for_one, "the number of statements about the table for two GET /notes that take turns"


@pytest.mark.task(4)
@pytest.mark.after("test_one_asks_for_many")
def test_whoever_dies_holds_up_nobody(http, program, redis, sql, rng, eventually):
    """An instance that dies while others wait for it holds up nobody."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    listed(http, ann)
    running = program.start("web")
    dying = program.http(running)
    redis.flushall()
    with ThreadPoolExecutor(1) as pool:
        with locked(sql) as waiting:
            lost = pool.submit(dying.get, "/notes", headers=ann.headers)
            eventually(lambda: waiting() or lost.done(), within=10)
            program.stop(running, number=signal.SIGKILL)
        lost.exception()
    got = title_of(note, listed(http, ann))
    assert got == note["title"], "the title in GET /notes, after an instance was killed that was loading the list"


@pytest.mark.task(5)
@pytest.mark.requires("postgres.statements", "redis.outage")
@pytest.mark.after("test_a_write_makes_the_next_get_fresh")
def test_redis_may_go_and_come_back(http, program, redis, sql, rng, eventually):
    """Redis may go away and come back, and nobody sees anything of it."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    expected = listed(http, ann)
    redis.down()
    try:
        kept = http.get("/notes", headers=ann.headers)
        assert kept.status_code == 200, "GET /notes while Redis is away"
        assert kept.array == expected, "GET /notes while Redis is away"
        try:
            late = program.http(program.start("web"))
        except (ProgramDied, ProgramSilent) as ended:
            raise AssertionError(f"expected a program that starts while Redis is away, got: {ended.what}") from None
        assert listed(late, ann) == expected, "GET /notes while Redis is away, at an instance that has just started"
        for where, writer in (("", http), (" at an instance that has just started", late)):
            new = create(writer, ann, rng)
            for what, change in (
                (f"POST{where}", lambda new=new: [*expected, new]),
                (f"PUT{where}", lambda new=new, w=writer: [*expected, rename(w, ann, new, rng.text())]),
                (f"DELETE{where}", lambda new=new, w=writer: _without(w, ann, new, expected)),
            ):
                now = change()
                for how, reader in (("", http), (" at the other instance", late)):
                    assert listed(reader, ann) == now, f"GET /notes{how} after {what} while Redis is away"
        problem(http.get("/notes"), 401, "GET /notes without a token while Redis is away")
    finally:
        redis.up()
    newest = program.http(program.start("web"))
    for where, writer in (("", http), (" at an instance that started without it", late)):
        assert listed(newest, ann) == expected, "GET /notes when Redis is back"
        expected = [*expected[:-1], rename(writer, ann, note, rng.text())]
        what = f"GET /notes at a new instance when Redis is back, after PUT{where}"
        assert listed(newest, ann) == expected, what

    def used_again():
        sql.mark()
        assert listed(http, ann) == expected, "GET /notes when Redis is back"
        return not asked(sql)

    eventually(used_again, within=12)


def _without(http, person, note, left):
    answer = http.delete(f"/notes/{note['id']}", headers=person.headers)
    assert answer.status_code == 204, "DELETE while Redis is away"
    return left


@pytest.mark.task(5)
@pytest.mark.requires("redis.outage")
@pytest.mark.after("test_redis_may_go_and_come_back")
def test_a_silent_redis_holds_up_nobody(http, program, redis, rng, race):
    """A Redis that accepts connections and never answers holds up nobody."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    with gate_to(redis) as gate:
        client = program.http(program.start("web", env={"REDIS_URL": gate.url}))
        gate.hold(1)
        acts = (lambda: listed(client, ann), lambda: create(client, ann, rng))
        notes, _ = race(2, lambda number: acts[number]())
        assert title_of(note, notes) == note["title"], "the title in GET /notes while Redis says nothing"


@pytest.mark.task(5)
@pytest.mark.requires("redis.outage")
@pytest.mark.after("test_redis_may_go_and_come_back")
def test_a_full_redis_makes_nothing_old(http, redis, rng):
    """A Redis that is full breaks nothing and makes nothing old."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    expected = listed(http, ann)
    before = redis.config_get("maxmemory")["maxmemory"]
    redis.config_set("maxmemory", 1)
    try:
        assert listed(http, ann, f"limit=100&offset={len(expected) - 1}") == expected[-1:], "a list while Redis is full"
        expected = [*expected[:-1], rename(http, ann, note, rng.text())]
        got = title_of(note, listed(http, ann))
        assert got == expected[-1]["title"], "the title in GET /notes after PUT while Redis is full"
        assert listed(http, ann) == expected, "GET /notes after PUT while Redis is full"
        expected = [*expected, create(http, ann, rng)]
        assert listed(http, ann) == expected, "GET /notes after POST while Redis is full"
    finally:
        redis.config_set("maxmemory", before)
    assert listed(http, ann) == expected, "GET /notes when there is room again"
