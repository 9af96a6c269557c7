"""What a service must do for those who listen, for those who may not, and for those who have gone."""

import math
import signal
import time

import jwt
import pytest
from byhand import by_polling, by_websocket, let_in
from commits import while_the_commit_waits
from listeners import a_day, hears, listen, refused
from people import at, create, delete, ids, note, replace, somebody
from tokens import aged, sign

from grader.sandbox import Raised

LARGEST = 64 * 1024
UNKNOWN = range(100_000, 1_000_000)
WAYS = (("polling",), ("websocket",), ("polling", "websocket"))
# Two seconds are promised. The others are for machines with much to do.
END_SECONDS, SLACK = 2, 4
# Ways to ask for a room that programs in the wild have.
ASKING = (
    "join",
    "join_room",
    "joinRoom",
    "join room",
    "join:user",
    "user:join",
    "room",
    "enter",
    "subscribe",
    "listen",
    "watch",
    "follow",
    "register",
    "identify",
    "auth",
    "authenticate",
    "login",
    "user",
    "message",
)


def start(program, rng):
    """One more instance with a key that the check knows; the instance, a client, and the key."""
    key = f"{rng.word(20)}{rng.word(20)}"
    running = program.start("web", env={"SECRET_KEY": key})
    return running, program.http(running), key


@pytest.mark.task(1)
def test_notes_work_as_in_step_4(http, rng):
    """Without anybody who listens, notes work as in step 4."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    before = http.get("/notes", headers=ann.headers).array
    notes = []
    for _ in range(3):
        create(http, bob, note(rng))
        answer = http.post("/notes", json=note(rng), headers=ann.headers)
        assert answer.status_code == 201, "POST /notes with a good token"
        notes.append(answer.object)
        found = http.get(answer.headers.get("location", ""), headers=ann.headers)
        assert found.object == answer.object, "what the Location of a new note leads to"
    listed = http.get("/notes", headers=ann.headers).array
    assert ids(listed) == ids([*before, *notes]), "the ids in the list of somebody who wrote every second note"
    assert listed == [*before, *notes], "the list of somebody who wrote every second note"
    page = http.get(f"/notes?limit=1&offset={len(before) + 1}", headers=ann.headers).array
    assert page == notes[1:2], f"the page of 1 after the first {len(before) + 1} notes"
    path = f"/notes/{notes[0]['id']}"
    summary = http.get(f"{path}/summary", headers=ann.headers).object["summary"]
    assert summary == notes[0]["content"].partition(".")[0] + ".", "the summary"
    replaced = replace(http, ann, notes[0]["id"], note(rng))
    assert http.get(path, headers=ann.headers).object == replaced, "GET after PUT"
    delete(http, ann, notes[1]["id"])
    assert http.get("/notes", headers=ann.headers).array == [*before, replaced, notes[2]], "the list after DELETE"
    for method, where, status in (
        ("GET", f"/notes/{notes[1]['id']}", 404),
        ("GET", f"/notes/{rng.randint(10**29, 10**30)}", 404),
        ("PATCH", path, 405),
    ):
        assert http.request(method, where, headers=ann.headers).status_code == status, f"{method} {where}"
    large = {"content": b" " * (LARGEST + 1), "headers": {"content-type": "application/json", **ann.headers}}
    assert http.post("/notes", **large).status_code == 413, f"POST /notes with {LARGEST + 1} bytes"
    assert http.get(path).status_code == 401, "GET of a note without a token"


@pytest.mark.task(1)
def test_a_good_token_is_let_in(socketio, http, rng):
    """A good token in auth lets a client in, by polling, by WebSocket, and from one to the other."""
    ann = somebody(http, rng)
    for way in WAYS:
        client = listen(socketio, ann, f"a client by {' and '.join(way)}", *way)
        assert client.transport == way[-1], f"the transport of {client.name}"
        client.silence()


@pytest.mark.task(1)
@pytest.mark.after("test_a_good_token_is_let_in")
def test_without_a_token_nobody_comes_in(socketio, http, rng):
    """Without a token, or with something else in its place, a client gets connect_error and is told why."""
    token = somebody(http, rng).token
    for auth, what in (
        (None, "without auth"),
        ({}, "without a token"),
        ({"jwt": token}, "with a good token under another name"),
        ({"token": None}, "with null as token"),
        ({"token": ""}, "with an empty token"),
        ({"token": rng.word()}, "with a word as token"),
        ({"token": "a.b.c"}, "with a.b.c as token"),
        ({"token": rng.randint(1, 99)}, "with a number as token"),
        ({"token": True}, "with true as token"),
        ({"token": [token]}, "with a good token in an array"),
        ({"token": {"token": token}}, "with a good token in an object"),
        (token, "with a good token instead of an object"),
        ([token], "with an array instead of an object"),
    ):
        refused(socketio, auth, what)
    refused(socketio, {}, "without a token, by polling", transport="polling")


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_token_nobody_comes_in")
def test_a_bad_token_is_kept_out(socketio, program, http, rng):
    """A token that is expired, changed, not ours or nobody's gets connect_error, too."""
    running, instance, key = start(program, rng)
    ann, now = at(instance, somebody(http, rng)), int(time.time())
    listen(socketio, ann, "a client with a good token", running=running).silence()
    head, payload, signature = ann.token.split(".")
    flipped = signature[:4] + ("A" if signature[4] != "A" else "B") + signature[5:]
    unsigned = sign(ann.token, None, algorithm="none")
    other = sign(ann.token, key, sub=str(rng.choice(UNKNOWN)))
    for token, what in (
        (sign(ann.token, f"{rng.word(20)}{rng.word(20)}"), "signed with another key"),
        (unsigned, "that is not signed (alg none)"),
        (unsigned + signature, "with alg none and an old signature"),
        (f"{head}.{other.split('.')[1]}.{signature}", "with another user in it and the old signature"),
        (f"{head}.{payload}.{flipped}", "with one letter of the signature changed"),
        (f"{head}.{payload}.", "with the signature taken away"),
        (aged(ann.token, key, now), "that ended two minutes ago"),
        (other, "of a user who does not exist"),
    ):
        refused(socketio, {"token": token}, f"with a token {what}", running)


@pytest.mark.task(1)
@pytest.mark.after("test_a_good_token_is_let_in")
def test_a_token_in_the_address_counts_for_nothing(http, rng):
    """A token in the address lets nobody in."""
    token = somebody(http, rng).token
    said = by_polling(http, {"token": token})
    assert let_in(said), f"expected a client by polling with a good token in auth to be let in, got {said[:80]}"
    for name in ("token", "auth", "access_token", "jwt"):
        said = by_polling(http, {}, f"&{name}={token}")
        assert not let_in(said), f"expected a client with ?{name}=<a good token> and nothing in auth to be kept out"


@pytest.mark.task(1)
@pytest.mark.after("test_a_good_token_is_let_in")
def test_a_page_of_another_site_is_kept_out(connect, http, rng):
    """A page of another site is kept out, whatever its token."""
    auth, own = {"token": somebody(http, rng).token}, str(http.base_url).rstrip("/")
    ways = {
        "by polling": lambda origin: by_polling(http, auth, headers={"Origin": origin}),
        "by WebSocket": lambda origin: by_websocket(connect, http, auth, {"Origin": origin}),
    }
    for way, knock in ways.items():
        said = knock(own)
        assert let_in(said), f"expected a client {way} with Origin: {own} to be let in, got {said[:80]}"
        for origin in (f"https://{rng.word()}.example", f"{own}.{rng.word()}.example", "null"):
            said = knock(origin)
            assert not let_in(said), f"expected a client {way} with Origin: {origin} to be kept out, it was let in"


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_token_nobody_comes_in")
def test_tokens_are_in_no_log(socketio, program, http, rng):
    """No token that a client brings is in what your program prints."""
    running, instance, key = start(program, rng)
    ann = at(instance, somebody(http, rng))
    expired, forged = aged(ann.token, key, int(time.time())), sign(ann.token, f"{rng.word(20)}{rng.word(20)}")
    everyone = [listen(socketio, ann, f"Ann by {way[0]}", *way, running=running) for way in WAYS[:2]]
    for token, what in ((forged, "signed with another key"), (expired, "that has ended")):
        refused(socketio, {"token": token}, f"with a token {what}", running)
    create(instance, ann, note(rng))
    for client in everyone:
        client.expect("note:created")
        client.disconnect()
    program.stop(running, number=signal.SIGKILL)
    running.log.finish(2)
    log = "\n".join(running.lines)
    for token, what in (
        (ann.token, "a good token"),
        (expired, "a token that has ended"),
        (forged, "a token with a wrong signature"),
    ):
        assert token not in log, f"expected {what} nowhere in what your program prints, and it is there"


@pytest.mark.task(2)
@pytest.mark.after("test_a_good_token_is_let_in")
def test_each_change_is_told_once(socketio, http, rng):
    """Each change is told once to each connection of the owner, and to nobody else."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    everyone = [
        listen(socketio, ann, "Ann's laptop", "websocket"),
        listen(socketio, ann, "Ann's phone", "polling"),
        listen(socketio, ann, "Ann's tablet", "polling", "websocket"),
    ]
    stranger = listen(socketio, bob, "Bob")
    for _ in range(2):
        made = create(http, ann, note(rng))
        for client in everyone:
            hears(client, "note:created", made["id"], "POST")
        replace(http, ann, made["id"], note(rng))
        for client in everyone:
            hears(client, "note:updated", made["id"], "PUT")
        delete(http, ann, made["id"])
        for client in everyone:
            hears(client, "note:deleted", made["id"], "DELETE")
        stranger.silence()
    own = create(http, bob, note(rng))
    hears(stranger, "note:created", own["id"], "his own POST")
    for client in everyone:
        client.silence()


@pytest.mark.task(2)
@pytest.mark.after("test_each_change_is_told_once")
def test_nobody_chooses_whom_to_hear(socketio, http, rng):
    """Nothing that a client sends makes it hear somebody else."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    room = f"user:{ann.id}"
    names = dict.fromkeys(("id", "userId", "user_id", "user", "sub"), ann.id) | {"room": room, "rooms": [room]}
    asks = listen(socketio, bob, "Bob, who asks")
    names_her = listen(socketio, bob, "Bob, who names Ann beside his token", **names)
    laptop = listen(socketio, ann, "Ann")
    for event in ASKING:
        for payload in (room, ann.id, str(ann.id), names):
            asks.emit(event, payload)
    for bobs in (asks, names_her):
        bobs.silence()
    for _ in range(3):
        made = create(http, ann, note(rng))
        hears(laptop, "note:created", made["id"], "POST")
        delete(http, ann, made["id"])
        hears(laptop, "note:deleted", made["id"], "DELETE")
        for bobs in (asks, names_her):
            bobs.silence()
    made = create(http, bob, note(rng))
    for bobs in (asks, names_her):
        hears(bobs, "note:created", made["id"], "his own POST")
    laptop.silence()


@pytest.mark.task(2)
@pytest.mark.after("test_each_change_is_told_once")
def test_a_connection_comes_and_goes_alone(socketio, http, rng):
    """A connection that ends takes no other along, and one that comes back hears everything once."""
    ann = somebody(http, rng)
    laptop, phone = listen(socketio, ann, "Ann's laptop"), listen(socketio, ann, "Ann's phone")
    for _ in range(2):
        made = create(http, ann, note(rng))
        for client in (laptop, phone):
            hears(client, "note:created", made["id"], "POST")
        phone.disconnect()
        for _ in range(2):
            made = create(http, ann, note(rng))
            hears(laptop, "note:created", made["id"], "POST, when another connection of hers had ended")
        phone = listen(socketio, ann, "Ann's phone, which has come back")
    laptop.disconnect()
    made = create(http, ann, note(rng))
    hears(phone, "note:created", made["id"], "POST, when the first connection had ended")


@pytest.mark.task(3)
@pytest.mark.after("test_each_change_is_told_once")
def test_events_carry_the_public_note(socketio, http, rng):
    """An event carries the note as the API shows it, or its id once it is deleted, and nothing else."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)

    def connect(person, name, *transports):
        return listen(socketio, person, name, *transports)

    for listener, expected in a_day(http, connect, ann, bob, [note(rng) for _ in range(3)]):
        for event, data in expected:
            public = {name: data[name] for name in ("id", "title", "content", "created_at") if name in data}
            told = listener.expect(event)
            if isinstance(told, dict):
                # Apart from what is in them: some programs send other fields, some the right ones too early.
                assert sorted(told) == sorted(public), f"the fields of what {event} tells {listener.name}"
            assert told == public, f"what {event} tells {listener.name}"
        heard = [name for name, _ in listener.received()]
        assert heard == [event for event, _ in expected], f"all events for {listener.name} in their order"


@pytest.mark.task(4)
@pytest.mark.after("test_each_change_is_told_once")
def test_what_is_refused_is_not_told(socketio, http, rng):
    """A request that is refused sends nothing."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    made, unknown = create(http, ann, note(rng)), rng.choice(UNKNOWN)
    laptop, stranger = listen(socketio, ann, "Ann"), listen(socketio, bob, "Bob")
    for person, method, path, body, status in (
        (None, "POST", "/notes", note(rng), 401),
        (None, "PUT", f"/notes/{made['id']}", note(rng), 401),
        (None, "DELETE", f"/notes/{made['id']}", None, 401),
        (ann, "POST", "/notes", {"title": " "}, 422),
        (ann, "PUT", f"/notes/{made['id']}", {"title": rng.randint(1, 99)}, 422),
        (ann, "PUT", f"/notes/{unknown}", note(rng), 404),
        (ann, "DELETE", f"/notes/{unknown}", None, 404),
        (bob, "PUT", f"/notes/{made['id']}", note(rng), 404),
        (bob, "DELETE", f"/notes/{made['id']}", None, 404),
        (ann, "GET", f"/notes/{made['id']}", None, 200),
    ):
        who = {None: "nobody", ann: "Ann", bob: "Bob"}[person]
        answer = http.request(method, path, json=body, headers=person.headers if person else None)
        assert answer.status_code == status, f"{method} {path} of {who}'s"
        for client in (laptop, stranger):
            client.silence()


@pytest.mark.task(4)
@pytest.mark.after("test_each_change_is_told_once")
def test_what_the_database_refuses_is_not_told(socketio, http, sql, probe, rng):
    """A change that the database refuses sends nothing."""
    ann, (forbidden, kept) = somebody(http, rng), rng.words(2)
    made, lasting = create(http, ann, note(rng)), create(http, ann, {"title": kept})
    for change, rule in (
        ("INSERT", f"NEW.title = '{forbidden}'"),
        ("UPDATE", f"NEW.title = '{forbidden}'"),
        ("DELETE", f"OLD.title = '{kept}'"),
    ):
        named = f"no_{change}_{forbidden} BEFORE {change} ON notes WHEN {rule}"
        statement = f"CREATE TRIGGER {named} BEGIN SELECT RAISE(ABORT, 'the administrator does not like that'); END"
        try:
            probe("statement", url=sql.url, statement=statement)
        except Raised as error:
            raise AssertionError(f"expected a table notes that a rule can be added to, got: {error.what}") from None
    laptop = listen(socketio, ann, "Ann")
    for method, path, body in (
        ("POST", "/notes", {"title": forbidden}),
        ("PUT", f"/notes/{made['id']}", {"title": forbidden}),
        ("DELETE", f"/notes/{lasting['id']}", None),
    ):
        answer = http.request(method, path, json=body, headers=ann.headers)
        assert answer.status_code == 500, f"{method} that the database refuses"
        laptop.silence()
    replace(http, ann, made["id"], note(rng))
    hears(laptop, "note:updated", made["id"], "PUT")


@pytest.mark.task(4)
@pytest.mark.after("test_each_change_is_told_once")
def test_events_come_after_the_commit(socketio, http, sql, probe, race, eventually, rng):
    """An event is sent when its change is committed, and not before."""
    ann = somebody(http, rng)
    made, laptop = create(http, ann, note(rng)), listen(socketio, ann, "Ann, while the change is not committed")
    path = f"/notes/{made['id']}"
    for method, path, body, event, status in (
        ("POST", "/notes", note(rng), "note:created", 201),
        ("PUT", path, note(rng), "note:updated", 200),
        ("DELETE", path, None, "note:deleted", 204),
    ):

        def change(method=method, path=path, body=body):
            return http.request(method, path, json=body, headers=ann.headers)

        answer = while_the_commit_waits(probe, race, eventually, sql.url, change, laptop.silence, rng.word(4))
        if answer.status_code == status:
            note_id = answer.object["id"] if method == "POST" else made["id"]
            hears(laptop, event, note_id, method)
        else:
            # The database was busy, and the program did not wait.
            assert answer.status_code >= 500, f"{method} while somebody else reads the database"
            laptop.silence()


@pytest.mark.task(5)
@pytest.mark.after("test_each_change_is_told_once", "test_a_bad_token_is_kept_out")
def test_a_connection_ends_with_its_token(socketio, program, http, rng):
    """When its token ends, the connection does, and no other."""
    running, instance, key = start(program, rng)
    ann = at(instance, somebody(http, rng))
    lasting = listen(socketio, ann, "Ann with a token that goes on", running=running)
    brief, ends = _briefly(socketio, ann, key, running)
    for client in brief:
        client.disconnected(within=math.ceil(max(ends - time.time(), 0)) + END_SECONDS + SLACK)
        early = ends - time.time()
        assert early < 0.1, f"expected {client.name} to stay until then, it was disconnected {early:.1f} s before"
    made = create(instance, ann, note(rng))
    hears(lasting, "note:created", made["id"], "POST")


def _briefly(socketio, person, key, running):
    """Connections with a token that ends in a second or two, and when it ends."""
    for seconds in (2, 4, 8, 16):
        ends = int(time.time()) + seconds
        headers = jwt.get_unverified_header(person.token)
        assert headers.get("alg") == "HS256", f"expected HS256 as alg, got {headers}"
        token = sign(person.token, key, exp=ends)
        name = f"a client whose token ends within {seconds} s"
        try:
            clients = [
                socketio.connect(auth={"token": token}, transports=way, running=running, name=f"{name}, by {way[0]}")
                for way in (("websocket",), ("polling",))
            ]
        except AssertionError:
            # A machine with much to do may have been too slow for it.
            if time.time() < ends - 0.5:
                raise
        else:
            return clients, ends
    raise AssertionError("expected a token that is good for seconds to be let in, it was refused")


@pytest.mark.task(5)
@pytest.mark.after("test_each_change_is_told_once")
def test_a_client_that_is_gone_holds_nobody_up(socketio, http, rng):
    """A client that has vanished, or says nothing, holds nobody up."""
    ann = somebody(http, rng)
    said = by_polling(http, {"token": ann.token})
    assert let_in(said), f"expected a client by polling with a good token to be let in, got {said[:80]}"
    listen(socketio, ann, "Ann's phone, which leaves").disconnect()
    laptop = listen(socketio, ann, "Ann's laptop")
    for _ in range(3):
        made = create(http, ann, note(rng))
        hears(laptop, "note:created", made["id"], "POST, with a connection that asks for nothing any more")
        replace(http, ann, made["id"], note(rng))
        hears(laptop, "note:updated", made["id"], "PUT, with a connection that asks for nothing any more")
