"""What a notes service must do with what is wrong, seen by a client."""

import json
import re

import pytest

JSON = {"content-type": "application/json"}
LARGEST = 64 * 1024
UNKNOWN = range(100_000, 1_000_000)

# What only the inside of a program looks like: tracebacks, exceptions and their words, source files.
INSIDE = re.compile(
    r"Traceback|\b[A-Z][A-Za-z]*(?:Error|Exception)\b|\b[\w-]+\.(?:py|[cm]?js)\b"
    r"|substring not found|Cannot read propert"
)


def create(http, **note):
    """Make a note by the contract; the note as the service answered it."""
    return http.post("/notes", json=note).object


def problem(answer, status, what):
    """The problem document that an answer must be; ``status`` may be several to choose from."""
    expected = status if isinstance(status, tuple) else (status,)
    assert answer.status_code in expected, what
    document = answer.object
    for member in ("type", "title", "detail"):
        text = document[member]
        assert isinstance(text, str) and text.strip(), f"{what}: expected words as {member!r}, got {text!r}"
    assert document["status"] == answer.status_code, f"{what}: the member 'status'"
    assert answer.media_type == "application/problem+json", f"{what}: the content type"
    return document


def wrong_fields(answer, what):
    """The names of the fields that a 422 complains of."""
    errors = problem(answer, 422, what)["errors"]
    assert isinstance(errors, list) and errors, f"{what}: expected an array with an error in it, got {errors!r}"
    for error in errors:
        told = [error.get("field"), error.get("message")] if isinstance(error, dict) else [None]
        right = all(isinstance(text, str) for text in told) and told[1].strip()
        assert right, f"{what}: expected a field and a message in each error, got {error!r}"
    return {error["field"] for error in errors}


def ways_in(note):
    """Both routes that a body comes in by."""
    return (("POST", "/notes"), ("PUT", f"/notes/{note['id']}"))


@pytest.mark.task(1)
def test_right_requests_are_answered_as_before(http, rng):
    """Right requests are answered as in step 1."""
    title, content = f" {rng.text()} & {rng.word()}\n", f"\t{rng.text()} <b> "
    answer = http.post("/notes", json={"title": title, "content": content})
    assert answer.status_code == 201
    note = answer.object
    assert [note["title"], note["content"]] == [title, content], "the title and the content"
    assert http.get(answer.headers.get("location", "")).object == note, "what the Location leads to"
    assert create(http, title=title)["content"] == "", "a note sent without content"
    # An emoji the way many clients write it: as the escapes of its two halves.
    body = r'{"title": "\ud83d\ude42", "content": ""}'
    answer = http.post("/notes", content=body, headers={"content-type": "application/json; charset=utf-8"})
    assert [answer.status_code, answer.object.get("title")] == [201, "🙂"], f"POST of {body}"
    changed = {"id": note["id"], "title": rng.text(), "content": ""}
    answer = http.put(f"/notes/{note['id']}", json={"title": changed["title"]})
    assert [answer.status_code, answer.object] == [200, changed], "the answer to PUT"
    last = create(http, title=rng.text(), content=rng.text())
    listed = http.get("/notes").array
    assert [listed[-1], changed in listed] == [last, True], "the newest note in the list, and whether the other is"
    assert http.delete(f"/notes/{note['id']}").status_code == 204
    assert http.get(f"/notes/{note['id']}").status_code == 404, "GET of the deleted note"


@pytest.mark.task(1)
def test_errors_of_http_are_problem_documents(http, rng):
    """Unknown paths, methods and content types answer 404, 405 with Allow, and 415, as problem documents."""
    note, unknown = create(http, title=rng.text()), rng.choice(UNKNOWN)
    for method, path, status in (
        ("GET", f"/notes/{unknown}", 404),
        ("DELETE", f"/notes/{unknown}", 404),
        ("GET", f"/notes/{rng.word()}", 404),
        ("GET", f"/notes/{note['id']}{rng.word()}", 404),
        ("GET", f"/notes/{unknown}/summary", 404),
        ("GET", f"/{rng.word()}", 404),
        ("GET", "/notes/%ff", (404, 400)),
    ):
        problem(http.request(method, path), status, f"{method} {path}")
    put = http.put(f"/notes/{unknown}", json={"title": rng.text()})
    problem(put, 404, "PUT of a note that is not there")
    for method, path, expected in (
        ("DELETE", "/notes", {"GET", "POST"}),
        ("PATCH", f"/notes/{note['id']}", {"GET", "PUT", "DELETE"}),
    ):
        answer = http.request(method, path)
        problem(answer, 405, f"{method} {path}")
        allowed = {name.strip().upper() for name in answer.headers.get("allow", "").split(",") if name.strip()}
        assert expected <= allowed, f"Allow after {method} {path}: expected {sorted(expected)}, got {sorted(allowed)}"
    body = json.dumps({"title": rng.word()})
    for method, path in ways_in(note):
        for kind in ("text/plain", "application/x-www-form-urlencoded", None):
            headers = {"content-type": kind} if kind else {}
            answer = http.request(method, path, content=body, headers=headers)
            problem(answer, 415, f"{method} with {f'the content type {kind}' if kind else 'no content type'}")


@pytest.mark.task(2)
@pytest.mark.after("test_errors_of_http_are_problem_documents")
def test_a_body_that_is_not_json_answers_400(http, rng):
    """A body that is not JSON, or says a name twice, answers 400."""
    note, one, two = create(http, title=rng.text()), rng.word(), rng.word()
    for body in (
        f'{{"title": "{one}"',
        "",
        one,
        f"{{'title': '{one}'}}",
        f'{{"title": "{one}"}} {two}',
        b'{"title": "' + one.encode() + b'\xff"}',
        f'{{"title": "{one}", "title": "{two}"}}',
        f'{{"title": "{one}", "content": "{two}", "content": "{two}"}}',
        # The same name, once with its first letter as an escape.
        f'{{"title": "{one}", "\\u0074itle": "{two}"}}',
    ):
        for method, path in ways_in(note):
            answer = http.request(method, path, content=body, headers=JSON)
            shown = body if isinstance(body, str) else repr(body)[2:-1]
            problem(answer, 400, f"{method} of the body {shown or '(empty)'}")
    nested = '{"title": ' + "[" * 20_000 + "]" * 20_000 + "}"
    problem(http.post("/notes", content=nested, headers=JSON), (400, 422), "POST of 20000 arrays in each other")


@pytest.mark.task(2)
@pytest.mark.after("test_errors_of_http_are_problem_documents")
def test_a_body_over_64_kib_answers_413(http, rng):
    """A body of more than 64 KiB answers 413."""
    body = json.dumps({"title": rng.word()}).encode()
    answer = http.post("/notes", content=body.ljust(LARGEST), headers=JSON)
    assert answer.status_code == 201, "POST of a note with spaces behind it, 65536 bytes in all"
    answer = http.post("/notes", content=body.ljust(LARGEST + 1), headers=JSON)
    problem(answer, 413, "POST of a note with spaces behind it, 65537 bytes in all")
    large = json.dumps({"title": rng.word() * 350_000})
    problem(http.post("/notes", content=large, headers=JSON), 413, "POST of a title of 2 MB")
    # Spaces in front, not behind: some servers cut off what is beyond the limit, and read the rest.
    body = body.replace(b"{", b"{" + b" " * 3 * LARGEST)
    request = http.build_request("POST", "/notes", content=body, headers=JSON)
    del request.headers["content-length"]
    request.headers["transfer-encoding"] = "chunked"
    answer = http.send(request)
    status = answer.status_code
    assert 400 <= status <= 499, f"POST of 192 KiB in chunks, without a length: expected a 4xx, got {status}"


@pytest.mark.task(3)
@pytest.mark.after("test_errors_of_http_are_problem_documents")
def test_a_wrong_field_answers_422_and_is_named(http, rng):
    """A wrong title or content answers 422 and is named."""
    note, number, word = create(http, title=rng.text()), rng.randint(2, 99), rng.word()
    for body, field in (
        ({}, "title"),
        ({"content": word}, "title"),
        ({"title": number}, "title"),
        ({"title": None}, "title"),
        ({"title": True}, "title"),
        ({"title": [word]}, "title"),
        ({"title": {"text": word}}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": " \t\r\n"}, "title"),
        ({"title": word, "content": number}, "content"),
        ({"title": word, "content": None}, "content"),
        ({"title": word, "content": [word]}, "content"),
    ):
        for method, path in ways_in(note):
            what = f"{method} of the body {json.dumps(body)}"
            named = wrong_fields(http.request(method, path, json=body), what)
            assert named == {field}, f"{what}: expected the field {field!r} in errors, got {sorted(named)}"
    for body in ([word], word, number, None, True):
        for method, path in ways_in(note):
            answer = http.request(method, path, content=json.dumps(body), headers=JSON)
            wrong_fields(answer, f"{method} of the body {json.dumps(body)}")


@pytest.mark.task(3)
@pytest.mark.after("test_a_wrong_field_answers_422_and_is_named")
def test_lengths_are_counted_in_characters(http, rng):
    """Lengths are counted in characters."""
    note = create(http, title=rng.text())
    longest = {"title": 100, "content": 10_000}
    for method, path in ways_in(note):
        for field, length in longest.items():
            text = "🙂é" + "".join(rng.choice("aé日🙂") for _ in range(length - 2))
            body = {"title": rng.word(), field: text}
            answer = http.request(method, path, json=body)
            what = f"{method} of a {field} of {length} characters"
            assert answer.status_code in (200, 201), what
            assert answer.object[field] == text, f"{what}: the {field} in the answer"
            what = f"{method} of a {field} of {length + 1} characters"
            named = wrong_fields(http.request(method, path, json=body | {field: text + "x"}), what)
            assert named == {field}, f"{what}: expected the field {field!r} in errors, got {sorted(named)}"


@pytest.mark.task(3)
@pytest.mark.after("test_a_wrong_field_answers_422_and_is_named")
def test_what_is_no_character_is_refused(http, rng):
    """NUL and half a character are refused."""
    note, word = create(http, title=rng.text()), rng.word()
    for escape, status in ((r"\u0000", 422), (r"\ud83d", (422, 400)), (r"\ude42", (422, 400))):
        for field in ("title", "content"):
            for method, path in ways_in(note):
                texts = {"title": word, "content": word} | {field: word + escape}
                body = f'{{"title": "{texts["title"]}", "content": "{texts["content"]}"}}'
                answer = http.request(method, path, content=body, headers=JSON)
                what = f"{method} with {escape} in the {field}"
                problem(answer, status, what)
                if answer.status_code == 422:
                    named = wrong_fields(answer, what)
                    assert named == {field}, f"{what}: expected the field {field!r} in errors, got {sorted(named)}"


@pytest.mark.task(3)
@pytest.mark.after("test_a_wrong_field_answers_422_and_is_named")
def test_unknown_fields_are_refused(http, rng):
    """A field that the contract does not know is refused."""
    note, number = create(http, title=rng.text()), rng.choice(UNKNOWN)
    for method, path in ways_in(note):
        answer = http.request(method, path, json={"title": rng.text(), "id": number, "is_admin": True})
        taken = [kept for kept in http.get("/notes").array if kept["id"] == number or "is_admin" in kept]
        assert not taken, f"{method} of a note with an id and is_admin: expected no note with them, got {taken[0]}"
        named = wrong_fields(answer, f"{method} of a note with an id and is_admin")
        assert named == {"id", "is_admin"}, f"expected the fields 'id' and 'is_admin' in errors, got {sorted(named)}"
        field = rng.word()
        named = wrong_fields(http.request(method, path, json={"title": rng.text(), field: 1}), f"{method} with {field}")
        assert named == {field}, f"expected the field {field!r} in errors, got {sorted(named)}"


@pytest.mark.task(3)
@pytest.mark.after("test_a_wrong_field_answers_422_and_is_named")
def test_every_wrong_field_is_named(http, rng):
    """One answer names every wrong field."""
    note, (one, two) = create(http, title=rng.text()), rng.words(2)
    for body in (
        {"title": rng.randint(2, 99), "content": [one]},
        {"title": "", one: 1, two: two},
        {"title": two, "content": None, one: two},
        {"content": 5, one: None},
    ):
        expected = body.keys() - {"title"} | ({"title"} if body.get("title") != two else set())
        for method, path in ways_in(note):
            what = f"{method} of the body {json.dumps(body)}"
            named = wrong_fields(http.request(method, path, json=body), what)
            assert named == expected, f"{what}: expected the fields {sorted(expected)} in errors, got {sorted(named)}"


@pytest.mark.task(3)
@pytest.mark.after("test_a_wrong_field_answers_422_and_is_named")
def test_a_refused_request_changes_nothing(http, rng):
    """A refused request changes nothing."""
    note = create(http, title=rng.text(), content=rng.text())
    before = http.get("/notes").array
    for body in (
        {"title": rng.text(), "content": rng.randint(2, 99)},
        {"title": rng.text(), "content": rng.text(), rng.word(): 1},
        {"title": " ", "content": rng.text()},
    ):
        for method, path in ways_in(note):
            http.request(method, path, json=body)
            kept = http.get(f"/notes/{note['id']}").object
            assert kept == note, f"the note after {method} of the body {json.dumps(body, ensure_ascii=False)}"
            ids = [kept["id"] for kept in http.get("/notes").array]
            expected = [kept["id"] for kept in before]
            assert ids == expected, f"the ids in the list after {method} of {json.dumps(body, ensure_ascii=False)}"


@pytest.mark.task(4)
@pytest.mark.after("test_errors_of_http_are_problem_documents")
def test_limit_and_offset_choose_the_notes(http, rng):
    """limit and offset choose the notes, and answer 422 when they are wrong."""
    for _ in range(3):
        create(http, title=rng.text())
    notes = http.get("/notes").array
    last = len(notes) - 1
    for query, expected in (
        ("limit=1", notes[:1]),
        ("limit=2&offset=1", notes[1:3]),
        (f"offset={last}", notes[last:]),
        ("limit=100&offset=0", notes[:100]),
        (f"offset={len(notes) + rng.randint(0, 99)}", []),
    ):
        assert http.get(f"/notes?{query}").array == expected, f"GET /notes?{query}"
    word = rng.word()
    for query, expected in (
        ("limit=0", {"limit"}),
        ("limit=101", {"limit"}),
        ("limit=-1", {"limit"}),
        (f"limit={word}", {"limit"}),
        ("limit=1.5", {"limit"}),
        ("offset=-1", {"offset"}),
        (f"offset={word}&limit=1", {"offset"}),
        (f"offset={word}&limit=0", {"limit", "offset"}),
    ):
        what = f"GET /notes?{query}"
        named = wrong_fields(http.get(f"/notes?{query}"), what)
        assert named == expected, f"{what}: expected {sorted(expected)} in errors, got {sorted(named)}"


@pytest.mark.task(5)
@pytest.mark.after("test_errors_of_http_are_problem_documents")
def test_an_unexpected_error_answers_500(http, rng):
    """An error that nobody expected answers 500, and the next request is served."""
    first, second = rng.text(), rng.text()
    for content, expected in ((f"{first}.", f"{first}."), (f"{first}.\n{second}.", f"{first}.")):
        note = create(http, title=rng.text(), content=content)
        answer = http.get(f"/notes/{note['id']}/summary")
        assert answer.status_code == 200, "the summary of a note with a full stop"
        assert answer.object["summary"] == expected, "the summary"
    for content in (first, "", f"{first}\n{second}"):
        note = create(http, title=rng.text(), content=content)
        answer = http.get(f"/notes/{note['id']}/summary")
        problem(answer, 500, "the summary of a note without a full stop")
        assert http.get(f"/notes/{note['id']}").object == note, "the note, right after that 500"


@pytest.mark.task(5)
@pytest.mark.after("test_an_unexpected_error_answers_500")
def test_the_log_tells_the_story(http, program, rng, eventually):
    """The log tells the story of a 500."""
    note = create(http, title=rng.text(), content=rng.text())
    assert http.get(f"/notes/{note['id']}/summary").status_code == 500, "the summary of a note without a full stop"

    def told():
        log = "\n".join(program.printed())
        named = re.search(r"\b[A-Z][A-Za-z]*(?:Error|Exception)\b", log)
        assert named, "expected the name of the exception in the log, and it is not there"
        assert re.search(r"\bsummary\.(?:py|[cm]?js)\b", log), (
            f"expected the file that {named[0]} came from in the log, and it is not there"
        )

    eventually(told)


@pytest.mark.task(5)
@pytest.mark.after("test_an_unexpected_error_answers_500")
def test_no_error_tells_of_the_inside(http, rng):
    """No error tells of the inside."""
    note = create(http, title=rng.text(), content=rng.text())
    for method, path, body, kind in (
        ("GET", f"/{rng.word()}", "", ""),
        ("GET", f"/notes?limit={rng.word()}", "", ""),
        ("PATCH", "/notes", "", ""),
        ("POST", "/notes", '{"title": ', "application/json"),
        ("POST", "/notes", '{"title": "a", "title": "b"}', "application/json"),
        ("POST", "/notes", '{"title": 5}', "application/json"),
        ("POST", "/notes", '{"title": "a", "is_admin": true}', "application/json"),
        ("POST", "/notes", "[]", "application/json"),
        ("POST", "/notes", "title=a", "application/x-www-form-urlencoded"),
        ("GET", f"/notes/{note['id']}/summary", "", ""),
    ):
        answer = http.request(method, path, content=body, headers={"content-type": kind} if kind else {})
        status = answer.status_code
        assert 400 <= status <= 599, f"{method} {path}: expected an error, got {status}"
        # A type is an address, and may have any name.
        said = json.dumps({**answer.object, "type": ""}, ensure_ascii=False)
        found = INSIDE.search(said)
        assert not found, f"{method} {path} ({status}): expected nothing of the inside, got {found[0]!r}"
