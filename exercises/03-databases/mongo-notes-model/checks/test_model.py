"""What a notes service on MongoDB must do, seen by a client and by another program at the same database."""

import json
import re
import threading
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from documents import KINDS, NAMES, REFUSED, document, id_of, moment, refused, soon, unique, write

from grader.sandbox import ProgramDied

FIELDS = ["content", "createdAt", "id", "title", "updatedAt"]
JSON = {"content-type": "application/json"}
LARGEST = 64 * 1024
DUPLICATE = 11000
REQUESTS = 30
FEW = 10
SEEDS = 40
ROUNDS = 6


def create(http, title, **note):
    """Make a note; the note as the service answered it."""
    answer = http.post("/notes", json={"title": title, **note})
    assert answer.status_code == 201, "POST of a note"
    return answer.object


def problem(answer, status, what):
    """An error has its status and is a problem document; ``status`` may be several to choose from."""
    expected = status if isinstance(status, tuple) else (status,)
    assert answer.status_code in expected, what
    assert answer.media_type == "application/problem+json", f"{what}: the content type"
    assert answer.object["status"] == answer.status_code, f"{what}: the member 'status'"
    return answer.object


def stored(mongo, note, what="the new note"):
    """The document of a note that the service has shown."""
    shown = note.get("id")
    assert isinstance(shown, str) and re.fullmatch("[0-9a-f]{24}", shown), (
        f"the id of {what}: expected 24 hexadecimal digits, got {shown!r}"
    )
    found = mongo.db.notes.find_one({"_id": ObjectId(shown)})
    assert found, f"expected a document in notes whose _id is the ObjectId {shown}, and there is none"
    return found


@pytest.mark.task(2)
def test_notes_are_made_shown_changed_and_deleted(http, rng):
    """Notes are made, shown, changed and deleted as before."""
    title, content = f" {unique(rng)}\n", f"{rng.text()}. {rng.text()}.\n"
    answer = http.post("/notes", json={"title": title, "content": content})
    assert answer.status_code == 201
    note = answer.object
    assert sorted(note) == FIELDS, "the fields of a note"
    assert [note["title"], note["content"]] == [title, content], "the title and the content"
    where = answer.headers.get("location", "")
    assert http.get(where).object == note, "what the Location leads to"
    assert http.get(f"/notes/{note['id']}").object == note, f"GET /notes/{note['id']}"
    second = create(http, unique(rng))
    assert second["content"] == "", "a note sent without content"
    assert http.get("/notes").array[-2:] == [note, second], "the last two notes of the list"
    summary = http.get(f"/notes/{note['id']}/summary").object
    assert summary["summary"] == content[: content.index(".") + 1], "the summary"
    changed = {"title": unique(rng), "content": rng.text()}
    answer = http.put(f"/notes/{second['id']}", json=changed)
    assert answer.status_code == 200
    expected = {"id": second["id"], **changed}
    assert {field: answer.object[field] for field in expected} == expected, "the answer to PUT"
    assert http.get(f"/notes/{second['id']}").object == answer.object, "GET after PUT"
    assert http.put(f"/notes/{second['id']}", json={"title": unique(rng)}).object["content"] == "", (
        "the content after a PUT without content"
    )
    assert http.delete(f"/notes/{note['id']}").status_code == 204
    problem(http.get(f"/notes/{note['id']}"), 404, "GET of the deleted note")
    problem(http.delete(f"/notes/{note['id']}"), 404, "DELETE of the deleted note")


@pytest.mark.task(2)
def test_a_note_is_stored_with_its_types(http, mongo, rng):
    """A note is stored with the types of the contract."""
    note = create(http, unique(rng), content=rng.text())
    found = stored(mongo, note)
    for field, kind in KINDS.items():
        value = found.get(field)
        assert isinstance(value, kind), f"{field} in the document: expected a {NAMES[kind]}, got {value!r}"
    for field in ("title", "content"):
        assert found[field] == note[field], f"the {field} in the document"
    for field in ("createdAt", "updatedAt"):
        time = moment(note.get(field), f"{field} in the answer")
        # As text, so that a difference of less than a millisecond is seen.
        assert time.isoformat() == found[field].isoformat(), f"{field}: in the answer and in the document"


@pytest.mark.task(2)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted", "test_a_note_is_stored_with_its_types")
def test_times_are_right_in_every_time_zone(program, mongo, rng):
    """Times are right in every time zone."""
    # Without names of places: not every machine knows those.
    zone = rng.choice(("EAST-9", "WEST8"))
    http = program.http(program.start(env={"TZ": zone}))
    note = create(http, unique(rng))
    for what in ("POST", "PUT"):
        found = stored(mongo, note)
        for field in ("createdAt", "updatedAt"):
            value = found.get(field)
            assert isinstance(value, datetime), f"{field} in the document after {what}: expected a date, got {value!r}"
            soon(value, f"{field} in the document after {what}, TZ={zone}")
            shown = moment(note[field], f"{field} in the answer to {what}")
            assert shown.isoformat() == value.isoformat(), f"{field} in the answer to {what}, TZ={zone}"
        note = http.put(f"/notes/{note['id']}", json={"title": unique(rng)}).object


@pytest.mark.task(2)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_what_was_refused_is_refused_still(http, rng):
    """What was refused before is refused still."""
    note, number = create(http, unique(rng)), rng.randint(2, 99)
    for body, fields in (
        ({"title": number}, {"title"}),
        ({"content": rng.word()}, {"title"}),
        ({"title": " "}, {"title"}),
        ({"title": {"$ne": None}}, {"title"}),
        ({"title": {"$gt": ""}, "content": number}, {"title", "content"}),
        ({"title": unique(rng), "$set": {"content": rng.word()}}, {"$set"}),
        ({"title": unique(rng), "createdAt": "2001-01-01T00:00:00Z"}, {"createdAt"}),
        ({"title": unique(rng), "_id": str(id_of(rng))}, {"_id"}),
        ({"title": "x" * 101}, {"title"}),
        ({"title": unique(rng), "content": "x" * 10_001}, {"content"}),
        ({"title": f"{rng.word()}\0"}, {"title"}),
    ):
        for method, path in (("POST", "/notes"), ("PUT", f"/notes/{note['id']}")):
            what = f"{method} of the body {json.dumps(body)[:80]}"
            errors = problem(http.request(method, path, json=body), 422, what).get("errors")
            named = {error.get("field") for error in errors} if isinstance(errors, list) else set()
            assert named == fields, f"{what}: expected {sorted(fields)} in errors, got {errors!r}"
    for body in ('{"title": ', '{"title": "a", "title": "b"}'):
        problem(http.post("/notes", content=body, headers=JSON), 400, f"POST of the body {body}")
    problem(http.post("/notes", json=[unique(rng)]), 422, "POST of an array")
    problem(http.post("/notes", content="title=a"), 415, "POST without a content type")
    large = json.dumps({"title": unique(rng)}).encode().ljust(LARGEST + 1)
    problem(http.post("/notes", content=large, headers=JSON), 413, f"POST of a note with {LARGEST + 1} bytes")
    for query in ("limit=0", "limit=101", "offset=-1"):
        problem(http.get(f"/notes?{query}"), 422, f"GET /notes?{query}")
    problem(http.patch("/notes"), 405, "PATCH /notes")
    problem(http.get(f"/notes/{note['id']}/summary"), 500, "the summary of a note without a full stop")
    assert http.get(f"/notes/{note['id']}").object == note, "the note after all that was refused"


@pytest.mark.task(2)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_an_id_that_is_no_object_id_answers_404(http, rng):
    """An id that is no ObjectId answers 404."""
    note = create(http, unique(rng))
    digits = note["id"]
    for note_id in (
        str(id_of(rng)),
        str(rng.randint(1, 99)),
        rng.word(),
        digits[:-1],
        f"{digits}0",
        f"{digits[:-1]}g",
        rng.word(6),  # twelve letters: to some drivers, twelve bytes
        f"ObjectId('{digits}')",
        "%7B%22$ne%22:null%7D",
    ):
        for method, path in (
            ("GET", f"/notes/{note_id}"),
            ("PUT", f"/notes/{note_id}"),
            ("GET", f"/notes/{note_id}/summary"),
            ("DELETE", f"/notes/{note_id}"),
        ):
            body = {"title": unique(rng)} if method == "PUT" else None
            problem(http.request(method, path, json=body), 404, f"{method} {path}")
    assert http.get(f"/notes/{digits}").object == note, "the note after all these requests"


@pytest.mark.task(1)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_the_collection_refuses_what_is_no_note(http, mongo, rng):
    """The collection refuses documents that are no notes."""
    # The service is asked first: whoever prepares on the first request is in time.
    http.get("/notes")
    good = document(rng, pinned=True, tags=rng.words(2))
    write(lambda: mongo.db.notes.insert_one(dict(good)), "a note with the fields pinned and tags besides")
    http.delete(f"/notes/{good['_id']}")
    number, time = rng.randint(2, 99), datetime.now(UTC)
    for field, value, kind in (
        ("_id", f"{rng.word()}{rng.getrandbits(32)}", "a string"),
        ("title", number, "a number"),
        ("title", None, "null"),
        ("content", [rng.word()], "an array"),
        ("content", None, "null"),
        ("createdAt", time.isoformat(), "a string"),
        ("createdAt", number, "a number"),
        ("updatedAt", time.isoformat(), "a string"),
        ("updatedAt", None, "null"),
    ):
        refused(mongo, document(rng) | {field: value}, f"a document whose {field} is {kind}", code=REFUSED)
    for field in ("title", "content", "createdAt", "updatedAt"):
        bad = document(rng)
        del bad[field]
        refused(mongo, bad, f"a document without {field}", code=REFUSED)


@pytest.mark.task(3)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_a_title_that_is_taken_answers_409(http, mongo, rng):
    """A title that is taken answers 409."""
    # Only the x changes its case below: what the large form of other characters is, people disagree on.
    rest, content = unique(rng), rng.text()
    title = f"x{rest}"
    note, other = create(http, title, content=content), create(http, unique(rng))
    problem(http.post("/notes", json={"title": title}), 409, "POST of a title that is taken")
    problem(http.put(f"/notes/{other['id']}", json={"title": title}), 409, "PUT of another note's title")
    assert http.get(f"/notes/{other['id']}").object == other, "the note after the PUT that was refused"
    assert mongo.db.notes.count_documents({"title": title}) == 1, "documents with the title that was taken"
    answer = http.put(f"/notes/{note['id']}", json={"title": title})
    assert answer.status_code == 200, "PUT of a note with its own title"
    for free in (f"X{rest}", f"{title} ", f" {title}"):
        answer = http.post("/notes", json={"title": free})
        assert answer.status_code == 201, f"POST of {free!r} beside {title!r}"
    http.delete(f"/notes/{note['id']}")
    assert http.post("/notes", json={"title": title}).status_code == 201, "POST of the title after its note was deleted"


@pytest.mark.task(3)
@pytest.mark.after("test_a_title_that_is_taken_answers_409")
def test_of_eight_equal_titles_one_wins(http, mongo, rng, race):
    """Of eight equal titles at the same moment one wins."""
    for _ in range(ROUNDS):
        title = unique(rng)
        answers = race(
            8, lambda number, title=title: http.post("/notes", json={"title": title, "content": f"{number}"})
        )
        one_wins(answers, 201, "eight POSTs of one title at the same moment")
        count = mongo.db.notes.count_documents({"title": title})
        assert count == 1, "documents with that title after eight POSTs at the same moment"
    for _ in range(ROUNDS):
        title = unique(rng)
        pair = [create(http, unique(rng)) for _ in range(2)]
        answers = race(
            2, lambda number, title=title, pair=pair: http.put(f"/notes/{pair[number]['id']}", json={"title": title})
        )
        one_wins(answers, 200, "two PUTs of one title at the same moment")


def one_wins(answers, status, what):
    """One answer has the status of success, and all others say 409."""
    statuses = [answer.status_code for answer in answers]
    for got in statuses:
        assert got in (status, 409), f"{what}: expected {status} or 409, got {got}"
    won = statuses.count(status)
    assert won == 1, f"{what}: expected {status} once, got it {won} times"


@pytest.mark.task(4)
@pytest.mark.after("test_a_note_is_stored_with_its_types", "test_the_collection_refuses_what_is_no_note")
def test_put_leaves_other_fields_alone(http, mongo, rng):
    """PUT leaves fields of other programs alone."""
    made = document(rng)
    theirs = {
        "pinned": True,
        "by": id_of(rng),
        "tags": rng.words(2),
        "seen": {"by": rng.word(), "at": made["createdAt"]},
    }
    write(lambda: mongo.db.notes.insert_one(made | theirs), "a note with fields of another program")
    path = f"/notes/{made['_id']}"
    before = http.get(path).object
    assert sorted(before) == FIELDS, "the fields shown of a note that another program has added to"
    assert moment(before["createdAt"], "createdAt").isoformat() == made["createdAt"].isoformat(), (
        "createdAt of a note an hour old"
    )
    title = unique(rng)
    after = http.put(path, json={"title": title, "content": "new"}).object
    assert sorted(after) == FIELDS, "the fields in the answer to PUT"
    found = stored(mongo, after, "the note after PUT")
    lost = [field for field, value in theirs.items() if found.get(field) != value]
    assert not lost, f"the other program's fields after PUT: expected them as they were, {', '.join(lost)} are not"
    assert [found["title"], found["content"]] == [title, "new"], "the title and the content in the document after PUT"
    assert found["createdAt"].isoformat() == made["createdAt"].isoformat(), "createdAt in the document after PUT"
    soon(found["updatedAt"], "updatedAt in the document after PUT")
    for field in ("createdAt", "updatedAt"):
        shown = moment(after[field], f"{field} in the answer to PUT")
        assert shown.isoformat() == found[field].isoformat(), f"{field} in the answer to PUT and in the document"


@pytest.mark.task(4)
@pytest.mark.after("test_put_leaves_other_fields_alone")
def test_put_loses_nothing_written_meanwhile(http, mongo, rng, race):
    """PUT loses nothing that is written at the same moment."""
    note = create(http, unique(rng))
    own, done = {"_id": ObjectId(note["id"])}, threading.Event()

    def change():
        try:
            for number in range(REQUESTS):
                body = {"title": f"{note['title']} {number}", "content": f"{number}"}
                answer = http.put(f"/notes/{note['id']}", json=body)
                assert answer.status_code == 200, "PUT while another program writes"
        finally:
            done.set()

    def count():
        times = 0
        while times < REQUESTS or not done.is_set():
            mongo.db.notes.update_one(own, {"$inc": {"views": 1}})
            times += 1
        return times

    counted = race(2, lambda number: (change, count)[number]())[1]
    views = mongo.db.notes.find_one(own)["views"]
    assert views == counted, f"views, which another program raised {counted} times during {REQUESTS} PUTs"


@pytest.mark.task(5)
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_a_title_finds_its_note(http, rng):
    """A title finds its note, and operators find nothing."""
    token = f"{rng.getrandbits(48):012x}"
    titles = (f"{rng.text()} {token}", f"a.{token}", f"ab{token}", f"A.{token}", "{" + f'"$ne": "{token}"' + "}")
    notes = {title: create(http, title) for title in titles}
    for title, note in notes.items():
        found = http.get("/notes", params={"title": title}).array
        assert found == [note], f"GET /notes?title={title}"
    for absent in (token, f".*{token}", f"AB{token}", '{"$ne": null}', '{"$gt": ""}', "[$ne]"):
        assert http.get("/notes", params={"title": absent}).array == [], f"GET /notes?title={absent}"
    title = titles[0]
    found = http.get("/notes", params={"title": title, "limit": 1, "offset": 1}).array
    assert found == [], "GET /notes?title=…&limit=1&offset=1, with one note of that title"
    everything = http.get("/notes").array
    for name, value in (
        ("title[$ne]", title),
        ("title[$regex]", "^a"),
        ("$where", "true"),
        ("$or", "[]"),
        ("content", token),
    ):
        what = f"GET /notes?{name}={value}"
        answer = http.get("/notes", params={name: value})
        if answer.status_code == 200:
            count = len(answer.array)
            assert answer.array == everything, (
                f"{what}: expected all {len(everything)} notes, 400 or 422, got {count} notes"
            )
        else:
            problem(answer, (400, 422), what)


@pytest.mark.task(5)
@pytest.mark.requires("mongo.commands")
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted", "test_the_collection_refuses_what_is_no_note")
def test_mongodb_sorts_and_cuts(http, mongo, rng):
    """MongoDB sorts and cuts, not the program."""
    # So old that they are the first in any list.
    seeds = [document(rng, datetime(1980 + at // 12, at % 12 + 1, 1, tzinfo=UTC)) for at in range(SEEDS)]
    titles = [note["title"] for note in seeds]
    write(lambda: mongo.db.notes.insert_many(rng.sample(seeds, SEEDS)), f"{SEEDS} notes from 1980 on")
    listed = [note.get("title") for note in http.get("/notes").array]
    assert listed[:SEEDS] == titles, f"the first {SEEDS} titles in the list, oldest first"
    copied = document(rng, datetime(1979, 5, 1, tzinfo=UTC), _id=id_of(rng))
    write(lambda: mongo.db.notes.insert_one(copied), "a note of 1979 that was copied here today")
    titles.insert(0, copied["title"])
    listed = [note.get("title") for note in http.get("/notes").array]
    assert listed[: len(titles)] == titles, "the first titles in the list, with a note of 1979 copied here today"
    offset = rng.randint(FEW, SEEDS - 2)
    for query, expected in (
        ({"limit": 3, "offset": 0}, titles[:3]),
        ({"limit": 3, "offset": offset}, titles[offset : offset + 3]),
        ({"title": titles[offset]}, [titles[offset]]),
    ):
        what = "GET /notes?" + "&".join(f"{name}={value}" for name, value in query.items())
        mongo.mark()
        shown = [note.get("title") for note in http.get("/notes", params=query).array]
        assert shown == expected, f"the titles from {what}"
        sent = sum(command.returned for command in mongo.commands())
        assert sent <= FEW, f"{what}: expected MongoDB to send {len(expected)} documents, it sent {sent}"


@pytest.mark.task(1)
@pytest.mark.requires("mongo.connections")
@pytest.mark.after("test_notes_are_made_shown_changed_and_deleted")
def test_requests_share_one_client(http, mongo, rng):
    """Requests share one client."""

    def opened():
        return mongo.db.client.admin.command("serverStatus")["connections"]["totalCreated"]

    note = create(http, unique(rng))
    path = f"/notes/{note['id']}"
    for _ in range(10):
        http.get(path)
    before = opened()
    for number in range(REQUESTS // 3):
        http.get(path)
        http.put(path, json={"title": note["title"], "content": f"{number}"})
        http.get("/notes?limit=1")
    more = opened() - before
    assert more <= FEW, f"{REQUESTS} requests one after the other: expected at most {FEW} new connections, got {more}"


@pytest.mark.task(1)
@pytest.mark.fresh
@pytest.mark.after("test_the_collection_refuses_what_is_no_note")
def test_a_start_keeps_the_notes_that_are_there(program, mongo, rng):
    """A start keeps the notes that are there, and adds the rules."""
    old = [document(rng, datetime(year, 5, 1, 12, tzinfo=UTC), pinned=True) for year in (2011, 2012, 2013)]
    # The youngest first: who does not sort shows them like that.
    mongo.db.notes.insert_many(old[::-1])
    for what in ("the first start", "the second start"):
        try:
            running = program.start()
        except ProgramDied as died:
            raise AssertionError(f"{what}, with {len(old)} notes in the collection: {died}") from None
        http = program.http(running)
        shown = [note.get("title") for note in http.get("/notes").array]
        assert shown == [note["title"] for note in old], f"the titles in the list after {what}, oldest first"
        shown = http.get(f"/notes/{old[0]['_id']}").object
        assert shown.get("title") == old[0]["title"], f"a note that was there, after {what}"
        assert mongo.db.notes.count_documents({"pinned": True}) == len(old), (
            f"how many documents still have the field pinned after {what}"
        )
        twice = document(rng, title=old[0]["title"])
        refused(mongo, twice, f"after {what}, a second document with the same title", code=DUPLICATE)
        refused(mongo, document(rng, content=5), f"after {what}, a document whose content is 5", code=REFUSED)
        program.stop(running)
