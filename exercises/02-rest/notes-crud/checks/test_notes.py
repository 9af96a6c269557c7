"""What a notes service must do, seen by a client."""

import pytest


def create(http, rng):
    """Make a note by the contract; the note as the service answered it."""
    return http.post("/notes", json={"title": rng.text(), "content": rng.text()}).object


def ids(notes):
    """The ids of notes; what is not an object stands for itself, so that a comparison shows it."""
    return [note["id"] if isinstance(note, dict) else note for note in notes]


@pytest.mark.task(1)
def test_create_answers_201_and_location(http, rng):
    """POST /notes answers 201, the note, and a Location."""
    title, content = f"{rng.text()} & {rng.word()}", rng.text()
    answer = http.post("/notes", json={"title": title, "content": content})
    assert answer.status_code == 201
    note = answer.object
    assert type(note["id"]) is int, f"expected a whole number as id, got {note['id']!r}"
    assert [note["title"], note["content"]] == [title, content], "the title and the content"
    assert answer.headers.get("location"), "expected a Location header, got none"
    answer = http.post("/notes", json={"title": title})
    assert answer.object["content"] == "", "a note sent without content"


@pytest.mark.task(2)
@pytest.mark.after("test_create_answers_201_and_location")
def test_location_leads_to_the_note(http, rng):
    """The Location of a new note leads to that note."""
    create(http, rng)
    created = http.post("/notes", json={"title": rng.text(), "content": rng.text()})
    answer = http.get(created.headers.get("location", ""))
    assert answer.status_code == 200
    assert answer.object == created.object


@pytest.mark.task(2)
@pytest.mark.after("test_create_answers_201_and_location")
def test_list_holds_every_note_oldest_first(http, rng):
    """GET /notes lists every note, oldest first."""
    before = http.get("/notes").array
    added = [create(http, rng) for _ in range(rng.randint(3, 6))]
    answer = http.get("/notes")
    assert answer.status_code == 200
    listed = ids(answer.array)
    assert listed == ids(before) + ids(added), "the ids in the list"
    newest = answer.array[listed.index(added[-1]["id"])]
    assert newest == added[-1], "the newest note in the list"


@pytest.mark.task(3)
@pytest.mark.after("test_create_answers_201_and_location")
def test_put_replaces_the_whole_note(http, rng):
    """PUT replaces the whole note."""
    note, title = create(http, rng), rng.text()
    answer = http.put(f"/notes/{note['id']}", json={"title": title})
    assert answer.status_code == 200
    expected = {"id": note["id"], "title": title, "content": ""}
    for field, value in expected.items():
        assert answer.object[field] == value, f"the {field} in the answer to PUT"
    assert http.get(f"/notes/{note['id']}").object == expected, "what GET says afterwards"


@pytest.mark.task(3)
@pytest.mark.after("test_list_holds_every_note_oldest_first", "test_put_replaces_the_whole_note")
def test_put_keeps_the_place_in_the_list(http, rng):
    """PUT leaves a note where it is in the list, however often it is sent."""
    notes = [create(http, rng) for _ in range(3)]
    before = ids(http.get("/notes").array)
    body = {"title": rng.text(), "content": rng.text()}
    http.put(f"/notes/{notes[0]['id']}", json=body)
    again = http.put(f"/notes/{notes[0]['id']}", json=body)
    assert again.status_code == 200, "the same PUT again"
    assert ids(http.get("/notes").array) == before, "the ids in the list after PUT"


@pytest.mark.task(3)
@pytest.mark.after("test_put_replaces_the_whole_note")
def test_put_never_creates(http, rng):
    """PUT of a note that is not there answers 404 and creates nothing."""
    unknown = rng.randint(10_000, 99_999)
    answer = http.put(f"/notes/{unknown}", json={"title": rng.text(), "content": rng.text()})
    assert answer.status_code == 404
    assert http.get(f"/notes/{unknown}").status_code == 404, "GET of the same id afterwards"


@pytest.mark.task(4)
@pytest.mark.after("test_create_answers_201_and_location")
def test_delete_answers_204_and_the_note_is_gone(http, rng):
    """DELETE answers 204 with no body, and the note is gone."""
    gone, _ = create(http, rng), create(http, rng)
    left = [note_id for note_id in ids(http.get("/notes").array) if note_id != gone["id"]]
    answer = http.delete(f"/notes/{gone['id']}")
    assert answer.status_code == 204
    # No client reads a body after a 204, so that one was sent shows in this header alone.
    length = answer.headers.get("content-length", "0")
    assert length == "0", f"expected no body, got one of {length} bytes"
    assert http.get(f"/notes/{gone['id']}").status_code == 404, "GET of the deleted note"
    assert ids(http.get("/notes").array) == left, "the ids left in the list"


@pytest.mark.task(4)
@pytest.mark.after("test_delete_answers_204_and_the_note_is_gone")
def test_delete_of_an_unknown_note_answers_404(http, rng):
    """DELETE of a note that is not there answers 404."""
    note = create(http, rng)
    http.delete(f"/notes/{note['id']}")
    for note_id, which in (
        (rng.randint(10_000, 99_999), "DELETE of an id never given out"),
        (note["id"], "the second DELETE of the same note"),
    ):
        assert http.delete(f"/notes/{note_id}").status_code == 404, which


@pytest.mark.task(4)
@pytest.mark.after("test_delete_answers_204_and_the_note_is_gone")
def test_ids_are_never_reused(http, rng):
    """An id is never given out again after a delete."""
    notes = [create(http, rng) for _ in range(rng.randint(3, 5))]
    seen = set(ids(notes))
    for note in [*rng.sample(notes, 2), notes[-1]]:
        http.delete(f"/notes/{note['id']}")
        new = create(http, rng)["id"]
        assert new not in seen, f"expected an id not seen before, got {new}"
        seen.add(new)


@pytest.mark.task(5)
@pytest.mark.after("test_create_answers_201_and_location")
def test_a_body_that_is_not_a_note_answers_400(http, rng):
    """A body that is not a note answers 400."""
    note = create(http, rng)
    word = rng.word()
    wrong = [
        f'{{"title": "{word}"',
        "",
        f'"{word}"',
        f'["{word}"]',
        "null",
        "{}",
        '{"title": ""}',
        '{"title": "   "}',
        f'{{"title": {rng.randint(1, 99)}}}',
        '{"title": null}',
        f'{{"title": "{word}", "content": {rng.randint(1, 99)}}}',
    ]
    headers = {"content-type": "application/json"}
    for body in wrong:
        for method, path in (("POST", "/notes"), ("PUT", f"/notes/{note['id']}")):
            answer = http.request(method, path, content=body, headers=headers)
            assert answer.status_code == 400, f"{method} of the body {body or '(empty)'}"
    assert http.get(f"/notes/{note['id']}").object == note, "the note after all those refusals"


@pytest.mark.task(5)
@pytest.mark.after("test_create_answers_201_and_location")
def test_a_body_not_declared_as_json_answers_415(http, rng):
    """A body that is not declared as JSON answers 415."""
    note = create(http, rng)
    body = f'{{"title": "{rng.word()}"}}'
    for method, path in (("POST", "/notes"), ("PUT", f"/notes/{note['id']}")):
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            answer = http.request(method, path, content=body, headers={"content-type": kind})
            assert answer.status_code == 415, f"{method} with the content type {kind}"


@pytest.mark.task(5)
@pytest.mark.after("test_create_answers_201_and_location")
def test_a_method_not_there_answers_405_with_allow(http, rng):
    """A method that a path does not have answers 405 with Allow."""
    note = create(http, rng)
    for method, path, expected in (
        ("DELETE", "/notes", {"GET", "POST"}),
        ("PATCH", "/notes", {"GET", "POST"}),
        ("POST", f"/notes/{note['id']}", {"GET", "PUT", "DELETE"}),
    ):
        answer = http.request(method, path)
        assert answer.status_code == 405, f"{method} {path}"
        allowed = {name.strip().upper() for name in answer.headers.get("allow", "").split(",") if name.strip()}
        assert expected <= allowed, f"Allow after {method} {path}: expected {sorted(expected)}, got {sorted(allowed)}"


@pytest.mark.task(5)
@pytest.mark.after("test_create_answers_201_and_location")
def test_errors_are_json(http, rng):
    """Every error is a JSON object with an error in words."""
    json_type = {"content-type": "application/json"}
    unknown = rng.randint(10_000, 99_999)
    for method, path, options in (
        ("GET", f"/notes/{unknown}", {}),
        ("GET", f"/notes/{rng.word()}", {}),
        ("GET", f"/{rng.word()}", {}),
        ("DELETE", "/notes", {}),
        ("POST", "/notes", {"content": "{", "headers": json_type}),
        ("POST", "/notes", {"content": "{}", "headers": json_type}),
        ("POST", "/notes", {"content": "{}", "headers": {"content-type": "text/plain"}}),
    ):
        answer = http.request(method, path, **options)
        status = answer.status_code
        assert 400 <= status <= 499, f"{method} {path}: expected a status from 400 to 499, got {status}"
        what = f"{method} {path} ({status})"
        error = answer.object["error"]
        assert isinstance(error, str) and error.strip(), f"{what}: expected an error in words, got {error!r}"
        assert answer.media_type == "application/json", f"the content type of {what}"


@pytest.mark.task(6)
@pytest.mark.after("test_list_holds_every_note_oldest_first")
def test_eight_at_once_get_eight_ids(http, rng, race):
    """Eight notes created at the same moment get eight ids."""
    for _ in range(3):
        titles = rng.words(8)
        answers = race(8, lambda number: http.post("/notes", json={"title": titles[number]}))
        given = [answer.object["id"] for answer in answers if answer.status_code == 201]
        assert len(set(given)) == 8, f"expected 8 answers 201 with 8 different ids, got the ids {given}"
        kept = [note["title"] for note in http.get("/notes").array if note["id"] in given]
        assert sorted(kept) == sorted(titles), "the titles under those ids in the list"
