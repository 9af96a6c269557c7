"""What a service with accounts must do, seen by those who have one, by those who have not, and from its database."""

import json
import re
import time

import jwt
import pytest
from people import (
    Person,
    bearer,
    log_in,
    new_email,
    new_password,
    newcomer,
    problem,
    register,
    somebody,
    unauthorized,
    wrong_fields,
)
from stored import hashes, values, weakness

LONGEST_LIFE = 15 * 60
# Two clocks are read one after the other, maybe on a machine with much to do.
SLACK = 5
UNKNOWN = range(100_000, 1_000_000)


def create(http, person, rng, **note):
    """Make a note by the contract; the note as the service answered it."""
    note = note or {"title": rng.text(), "content": f"{rng.text()}. {rng.word()}"}
    answer = http.post("/notes", json=note, headers=person.headers)
    assert answer.status_code == 201, "POST /notes with a good token"
    return answer.object


def routes(note_id):
    """Every route under /notes, with a body that is right."""
    return (
        ("GET", "/notes", None),
        ("POST", "/notes", {"title": "a"}),
        ("GET", f"/notes/{note_id}", None),
        ("GET", f"/notes/{note_id}/summary", None),
        ("PUT", f"/notes/{note_id}", {"title": "a"}),
        ("DELETE", f"/notes/{note_id}", None),
    )


def ask(http, method, path, body, headers):
    return http.request(method, path, headers=headers, **({} if body is None else {"json": body}))


@pytest.mark.task(1)
def test_register_answers_201(http, rng):
    """POST /auth/register answers 201 with the id and the email."""
    email = new_email(rng)
    answer = register(http, email, new_password(rng))
    assert answer.status_code == 201
    user = answer.object
    assert type(user["id"]) is int, f"expected a whole number as id, got {user['id']!r}"
    assert str(user["email"]).lower() == email, "the email, whatever its capitals"
    # A plus, dashes, digits and several dots are nothing unusual.
    email = f"{rng.word()}+{rng.randint(1, 99)}@{rng.word()}-{rng.randint(1, 9)}.{rng.word()}.example"
    other = register(http, email, new_password(rng))
    assert other.status_code == 201, f"registering {email}"
    assert other.object["id"] != user["id"], "expected another id for another user, got the same"


@pytest.mark.task(1)
@pytest.mark.after("test_register_answers_201")
def test_a_wrong_account_answers_422(http, rng):
    """A wrong email or password answers 422 and is named."""
    email, password, word = new_email(rng), new_password(rng), rng.word()
    long = f"{word}@" + ".".join([word * 9] * 4) + "."
    for body, fields in (
        ({}, {"email", "password"}),
        ({"email": email}, {"password"}),
        ({"password": password}, {"email"}),
        ({"email": word, "password": password}, {"email"}),
        ({"email": "", "password": password}, {"email"}),
        ({"email": f"{word}@", "password": password}, {"email"}),
        ({"email": f"@{word}.example", "password": password}, {"email"}),
        ({"email": f"{word}@{email}", "password": password}, {"email"}),
        ({"email": f"{word} {email}", "password": password}, {"email"}),
        ({"email": f"{email}\n", "password": password}, {"email"}),
        ({"email": f"{email}\r\nBcc: {word}@{word}.example", "password": password}, {"email"}),
        ({"email": long + "e" * (255 - len(long)), "password": password}, {"email"}),
        ({"email": rng.randint(2, 99), "password": password}, {"email"}),
        ({"email": [email], "password": password}, {"email"}),
        ({"email": None, "password": password}, {"email"}),
        ({"email": email, "password": "é" * 9}, {"password"}),
        ({"email": email, "password": "a" * 201}, {"password"}),
        ({"email": email, "password": rng.randint(10**11, 10**12)}, {"password"}),
        ({"email": email, "password": None}, {"password"}),
        ({"email": email, "password": password, "is_admin": True}, {"is_admin"}),
        ({"email": email, "password": password, "id": 1}, {"id"}),
    ):
        what = f"registering with {json.dumps(body)[:120]}"
        named = wrong_fields(http.post("/auth/register", json=body), what)
        assert named == fields, f"{what}: expected {sorted(fields)} in errors, got {sorted(named)}"
    nul = http.post("/auth/register", json={"email": email, "password": f"{password}\0"})
    problem(nul, (422, 400), "registering with NUL in the password")
    # Now that everything wrong was refused, the email is still free; nine emoji are 36 bytes, and too short.
    assert register(http, email, "🙂" * 10).status_code == 201, "registering with a password of 10 emoji"


@pytest.mark.task(1)
@pytest.mark.after("test_register_answers_201")
def test_an_email_has_one_account(http, rng):
    """An email has one account, however it is written."""
    email, password = new_email(rng), new_password(rng)
    assert register(http, email.title(), password).status_code == 201, f"registering {email.title()}"
    for written in (email.title(), email.upper()):
        answer = register(http, written, new_password(rng))
        problem(answer, 409, f"registering {written} after {email.title()}, with another password")
    assert log_in(http, email, password).status_code == 200, f"logging in as {email} with the first password"


@pytest.mark.task(1)
@pytest.mark.after("test_an_email_has_one_account")
def test_a_race_for_one_email(http, rng, race):
    """Of four who register one email at the same moment, one gets 201."""
    email, password = new_email(rng), new_password(rng)
    written = [email, email.upper(), email.title(), email.upper()]
    answers = race(4, lambda number: register(http, written[number], password))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201, 409, 409, 409], "the four statuses"


@pytest.mark.task(2)
@pytest.mark.after("test_register_answers_201")
def test_the_right_password_logs_in(http, rng):
    """The right password logs in, and no other does."""
    email, password = new_email(rng), f" {new_password(rng)}A "
    register(http, email, password)
    answer = log_in(http, email, password)
    assert answer.status_code == 200, "logging in"
    token, kind = answer.object["access_token"], answer.object["token_type"]
    assert isinstance(token, str) and token, f"expected a string as access_token, got {token!r}"
    assert str(kind).lower() == "bearer", "the token_type"
    for wrong, which in (
        (somebody(http, rng).password, "somebody else's password"),
        (password.strip(), "a password without the spaces around it"),
    ):
        unauthorized(log_in(http, email, wrong), f"logging in with {which}")


@pytest.mark.task(2)
@pytest.mark.after("test_the_right_password_logs_in")
def test_the_token_is_a_jwt(program, rng):
    """The token is a JWT that says who and until when."""
    key = f"{rng.word(20)}{rng.word(20)}"
    first = program.start("web", env={"SECRET_KEY": key})
    http = program.http(first)
    email, password = new_email(rng), new_password(rng)
    user = register(http, email, password).object
    before = time.time()
    answer = log_in(http, email, password).object
    after = time.time()
    claims = _claims(answer["access_token"], key)
    assert claims.get("sub") == str(user["id"]), "the claim sub"
    ends, lasts = claims.get("exp"), answer["expires_in"]
    for name, value in (("exp", ends), ("expires_in", lasts)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        assert number, f"expected a number as {name}, got {value!r}"
    most = after + LONGEST_LIFE + SLACK
    assert ends <= most, f"expected a token that ends in at most 900 s, got one that ends in {ends - after:.0f} s"
    early, late = before + lasts - SLACK, after + lasts + SLACK
    assert early <= ends <= late, f"expected a token that ends in expires_in, {lasts} s, got {ends - after:.0f} s"
    person = Person(user["id"], email, password, answer["access_token"])
    note = create(http, person, rng)
    program.stop(first)
    again = program.http(program.start("web", env={"SECRET_KEY": key}))
    answer = again.get(f"/notes/{note['id']}", headers=person.headers)
    assert answer.status_code == 200, "a note, asked for with the old token after a restart"


def _claims(token, key):
    """The claims of a token that is signed as it should be."""
    try:
        algorithm = jwt.get_unverified_header(token).get("alg")
    except jwt.PyJWTError:
        raise AssertionError(f"expected a JWT as access_token, got {token!r}") from None
    assert algorithm == "HS256", "alg in the header of the token"
    try:
        return jwt.decode(token, key, algorithms=["HS256"], options={"verify_aud": False, "verify_exp": False})
    except jwt.PyJWTError as error:
        raise AssertionError(f"expected a token signed with SECRET_KEY, got one with: {error}") from None


@pytest.mark.task(3)
@pytest.mark.after("test_register_answers_201")
def test_passwords_are_kept_as_slow_hashes(http, sql, rng):
    """Passwords are kept as slow hashes, and nowhere else."""
    password, before = new_password(rng), hashes(sql)
    register(http, new_email(rng), password)
    first = hashes(sql) - before
    clear = [value for value in values(sql) if password in value]
    assert not clear, f"expected the password nowhere in the database, got {clear[0]!r}"
    assert first, "expected a new hash of bcrypt or Argon2 in the database, got none"
    weak = next((reason for reason in map(weakness, sorted(first)) if reason), "")
    assert not weak, f"expected a hash that is slow enough, got {weak}"
    register(http, new_email(rng), password)
    second = hashes(sql) - before - first
    assert second, "expected another hash for the second user of the same password, got the same"


@pytest.mark.task(3)
@pytest.mark.after("test_the_right_password_logs_in")
def test_every_character_of_a_password_counts(http, rng):
    """Every character of a password counts."""
    email, same = new_email(rng), rng.word() * 12
    password, wrong = (f"{same}{rng.word() * 21}é{rng.word(12) * 2}"[:200] for _ in range(2))
    assert register(http, email, password).status_code == 201, "registering with a password of 200 characters"
    assert log_in(http, email, password).status_code == 200, "logging in with a password of 200 characters"
    answer = log_in(http, email, wrong)
    assert answer.status_code == 401, "logging in with a password of which only the first 72 characters are right"


@pytest.mark.task(3)
@pytest.mark.after("test_the_right_password_logs_in")
def test_passwords_are_in_no_answer_and_no_log(program, sql, rng):
    """Passwords and hashes are in no answer and no log."""
    running = program.start("web")
    http = program.http(running)
    email, password = new_email(rng), f"{rng.word(6)}{rng.randint(100, 999)}{rng.word(6)}"
    right = {"email": email, "password": password}
    answers = {
        "a registration": http.post("/auth/register", json=right),
        "a second registration": http.post("/auth/register", json=right),
        "a login": http.post("/auth/login", json=right),
        "a login with a wrong password": http.post("/auth/login", json={**right, "password": password + "x"}),
        "a registration with a field too many": http.post("/auth/register", json={**right, "nickname": password}),
        "a registration with a password of the wrong kind": http.post(
            "/auth/register", json={**right, "password": [password]}
        ),
        "a registration that is no JSON": http.post(
            "/auth/register", content=json.dumps(right)[:-1], headers={"content-type": "application/json"}
        ),
    }
    secrets = [password, *hashes(sql)]
    for what, answer in answers.items():
        said = answer.text + "".join(answer.headers.values())
        assert password not in said, f"expected no password in the answer to {what}, and it is there"
        leaked = any(secret in said for secret in secrets)
        assert not leaked, f"expected no hash in the answer to {what}, and it is there"
    program.stop(running)
    running.log.finish(2)
    log = "\n".join(running.lines)
    assert password not in log, "expected no password in what your program prints, and it is there"
    assert not any(secret in log for secret in secrets), "expected no hash in what your program prints, and it is there"


@pytest.mark.task(3)
@pytest.mark.after("test_passwords_are_kept_as_slow_hashes", "test_the_right_password_logs_in")
def test_login_tells_nothing(http, rng):
    """A wrong password and an unknown email get the same answer, after about the same time."""
    email = somebody(http, rng).email
    fastest = {"a wrong password": 99.0, "an unknown email": 99.0}

    def attempt(which, address):
        body = {"email": address, "password": new_password(rng)}
        started = time.monotonic()
        answer = http.post("/auth/login", json=body)
        fastest[which] = min(fastest[which], time.monotonic() - started)
        return unauthorized(answer, f"logging in with {which}")

    # A busy machine makes anything slower and nothing faster. So the fastest of each are compared, and whoever
    # does the same work in both cases gets them closer with every try.
    for tries in range(1, 13):
        known, unknown = attempt("a wrong password", email), attempt("an unknown email", new_email(rng))
        assert unknown == known, "the answer to an unknown email"
        quick, slow = sorted(fastest.values())
        if tries >= 2 and slow < 2 * quick:
            return
    times = ", ".join(f"{1000 * seconds:.0f} ms for {which}" for which, seconds in fastest.items())
    raise AssertionError(f"expected about the same time, got as the fastest of {tries} tries {times}")


@pytest.mark.task(4)
@pytest.mark.after("test_the_right_password_logs_in")
def test_without_a_token_401(http, rng):
    """Without a token every route under /notes answers 401."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    for note_id, whose in ((note["id"], "an id that exists"), (rng.choice(UNKNOWN), "an id that nobody has")):
        for method, path, body in routes(note_id):
            what = f"{method} {path} ({whose}) without a token"
            unauthorized(ask(http, method, path, body, {}), what)
    for value in ("Bearer", rng.word(), f"Bearer {rng.word()}", "Bearer a.b.c", f"Basic {ann.token}"):
        answer = http.get(f"/notes/{note['id']}", headers={"authorization": value})
        shown = value.replace(ann.token, "<a good token>")
        unauthorized(answer, f"GET of a note with Authorization: {shown}")
    kept = http.get(f"/notes/{note['id']}", headers=ann.headers)
    assert [kept.status_code, kept.object] == [200, note], "the note after all those refusals"


@pytest.mark.task(4)
@pytest.mark.after("test_the_token_is_a_jwt", "test_without_a_token_401")
def test_a_bad_token_401(program, rng):
    """A token that is expired, changed or not ours answers 401."""
    key, now = f"{rng.word(20)}{rng.word(20)}", int(time.time())
    http = program.http(program.start("web", env={"SECRET_KEY": key}))
    ann = newcomer(http, rng)
    note = create(http, ann, rng)
    claims, header = _claims(ann.token, key), jwt.get_unverified_header(ann.token)

    def sign(key=key, algorithm="HS256", **changed):
        told = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(told, key, algorithm=algorithm, headers={k: v for k, v in header.items() if k != "alg"})

    def get(token):
        return http.get(f"/notes/{note['id']}", headers=bearer(token))

    assert get(sign()).status_code == 200, "a token with the same claims, signed with SECRET_KEY"
    head, payload, signature = ann.token.split(".")
    flipped = signature[:4] + ("A" if signature[4] != "A" else "B") + signature[5:]
    # All times of the token lie an hour back, as if it had been made then.
    back = {name: claims[name] - 3600 for name in ("iat", "nbf") if isinstance(claims.get(name), int | float)}
    unsigned = sign(key=None, algorithm="none")
    for token, which in (
        (sign(**back, exp=now - 120), "that ended two minutes ago"),
        (sign(key=f"{rng.word(20)}{rng.word(20)}"), "signed with another key"),
        (sign(key="secret"), "signed with the key 'secret'"),
        (unsigned, "that is not signed (alg none)"),
        (unsigned + signature, "with alg none and an old signature"),
        (f"{head}.{sign(exp=claims['exp'] + 60).split('.')[1]}.{signature}", "with one claim changed"),
        (f"{head}.{payload}.{flipped}", "with one letter of the signature changed"),
        (f"{head}.{payload}.", "with the signature taken away"),
        (sign(sub=str(rng.choice(UNKNOWN))), "of a user who does not exist"),
    ):
        unauthorized(get(token), f"GET of a note with a token {which}")


@pytest.mark.task(5)
@pytest.mark.after("test_without_a_token_401")
def test_notes_work_as_before(http, rng):
    """With a token, notes work as before, and the list holds one's own."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    before = http.get("/notes", headers=ann.headers).array
    notes = []
    for _ in range(3):
        create(http, bob, rng)
        notes.append(create(http, ann, rng))
    mine = http.get("/notes", headers=ann.headers).array
    assert _ids(mine) == _ids([*before, *notes]), "the ids in the list of somebody who wrote every second note"
    assert mine[-1] == notes[-1], "the newest note in the list"
    for query, expected in (
        (f"limit=1&offset={len(before)}", notes[:1]),
        (f"offset={len(before) + 1}", notes[1:]),
        (f"user_id={bob.id}&owner_id={bob.id}&offset={len(before)}", notes),
    ):
        answer = http.get(f"/notes?{query}", headers=ann.headers)
        assert _ids(answer.array) == _ids(expected), f"the ids that GET /notes?{query} gives"
    path, title = f"/notes/{notes[0]['id']}", rng.text()
    assert http.get(path, headers=ann.headers).object == notes[0], "one's own note"
    summary = http.get(f"{path}/summary", headers=ann.headers)
    expected = notes[0]["content"].partition(".")[0] + "."
    assert summary.object["summary"] == expected, "the summary of one's own note"
    replaced = http.put(path, json={"title": title}, headers=ann.headers)
    assert [replaced.status_code, replaced.object["title"]] == [200, title], "PUT of one's own note"
    wrong_fields(http.put(path, json={"title": 5}, headers=ann.headers), "PUT of one's own note with the title 5")
    assert http.delete(path, headers=ann.headers).status_code == 204, "DELETE of one's own note"
    assert http.get(path, headers=ann.headers).status_code == 404, "one's own note after DELETE"


def _ids(notes):
    return [note["id"] if isinstance(note, dict) else note for note in notes]


@pytest.mark.task(5)
@pytest.mark.after("test_notes_work_as_before")
def test_a_note_of_somebody_else_is_none(http, rng):
    """Somebody else's note cannot be told from one that does not exist."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    note, unknown = create(http, ann, rng), rng.choice(UNKNOWN)
    for method, under, body in (
        ("GET", "", None),
        ("GET", "/summary", None),
        ("PUT", "", {"title": rng.text()}),
        ("PUT", "", {"title": 5}),
        ("DELETE", "", None),
    ):
        told = []
        for note_id in (unknown, note["id"]):
            path = f"/notes/{note_id}{under}"
            answer = ask(http, method, path, body, bob.headers)
            told.append([answer.status_code, _without(note_id, answer.object)])
        what = f"{method} {under or 'of a note'}" + (f" with the body {json.dumps(body)}" if body else "")
        if body != {"title": 5}:
            assert told[1][0] == 404, f"{what}, with somebody else's id"
        assert told[1] == told[0], f"{what}: the answer for somebody else's id, compared to that for an unknown one"
        kept = http.get(f"/notes/{note['id']}", headers=ann.headers)
        assert [kept.status_code, kept.object] == [200, note], f"the note after somebody else's {what}"


def _without(note_id, document):
    """A problem document in which words speak of <id>."""
    words = {name: text for name, text in document.items() if isinstance(text, str)}
    return document | {name: re.sub(rf"\b{note_id}\b", "<id>", text) for name, text in words.items()}


@pytest.mark.task(5)
@pytest.mark.after("test_notes_work_as_before")
def test_nobody_writes_in_anothers_name(http, rng):
    """Nobody writes a note in another's name."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    note = create(http, bob, rng)
    theirs = http.get("/notes", headers=ann.headers).array
    for field, value in (
        ("user_id", ann.id),
        ("owner_id", ann.id),
        ("user", ann.email),
        ("owner", ann.id),
        ("author_id", ann.id),
    ):
        for method, path in (("POST", "/notes"), ("PUT", f"/notes/{note['id']}")):
            what = f"{method} of a note with {field}"
            body = {"title": rng.text(), field: value}
            answer = http.request(method, path, json=body, headers=bob.headers)
            assert http.get("/notes", headers=ann.headers).array == theirs, f"the notes of the other after {what}"
            named = wrong_fields(answer, what)
            assert named == {field}, f"{what}: expected {field!r} in errors, got {sorted(named)}"
