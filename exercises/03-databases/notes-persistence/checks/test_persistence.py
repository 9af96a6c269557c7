"""What a notes service on a database must do, seen by a client and by whoever looks into the database."""

import json
from datetime import UTC, datetime

import pytest
from production import Database, made_since, moment, plain

from grader.sandbox import ProgramDied, ProgramSilent, Raised

ABSENT = range(100_000, 1_000_000)
JSON = {"content-type": "application/json"}
LARGEST = 64 * 1024
# More than the connections that a pool has.
MANY = 18
FEW = 6


def create(http, **note):
    """Make a note; the note as the service answered it."""
    answer = http.post("/notes", json=note)
    assert answer.status_code == 201
    return answer.object


def problem(answer, status, what):
    """An error has its status and is a problem document."""
    assert answer.status_code == status, what
    assert answer.media_type == "application/problem+json", f"{what}: the content type"
    assert answer.object["status"] == status, f"{what}: the member 'status'"


@pytest.fixture
def sqlite(program, sql, probe):
    """The database that DATABASE_URL names, before anything of the program has run."""

    def change(statement):
        probe("statement", url=sql.url, statement=statement)

    return Database(program, sql, sql.execute, change, {}, postgres=False)


@pytest.fixture
def postgres(program, sql):
    """The other one, empty."""
    run, env = sql.postgres.execute, {"DATABASE_URL": sql.postgres.url}
    return Database(program, sql.postgres, run, run, env, postgres=True)


@pytest.mark.task(1)
def test_right_and_wrong_requests_are_answered_as_in_step_2(http, rng):
    """Right and wrong requests are answered as in step 2."""
    title, content = f" {rng.text()} ", f"{rng.text()}. {rng.text()}.\n"
    answer = http.post("/notes", json={"title": title, "content": content})
    assert answer.status_code == 201
    note = answer.object
    assert [note["title"], note["content"]] == [title, content], "the title and the content"
    assert http.get(answer.headers.get("location", "")).object == note, "what the Location leads to"
    second, third = create(http, title=rng.text()), create(http, title=rng.text(), content=rng.text())
    assert second["content"] == "", "a note sent without content"
    summary = http.get(f"/notes/{note['id']}/summary").object
    assert summary["summary"] == content[: content.index(".") + 1], "the summary"
    answer = http.put(f"/notes/{third['id']}", json={"title": title})
    assert answer.status_code == 200
    assert plain(answer.object) == {"id": third["id"], "title": title, "content": ""}, "the answer to PUT"
    assert http.get(f"/notes/{third['id']}").object == answer.object, "GET after PUT"
    http.put(f"/notes/{note['id']}", json={"title": title, "content": content})
    listed = http.get("/notes").array
    assert listed[-3:] == [note, second, answer.object], "the last three notes of the list"
    page = http.get(f"/notes?limit=2&offset={len(listed) - 3}").array
    assert page == [note, second], f"the page of 2 after the first {len(listed) - 3} notes"
    assert http.delete(f"/notes/{second['id']}").status_code == 204
    left = [one for one in listed if one != second]
    for method, path, body, status in (
        ("GET", f"/notes/{second['id']}", None, 404),
        ("DELETE", f"/notes/{second['id']}", None, 404),
        ("PUT", f"/notes/{rng.choice(ABSENT)}", {"title": title}, 404),
        ("POST", "/notes", {"title": " "}, 422),
        ("PUT", f"/notes/{note['id']}", {"title": rng.word(), "content": 5}, 422),
        ("GET", "/notes?limit=0", None, 422),
        ("PATCH", "/notes", None, 405),
        ("GET", f"/notes/{second['id']}/summary", None, 404),
    ):
        problem(http.request(method, path, json=body), status, f"{method} {path}")
    problem(http.post("/notes", content='{"title": ', headers=JSON), 400, "POST of a body that is not JSON")
    large = json.dumps({"title": rng.word()}).encode().ljust(LARGEST + 1)
    problem(http.post("/notes", content=large, headers=JSON), 413, f"POST of a note with {LARGEST + 1} bytes")
    assert http.get("/notes").array == left, "the list after requests that were refused"


@pytest.mark.task(1)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_whatever_a_note_says_is_stored_as_it_is(http, rng):
    """Whatever a note says is stored as it is."""
    first = create(http, title=rng.word())
    for said in (
        f"{rng.word()}'s {rng.word()}",
        f"{rng.word()}'); DROP TABLE notes; --",
        f"{rng.word()}', content = 'x' WHERE 1 = 1; --",
        f'"{rng.word()}" `{rng.word()}`',
        f"100 % of %s and %({rng.word()})s",
        f":title, :{rng.word()}, ? and $1",
        f"{{title}} {{}} ${{{rng.word()}}}",
        f"\\ {rng.word()} \\' \\n",
        f"{rng.word()}\r\n\t日本 é 🙂",
    ):
        note = create(http, title=said, content=said)
        assert [note["title"], note["content"]] == [said, said], "the answer to POST"
        assert http.get(f"/notes/{note['id']}").object == note, "GET after POST"
        answer = http.put(f"/notes/{note['id']}", json={"title": f"{said}!", "content": f"{said}!"})
        assert answer.status_code == 200
        assert plain(http.get(f"/notes/{note['id']}").object) == {
            "id": note["id"],
            "title": f"{said}!",
            "content": f"{said}!",
        }, "GET after PUT"
    assert http.get(f"/notes/{first['id']}").object == first, "another note, after all these"


@pytest.mark.task(1)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_notes_survive_a_killed_program(sqlite, rng):
    """Notes survive a killed program."""
    web, http = sqlite.web()
    kept = [create(http, title=rng.text(), content=rng.text()) for _ in range(3)]
    gone = create(http, title=rng.word())
    http.delete(f"/notes/{gone['id']}")
    kept[1] = http.put(f"/notes/{kept[1]['id']}", json={"title": rng.text()}).object
    sqlite.kill(web)
    _, http = sqlite.web()
    assert http.get("/notes").array[-3:] == kept, "the last three notes of the list after kill -9 and a start"
    assert http.get(f"/notes/{kept[0]['id']}").object == kept[0]
    problem(http.get(f"/notes/{gone['id']}"), 404, "GET of a note that was deleted before the start")


@pytest.mark.task(1)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_two_programs_on_one_database_show_the_same_notes(sqlite, http, rng):
    """Two programs on one database show the same notes."""
    _, other = sqlite.web()
    for here, there in ((http, other), (other, http)):
        note = create(here, title=rng.text(), content=rng.text())
        path = f"/notes/{note['id']}"
        assert there.get(path).object == note, "GET of a note that the other program has made"
        assert here.get(path).object == note, "GET of a note that this program has made"
        assert there.get("/notes").array == here.get("/notes").array, "the lists of both"
        changed = there.put(path, json={"title": rng.text()}).object
        assert here.get(path).object == changed, "GET of a note that the other program has replaced"
        assert there.get(path).object == changed, "GET of a note that this program has replaced"
        assert here.get("/notes").array == there.get("/notes").array, "the lists of both after PUT"
        assert here.delete(path).status_code == 204
        problem(there.get(path), 404, "GET of a note that the other program has deleted")
        assert there.get("/notes").array == here.get("/notes").array, "the lists of both after DELETE"
        problem(there.put(path, json={"title": rng.word()}), 404, "PUT of a note that the other program has deleted")


@pytest.mark.task(1)
@pytest.mark.after("test_notes_survive_a_killed_program")
def test_an_id_is_never_given_out_again(sqlite, http, rng):
    """An id is never given out again, not even after a restart."""
    seen = [create(http, title=rng.word())["id"] for _ in range(3)]
    for when in ("a delete", "two deletes", "two deletes and a start"):
        for number in seen[-2:]:
            http.delete(f"/notes/{number}")
        if when.endswith("start"):
            _, http = sqlite.web()
        number = create(http, title=rng.word())["id"]
        assert number not in seen, f"expected an id never seen before after {when}, got {number} again"
        seen.append(number)


@pytest.mark.task(2)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_an_id_that_no_database_could_hold_answers_404(http, rng):
    """An id that no database could hold answers 404."""
    _no_such_ids(http, rng)


def _no_such_ids(http, rng):
    note = create(http, title=rng.text())
    for number in (2**31, 2**63 - 1, 2**63, rng.randint(10**29, 10**30)):
        path = f"/notes/{number}"
        problem(http.get(path), 404, f"GET {path}")
        problem(http.put(path, json={"title": rng.word()}), 404, f"PUT {path}")
        problem(http.delete(path), 404, f"DELETE {path}")
        problem(http.get(f"{path}/summary"), 404, f"GET {path}/summary")
        assert http.get(f"/notes/{note['id']}").object == note, "the next request"


@pytest.mark.task(2)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_what_the_database_refuses_is_a_500(http, sql, probe, rng):
    """What the database refuses is a 500, and the next request is served."""
    forbidden = rng.word(6)
    for change in ("INSERT", "UPDATE"):
        rule = f"BEFORE {change} ON notes WHEN NEW.title = '{forbidden}'"
        words = f"the administrator does not like {forbidden}"
        statement = f"CREATE TRIGGER no_{change}_{forbidden} {rule} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        try:
            probe("statement", url=sql.url, statement=statement)
        except Raised as error:
            raise AssertionError(f"expected a table notes that a rule can be added to, got: {error.what}") from None
    _refusals(http, forbidden, rng, MANY)


def _refusals(http, forbidden, rng, times):
    """Have the database refuse the title ``forbidden`` again and again, and see that nothing comes of it."""
    notes = [create(http, title=rng.text(), content=rng.text())]
    for turn in range(times):
        if turn % 2:
            answer = http.put(f"/notes/{notes[0]['id']}", json={"title": forbidden})
        else:
            answer = http.post("/notes", json={"title": forbidden, "content": rng.text()})
        problem(answer, 500, "a note that the database refuses")
        said = json.dumps({**answer.object, "type": ""})
        assert forbidden not in said, f"a 500: expected nothing of what the database said, got {said}"
        assert http.get(f"/notes/{notes[0]['id']}").object == notes[0], "the next request"
        if turn % 4 == 3:
            notes.append(create(http, title=rng.text()))
    last = http.put(f"/notes/{notes[0]['id']}", json={"title": rng.text()}).object
    assert http.get("/notes").array[-len(notes) :] == [last, *notes[1:]], "the end of the list after all that"


@pytest.mark.task(2)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_notes_created_at_the_same_moment_are_all_stored(http, race, rng):
    """Notes created at the same moment are all stored."""
    titles = [rng.text() for _ in range(24)]

    def make(number):
        made = []
        for title in titles[number * 3 : number * 3 + 3]:
            made.append(create(http, title=title))
            assert http.get(f"/notes/{made[-1]['id']}").object == made[-1], "GET of a note just made"
        return made

    made = [note for some in race(8, make) for note in some]
    assert [note["title"] for note in made] == titles, "the titles of the notes made"
    listed = http.get("/notes").array[-len(made) :]
    assert sorted(listed, key=lambda note: note["id"]) == sorted(made, key=lambda note: note["id"]), "the list"


@pytest.mark.task(3)
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_created_at_says_in_utc_when_a_note_was_made(program, eventually, rng):
    """created_at says in UTC when a note was made, and never changes."""
    # The machine's clock stands in another country.
    zone = f"{rng.choice(('AAA', 'BBB'))}{rng.choice('+-')}{rng.randint(2, 11)}"
    http = program.http(program.start("web", env={"TZ": zone}))
    before = datetime.now(UTC)
    note = create(http, title=rng.text())
    path = f"/notes/{note['id']}"
    first = made_since(note, before, f"a new note, with TZ={zone}")

    def another():
        later = moment(create(http, title=rng.text()))
        assert later != first, "expected another created_at for a note made later, got the same"
        assert later > first, f"expected a created_at after {note['created_at']} for a note made later, got {later}"

    eventually(another)
    assert http.get(path).object["created_at"] == note["created_at"], "created_at in the answer to GET"
    replaced = http.put(path, json={"title": rng.text()}).object
    assert replaced["created_at"] == note["created_at"], "created_at in the answer to PUT"
    assert http.get(path).object["created_at"] == note["created_at"], "created_at after PUT"
    listed = [one["created_at"] for one in http.get("/notes").array if one["id"] == note["id"]]
    assert listed == [note["created_at"]], "created_at in the list, of each note with that id"
    body = {"title": rng.word(), "created_at": "2001-01-01T00:00:00+00:00"}
    problem(http.post("/notes", json=body), 422, "POST of a note with created_at")


@pytest.mark.task(3)
@pytest.mark.no_release
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_the_upgrade_keeps_the_notes_of_production(sqlite, rng):
    """The upgrade keeps the notes of production and fills in their created_at."""
    _, http, notes = _upgrade(sqlite, rng)
    sqlite.release()
    assert http.get("/notes").array == notes, "GET /notes after running the release command once more"


def _upgrade(database, rng):
    """Bring production to the newest revision; a program there, a client of it, and the notes."""
    old = database.fill(rng)
    before = datetime.now(UTC)
    database.release()
    assert database.rows() == old, "the rows of the table after the release command"
    columns = database.columns()
    for name in ("title", "content", "created_at"):
        assert name in columns, f"the columns after the upgrade: expected {name} among them, got {sorted(columns)}"
        assert columns[name], f"the column {name} after the upgrade: expected NOT NULL, got one that may be empty"
    web, http = database.web()
    notes = http.get("/notes").array
    assert [plain(note) for note in notes] == old, "GET /notes after the upgrade"
    path = f"/notes/{old[-1]['id']}"
    assert http.get(path).object == notes[-1], f"GET {path} after the upgrade"
    for note in notes:
        made_since(note, before, "a note from before the upgrade")
    new = create(http, title=rng.text())
    assert new["id"] not in [note["id"] for note in old], "the id of a new note: expected one never seen before"
    return web, http, [*notes, new]


@pytest.mark.task(4)
@pytest.mark.no_release
@pytest.mark.after("test_the_upgrade_keeps_the_notes_of_production")
def test_the_downgrade_keeps_the_notes(sqlite, files, rng):
    """The downgrade keeps the notes, and the next upgrade does, too."""
    sqlite.release()
    web, http = sqlite.web()
    notes = [create(http, title=rng.text(), content=rng.text()) for _ in range(4)]
    http.delete(f"/notes/{notes.pop(1)['id']}")
    sqlite.kill(web)
    _down_and_up(sqlite, files, notes, rng)
    _, http = sqlite.web()
    assert [plain(note) for note in http.get("/notes").array] == [plain(note) for note in notes]
    numbers = [note["id"] for note in notes]
    for _ in range(2):
        numbers.append(create(http, title=rng.word())["id"])
        http.delete(f"/notes/{numbers[-1]}")
    assert len(set(numbers)) == len(numbers), f"expected ids that were never given out before, got {numbers}"


def _down_and_up(database, files, notes, rng):
    """Take revision 0002 back and bring it again; ``notes`` must be there all the time."""
    database.downgrade(files)
    columns = database.columns()
    assert sorted(columns) == ["content", "id", "title"], "the columns after the downgrade"
    assert columns["title"] and columns["content"], "title and content after the downgrade: expected NOT NULL"
    assert database.rows() == [plain(note) for note in notes], "the rows of the table after the downgrade"
    numbers = []
    for _ in range(2):
        numbers.append(database.insert(rng.word()))
        database.change(f"DELETE FROM notes WHERE id = {numbers[-1]}")
    first, second = numbers
    assert first != second, f"the table after the downgrade: expected no id twice after a delete, got {first} again"
    database.release()
    assert database.rows() == [plain(note) for note in notes], "the rows of the table after the next upgrade"


@pytest.mark.task(3)
@pytest.mark.no_release
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_only_migrations_change_tables(sqlite, rng):
    """Only migrations change tables."""
    neighbour = rng.word()
    sqlite.run(f"CREATE TABLE {neighbour} (id INTEGER PRIMARY KEY)")
    try:
        web, http = sqlite.web()
        http.get("/notes")
        http.post("/notes", json={"title": rng.word()})
        sqlite.kill(web)
    except (ProgramDied, ProgramSilent, AssertionError):
        # It may refuse to start, or to answer.
        pass
    tables = sqlite.sql.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    names = [row["name"] for row in tables]
    assert names == [neighbour], "the tables after a start of web on a database without notes"
    sqlite.release()
    assert sqlite.columns(), "expected a table notes after the release command, got none"
    assert sqlite.columns(neighbour) == {"id": True}, "a table of somebody else's after the release command"


@pytest.mark.task(5)
@pytest.mark.requires("postgres")
@pytest.mark.no_release
@pytest.mark.after("test_the_upgrade_keeps_the_notes_of_production")
def test_all_of_this_holds_on_postgresql(postgres, files, rng):
    """All of this holds on PostgreSQL."""
    postgres.move_far_away(rng)
    web, http, notes = _upgrade(postgres, rng)
    # PostgreSQL writes a changed row somewhere else, and without an order it comes last.
    notes[0] = http.put(f"/notes/{notes[0]['id']}", json={"title": rng.text(), "content": rng.text()}).object
    listed = http.get("/notes").array
    assert [note["id"] for note in listed] == [note["id"] for note in notes], "the ids in GET /notes after PUT"
    assert listed == notes, "GET /notes after PUT"
    assert http.get("/notes?limit=2&offset=1").array == notes[1:3], "GET /notes?limit=2&offset=1"
    _no_such_ids(http, rng)
    notes = http.get("/notes").array
    http.delete(f"/notes/{notes[-1]['id']}")
    again = create(http, title=f"{rng.word()}'s 🙂", content=rng.text())
    assert again["id"] not in [note["id"] for note in notes], "the id of a new note: expected one never seen before"
    notes[-1] = again
    second, other = postgres.web()
    assert other.get("/notes").array == notes, "GET /notes from a second instance"
    postgres.kill(web)
    postgres.kill(second)
    _down_and_up(postgres, files, notes, rng)


@pytest.mark.task(5)
@pytest.mark.requires("postgres")
@pytest.mark.no_release
@pytest.mark.after("test_right_and_wrong_requests_are_answered_as_in_step_2")
def test_no_transaction_stays_open(postgres, eventually, race, rng):
    """No transaction stays open, and connections do not pile up."""
    postgres.release()
    _, http = postgres.web()
    forbidden = rng.word(6)
    postgres.run(f"ALTER TABLE notes ADD CONSTRAINT {rng.word()} CHECK (title <> '{forbidden}')")
    _refusals(http, forbidden, rng, FEW)
    titles = [rng.text() for _ in range(4)]

    def speak(number):
        note = create(http, title=titles[number])
        for _ in range(FEW // 2):
            http.get("/notes")
            http.get(f"/notes/{note['id']}/summary")
            http.put(f"/notes/{note['id']}", json={"title": titles[number - 1], "content": "."})
            http.get(f"/notes/{note['id'] + 1000}")
            http.post("/notes", json={"title": forbidden})
            http.post("/notes", json={"title": forbidden})

    race(4, speak)

    def idle():
        open_ones = postgres.sql.query(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        assert http.get("/notes?limit=1").status_code == 200, "a request after all those"
        assert not open_ones, f"expected no open transaction after the last request, got {len(open_ones)}"

    eventually(idle)
    connections = postgres.sql.connections()
    assert connections <= 20, f"expected at most 20 connections after all those requests, got {connections}"
