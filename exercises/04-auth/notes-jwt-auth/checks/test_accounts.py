"""What a service with accounts must do, seen by those who have one, by those who have not, and from its database."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from people import (
    Person,
    bearer,
    like,
    log_in,
    new_email,
    new_password,
    problem,
    register,
    remember,
    somebody,
    unauthorized,
    without,
    wrong_fields,
)
from stored import hashes, values, weakness

LONGEST_LIFE = 15 * 60
# Two clocks are read one after the other, maybe on a machine with much to do.
SLACK = 5
MOST_TRIES = 12
UNKNOWN = range(100_000, 1_000_000)
# PyJWT looks at the signature only; the claims are looked at here, one by one and in words.
SIGNATURE_ALONE = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
JSON = {"content-type": "application/json"}


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
    longest = f"{word}@{'.'.join([word[0] * 59] * 4)}.example"
    assert len(longest) == 254
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
        ({"email": f"e{longest}", "password": password}, {"email"}),
        ({"email": rng.randint(2, 99), "password": password}, {"email"}),
        ({"email": [email], "password": password}, {"email"}),
        ({"email": None, "password": password}, {"email"}),
        ({"password": "é" * 9, "email": longest}, {"password"}),
        ({"password": "a" * 201, "email": email}, {"password"}),
        ({"email": email, "password": rng.randint(10**11, 10**12)}, {"password"}),
        ({"email": email, "password": None}, {"password"}),
        ({"email": email, "password": password, "is_admin": True}, {"is_admin"}),
        ({"email": email, "password": password, "id": 1}, {"id"}),
    ):
        what = f"registering with {', '.join(f'{name} {_short(value)}' for name, value in body.items()) or 'nothing'}"
        named = wrong_fields(http.post("/auth/register", json=body), what)
        assert named == fields, f"{what}: expected {sorted(fields)} in errors, got {sorted(named)}"
    for escape in (r"\u0000", r"\ud83d"):
        body = f'{{"email": "{email}", "password": "{word * 3}{escape}"}}'
        answer = http.post("/auth/register", content=body, headers=JSON)
        problem(answer, (422, 400), f"registering with {escape} in the password")
    # Now that everything wrong was refused, the email is still free. Ten emoji are 40 bytes.
    assert register(http, email, "🙂" * 10).status_code == 201, "registering with a password of 10 emoji"


def _short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:60]}…, {len(value)} characters"


@pytest.mark.task(1)
@pytest.mark.after("test_register_answers_201")
def test_an_email_has_one_account(http, rng):
    """An email has one account, however it is written."""
    email, password = new_email(rng), new_password(rng)
    assert register(http, email.title(), password).status_code == 201, f"registering {email.title()}"
    for written in (email.title(), email.upper()):
        answer = register(http, written, new_password(rng))
        problem(answer, 409, f"registering {written} after {email.title()}, with another password")


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
@pytest.mark.after("test_an_email_has_one_account")
def test_the_right_password_logs_in(http, rng):
    """The right password logs in, and no other does."""
    email, password = new_email(rng), f" {new_password(rng)}A "
    user = register(http, email.title(), password).object
    register(http, email.upper(), new_password(rng))
    answer = log_in(http, email, password)
    written = f"registered as {email.title()} and, with another password and in vain, as {email.upper()}"
    assert answer.status_code == 200, f"logging in as {email}, {written}"
    token, kind = answer.object["access_token"], answer.object["token_type"]
    assert isinstance(token, str) and token, f"expected a string as access_token, got {token!r}"
    assert str(kind).lower() == "bearer", "the token_type"
    for wrong, which in (
        (password.strip(), "without the spaces around it"),
        (password.swapcase(), "with capitals for small letters and the other way round"),
    ):
        unauthorized(log_in(http, email, wrong), f"logging in with the password {which}")
    remember(http, Person(user["id"], email, password, token))


@pytest.mark.task(2)
@pytest.mark.after("test_the_right_password_logs_in")
def test_the_token_is_a_jwt(http, program, rng):
    """The token is a JWT that says who and until when."""
    ann, key = somebody(http, rng), f"{rng.word(20)}{rng.word(20)}"
    first = program.start("web", env={"SECRET_KEY": key})
    before = time.time()
    answer = log_in(program.http(first), ann.email, ann.password).object
    after = time.time()
    claims = _claims(answer["access_token"], key)
    assert claims.get("sub") == str(ann.id), "the claim sub"
    ends, lasts = claims.get("exp"), answer["expires_in"]
    for name, value in (("exp", ends), ("expires_in", lasts)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        assert number, f"expected a number as {name}, got {value!r}"
    most = after + LONGEST_LIFE + SLACK
    assert ends <= most, f"expected a token that ends in at most 900 s, got one that ends in {ends - after:.0f} s"
    early, late = before + lasts - SLACK, after + lasts + SLACK
    assert early <= ends <= late, f"expected a token that ends in expires_in, {lasts} s, got {ends - after:.0f} s"
    program.stop(first, number=signal.SIGKILL, within=10)
    again = program.http(program.start("web", env={"SECRET_KEY": key}))
    listed = again.get("/notes", headers=bearer(answer["access_token"]))
    assert listed.status_code == 200, "GET /notes with the old token after a restart with the same SECRET_KEY"


def _claims(token, key):
    """The claims of a token that is signed as it should be."""
    try:
        algorithm = jwt.get_unverified_header(token).get("alg")
    except jwt.PyJWTError:
        raise AssertionError(f"expected a JWT as access_token, got {token!r}") from None
    assert algorithm == "HS256", "alg in the header of the token"
    try:
        return jwt.decode(token, key, algorithms=["HS256"], options=SIGNATURE_ALONE)
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
    email, same = new_email(rng), f"{rng.word()} é" * 25
    password = same[:199] + "x"
    assert register(http, email, password).status_code == 201, "registering with a password of 200 characters"
    assert log_in(http, email, password).status_code == 200, "logging in with a password of 200 characters"
    answer = log_in(http, email, same[:199] + "y")
    assert answer.status_code == 401, "logging in with a password of which the last of 200 characters is wrong"


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
        "a registration with a field too many": http.post("/auth/register", json={**right, "nickname": rng.word()}),
        "a registration without an email": http.post("/auth/register", json={"password": password}),
        "a registration with a password of the wrong kind": http.post(
            "/auth/register", json={**right, "password": [password]}
        ),
        "a registration that is no JSON": http.post("/auth/register", content=json.dumps(right)[:-1], headers=JSON),
    }
    secrets = [password, *hashes(sql)]
    for what, answer in answers.items():
        said = answer.text + "".join(answer.headers.values())
        assert password not in said, f"expected no password in the answer to {what}, and it is there"
        leaked = any(secret in said for secret in secrets)
        assert not leaked, f"expected no hash in the answer to {what}, and it is there"
    program.stop(running, within=10)
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
    refusals = {which: [] for which in fastest}

    def attempt(which, address):
        body = {"email": address, "password": new_password(rng)}
        started = time.monotonic()
        answer = http.post("/auth/login", json=body)
        fastest[which] = min(fastest[which], time.monotonic() - started)
        refusals[which].append(unauthorized(answer, f"logging in with {which}"))

    # A busy machine makes anything slower and nothing faster. So the fastest of each are compared, and whoever
    # does the same work in both cases gets them closer with every try. Two that are close after two tries are
    # close; two that are not get ten more.
    for tries in range(1, MOST_TRIES + 1):
        attempt("a wrong password", email)
        attempt("an unknown email", new_email(rng))
        if tries == 1:
            continue
        known, unknown = refusals.values()
        assert like(unknown[-1], known) == known[0], "the answer to an unknown email"
        quick, slow = sorted(fastest.values())
        if slow < (2 if tries == MOST_TRIES else 1.4) * quick:
            return
    times = ", ".join(f"{1000 * seconds:.0f} ms for {which}" for which, seconds in fastest.items())
    raise AssertionError(f"expected about the same time, got as the fastest of {MOST_TRIES} tries {times}")


@pytest.mark.task(4)
@pytest.mark.after("test_the_right_password_logs_in")
def test_without_a_token_401(http, rng):
    """Without a token every route under /notes answers 401."""
    ann = somebody(http, rng)
    note = create(http, ann, rng)
    unknown = rng.sample(UNKNOWN, 2)
    for place in range(len(routes(0))):
        told = []
        for note_id in (note["id"], *unknown):
            method, path, body = routes(note_id)[place]
            which = "an id that nobody has" if note_id in unknown else "an id that exists"
            refusal = unauthorized(ask(http, method, path, body, {}), f"{method} {path} ({which}) without a token")
            told.append(without(note_id, refusal))
        existing, *others = told
        assert like(existing, others) == others[0], f"the 401 to {method} of an id that exists, compared to {path}"
    for method, path, body in (("POST", "/notes", {"title": 5}), ("GET", "/notes?limit=0", None)):
        sent = f" with {json.dumps(body)}" if body else ""
        unauthorized(ask(http, method, path, body, {}), f"{method} {path}{sent} and without a token")
    for value in ("Bearer", rng.word(), f"Bearer {rng.word()}", "Bearer a.b.c", f"Basic {ann.token}"):
        answer = http.get(f"/notes/{note['id']}", headers={"authorization": value})
        shown = value.replace(ann.token, "<a good token>")
        unauthorized(answer, f"GET of a note with Authorization: {shown}")
    kept = http.get(f"/notes/{note['id']}", headers=ann.headers)
    assert [kept.status_code, kept.object] == [200, note], "the note after all those refusals"


@pytest.mark.task(4)
@pytest.mark.after("test_the_token_is_a_jwt", "test_without_a_token_401")
def test_a_bad_token_401(http, program, rng):
    """A token that is expired, changed or not ours answers 401."""
    key, now = f"{rng.word(20)}{rng.word(20)}", int(time.time())
    ann, service = somebody(http, rng), program.http(program.start("web", env={"SECRET_KEY": key}))
    good = log_in(service, ann.email, ann.password).object["access_token"]
    note = create(http, ann, rng)
    claims, header = _claims(good, key), jwt.get_unverified_header(good)

    def sign(key=key, algorithm="HS256", **changed):
        told = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode(told, key, algorithm=algorithm, headers={k: v for k, v in header.items() if k != "alg"})

    def get(token):
        return service.get(f"/notes/{note['id']}", headers=bearer(token))

    assert get(sign()).status_code == 200, "a token with the same claims, signed with SECRET_KEY"
    head, payload, signature = good.split(".")
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
    for query, expected in ((f"limit=1&offset={len(before)}", notes[:1]), (f"offset={len(before) + 1}", notes[1:])):
        answer = http.get(f"/notes?{query}", headers=ann.headers)
        assert _ids(answer.array) == _ids(expected), f"the ids that GET /notes?{query} gives"
    query = f"user_id={bob.id}&owner_id={bob.id}&offset={len(before)}"
    answer = http.get(f"/notes?{query}", headers=ann.headers)
    if answer.status_code != 422:
        assert _ids(answer.array) == _ids(notes), f"the ids that GET /notes?{query} gives"
    note, title = notes[-1], rng.text()
    path = f"/notes/{note['id']}"
    assert http.get(path, headers=ann.headers).object == note, "one's own note"
    made = _time(note["created_at"])
    recent = made and abs(datetime.now(UTC) - made) < timedelta(minutes=5) and not made.utcoffset()
    assert recent, f"expected as created_at the time at which the note was made, in UTC, got {note['created_at']!r}"
    assert http.get(f"/notes/{10**30}", headers=ann.headers).status_code == 404, "GET of a note with an id of 31 digits"
    summary = http.get(f"{path}/summary", headers=ann.headers)
    assert summary.object["summary"] == note["content"].partition(".")[0] + ".", "the summary of one's own note"
    replaced = http.put(path, json={"title": title}, headers=ann.headers)
    assert [replaced.status_code, replaced.object["title"]] == [200, title], "PUT of one's own note"
    wrong_fields(http.put(path, json={"title": 5}, headers=ann.headers), "PUT of one's own note with the title 5")
    assert http.delete(path, headers=ann.headers).status_code == 204, "DELETE of one's own note"
    assert http.get(path, headers=ann.headers).status_code == 404, "one's own note after DELETE"
    answer = http.post("/notes", json={"title": title}, headers=ann.headers)
    assert answer.object["id"] != note["id"], "expected another id for a note made after a DELETE, got the same"
    led_to = http.get(answer.headers.get("location", ""), headers=ann.headers)
    assert led_to.object == answer.object, "what the Location of a new note leads to"
    body = json.dumps({"title": title})
    for content, kind, status in (
        (body.ljust(65_537), "application/json", 413),
        (body, "text/plain", 415),
        (body[:-1], "application/json", 400),
    ):
        answer = http.post("/notes", content=content, headers={**ann.headers, "content-type": kind})
        problem(answer, status, f"POST of {content[:80].strip()} as {kind}, {len(content)} bytes")


def _time(text):
    try:
        made = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return made if made.tzinfo else None


def _ids(notes):
    return [note.get("id") if isinstance(note, dict) else note for note in notes]


@pytest.mark.task(5)
@pytest.mark.after("test_notes_work_as_before")
def test_a_note_of_somebody_else_is_none(http, rng):
    """Somebody else's note cannot be told from one that does not exist."""
    ann, bob = somebody(http, rng), somebody(http, rng, 1)
    note, unknown = create(http, ann, rng), rng.sample(UNKNOWN, 2)
    for method, under, body in (
        ("GET", "", None),
        ("GET", "/summary", None),
        ("PUT", "", {"title": rng.text()}),
        ("PUT", "", {"title": 5}),
        ("DELETE", "", None),
    ):
        what = f"{method} {under or 'of a note'}" + (f" with the body {json.dumps(body)}" if body else "")
        told = []
        for note_id in (note["id"], *unknown):
            answer = ask(http, method, f"/notes/{note_id}{under}", body, bob.headers)
            if body != {"title": 5} and note_id == note["id"]:
                assert answer.status_code == 404, f"{what}, with somebody else's id"
            told.append({"answered": answer.status_code} | without(note_id, answer.object))
        theirs, *others = told
        same = f"{what}: the answer for somebody else's id, compared to that for an unknown one"
        assert like(theirs, others) == others[0], same
        kept = http.get(f"/notes/{note['id']}", headers=ann.headers)
        assert [kept.status_code, kept.object] == [200, note], f"the note after somebody else's {what}"


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
