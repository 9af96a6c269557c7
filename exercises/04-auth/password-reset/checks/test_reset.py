"""What a service must do for those who forgot their password, and what it must not do for anybody else."""

import base64
import binascii
import contextlib
import json
import math
import string
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from letters import ask, link_in, new_link, set_password, wait_for_mail, wait_for_mails
from people import (
    bearer,
    log_in,
    new_email,
    new_password,
    newcomer,
    problem,
    register,
    somebody,
    token_of,
    unauthorized,
    wrong_fields,
)
from stored import values

LEAST_BITS = 128
# A few of the bits of a UUID are fixed, and nobody can guess the others.
TOLERANCE = 12
ALPHABETS = (
    (string.digits, 10),
    (string.hexdigits, 16),
    (string.digits + string.ascii_lowercase, 36),
    (string.digits + string.ascii_letters, 62),
)
SLOW = 2.0
# A link of one second that an earlier check asked for, because waiting takes longest: whose, which, since when.
_early = []


@pytest.mark.task(1)
def test_accounts_and_notes_work_as_before(http, sql, rng):
    """Accounts and notes work as in step 4."""
    ann, bob, password = somebody(http, sql, rng), somebody(http, sql, rng, 1), new_password(rng)
    problem(register(http, ann.email.upper(), password), 409, "registering an email that has an account")
    for email, password_, more, field in (
        (rng.word(), password, {}, "email"),
        (_long(rng.word(), 255), password, {}, "email"),
        (new_email(rng), "a" * 9, {}, "password"),
        (new_email(rng), "a" * 201, {}, "password"),
        (new_email(rng), password, {"is_admin": True}, "is_admin"),
    ):
        answer = http.post("/auth/register", json={"email": email, "password": password_, **more})
        what = f"registering with a wrong {field}"
        assert wrong_fields(answer, what) == {field}, f"the fields named after {what}"
    for email, which in ((ann.email, "a wrong password"), (new_email(rng), "an email that nobody has")):
        unauthorized(log_in(http, email, password), f"logging in with {which}")
    answer, now = log_in(http, ann.email, ann.password), time.time()
    assert [answer.status_code, str(answer.object["token_type"]).lower()] == [200, "bearer"], "logging in"
    ann.token = answer.object["access_token"]
    claims = _claims(ann.token)
    assert claims.get("sub") == str(ann.id), "the claim sub of an access token"
    for ends, which in ((claims.get("exp"), "exp"), (answer.object["expires_in"], "expires_in")):
        seconds = round(ends - now) if which == "exp" and isinstance(ends, int | float) else ends
        short = isinstance(seconds, int | float) and seconds <= 905
        assert short, f"expected an access token that ends in at most 900 s, got {seconds!r} as {which}"
    mine, theirs = bearer(ann.token), bearer(token_of(http, bob))
    made = http.post("/notes", json={"title": rng.text()}, headers=mine)
    assert made.status_code == 201, "POST /notes with an access token"
    path, written = made.headers.get("location", ""), made.object["created_at"]
    recent = _is_recent(written)
    assert recent, f"expected as created_at the time at which the note was made, in UTC, got {written!r}"
    another = http.post("/notes", json={"title": rng.text()}, headers=mine).object
    assert http.get(path, headers=mine).object == made.object, "what the Location of a new note leads to"
    assert http.get("/notes", headers=mine).array == [made.object, another], "the list of one's own notes"
    assert http.get("/notes?limit=1&offset=1", headers=mine).array == [another], "the second page of one note each"
    assert http.get("/notes", headers=theirs).array == [], "the list of somebody without notes"
    assert http.get(path, headers=theirs).status_code == 404, "a note of somebody else"
    unauthorized(http.get(path), "a note, asked for without a token")
    large = json.dumps({"title": rng.word()}).ljust(65_537)
    answer = http.post("/notes", content=large, headers={**mine, "content-type": "application/json"})
    problem(answer, 413, "POST /notes with 65537 bytes")


def _claims(token):
    """The claims of a token, whoever signed it."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise AssertionError(f"expected a JWT as access_token, got {token!r}") from None


def _is_recent(text):
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return at.tzinfo is not None and abs(datetime.now(UTC) - at) < timedelta(minutes=5)


def _long(word, length):
    """An address of so many characters."""
    return f"{word}@{'.'.join([word[0] * 59] * 4)}.example".rjust(length, "e")


@pytest.mark.task(1)
def test_a_mail_brings_a_link(http, mail, sql, rng, eventually):
    """A mail brings a link to the address of the account."""
    ann, bob = somebody(http, sql, rng), somebody(http, sql, rng, 1)
    link = new_link(http, mail, eventually, ann.email)
    assert link.token, "expected a token in the link, got none"
    new_link(http, mail, eventually, bob.email)
    # Bob asked after Ann, so what was sent for her is here by now.
    assert len(mail.to(ann.email)) == 1, "the number of mails for one request"
    assert mail.to(ann.email)[0].to == (ann.email,), "the recipients of the mail"
    written = str(mail.to(ann.email)[0].message.get("to", ""))
    assert ann.email in written, "the header To of the mail"


@pytest.mark.task(1)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_the_origin_is_a_setting(program, mail, rng, eventually):
    """The origin of the link is a setting, not what the request says."""
    origin, evil = f"https://{rng.word()}.example", f"{rng.word()}.evil.example"
    http = program.http(program.start("web", env={"APP_ORIGIN": origin, "RESET_TOKEN_SECONDS": "1"}))
    ann = newcomer(http, rng)
    for headers in (
        {"host": evil},
        {},
        {"x-forwarded-host": evil, "x-forwarded-proto": "https", "forwarded": f"host={evil}"},
        {"origin": f"https://{evil}", "referer": f"https://{evil}/"},
    ):
        link = new_link(http, mail, eventually, ann.email, headers)
        told = ", ".join(f"{name}: {value}" for name, value in headers.items()) or "no special headers"
        assert link.origin == origin, f"the origin of the link after a request with {told}"
    _early[:] = [(ann, link.token, time.monotonic())]


@pytest.mark.task(1)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_the_token_cannot_be_guessed(http, mail, sql, rng, eventually):
    """The token cannot be guessed."""
    ann = somebody(http, sql, rng)
    since = len(mail.to(ann.email))
    for _ in range(4):
        assert ask(http, ann.email).status_code == 202, "POST /auth/forgot-password"
    tokens = [link_in(letter).token for letter in wait_for_mails(mail, eventually, ann.email, since=since, count=4)]
    assert len(set(tokens)) == len(tokens), f"expected {len(tokens)} different tokens, got {len(set(tokens))}"
    bits = _bits(tokens)
    enough = bits >= LEAST_BITS - TOLERANCE
    assert enough, f"expected {LEAST_BITS} random bits, got at most {bits:.0f}, as in {tokens[0]!r}"


def _bits(tokens):
    """How much can be random in these tokens, at the most: places that change, times what may stand there."""
    letters = set("".join(tokens))
    size = next((size for alphabet, size in ALPHABETS if letters <= set(alphabet)), 64)
    changing = sum(len(set(place)) > 1 for place in zip(*tokens, strict=False))
    return changing * math.log2(size)


@pytest.mark.task(1)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_the_token_is_nowhere_else(program, mail, sql, rng, eventually):
    """The token is in the mail and nowhere else."""
    running = program.start("web")
    http = program.http(running)
    ann = somebody(http, sql, rng)
    since = len(mail.to(ann.email))
    answer = ask(http, ann.email)
    token = link_in(wait_for_mail(mail, eventually, ann.email, since=since)).token
    said = answer.text + "".join(answer.headers.values())
    assert token not in said, "expected no token in the answer to POST /auth/forgot-password, and it is there"
    kept = [value for value in values(sql) if any(form in value for form in _forms(token))]
    assert not kept, f"expected only a hash of the token in the database, got {kept[0]!r}"
    assert set_password(http, f"{token}x", new_password(rng)).status_code == 400, "a token with one letter more"
    program.stop(running, within=10)
    running.log.finish(2)
    assert token not in "\n".join(running.lines), "expected no token in what your program prints, and it is there"


def _forms(token):
    """A token as it is, without the dashes of a UUID and, where it stands for bytes, as those."""
    forms = {token, token.replace("-", "")}
    for decode in (bytes.fromhex, lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))):
        for text in forms.copy():
            with contextlib.suppress(ValueError, binascii.Error):
                raw = decode(text)
                forms |= {raw.decode("latin-1")} if len(raw) >= 12 else set()
    return forms


@pytest.mark.task(2)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_the_link_sets_the_password(http, program, mail, rng, eventually):
    """The link sets a new password, in every instance."""
    ann, password = newcomer(http, rng), new_password(rng)
    token = new_link(http, mail, eventually, ann.email).token
    assert log_in(http, ann.email, ann.password).status_code == 200, "the old password, before the link is used"
    another = program.http(program.start("web"))
    answer = set_password(another, token, password)
    assert answer.status_code == 204, "POST /auth/reset-password at another instance than sent the mail"
    assert log_in(http, ann.email, password).status_code == 200, "logging in with the new password"
    assert log_in(http, ann.email, ann.password).status_code == 401, "logging in with the old password"


@pytest.mark.task(2)
@pytest.mark.after("test_the_link_sets_the_password")
def test_a_link_works_once(http, mail, rng, eventually, race):
    """A link works once, even if four use it at the same moment."""
    ann = newcomer(http, rng)
    token = new_link(http, mail, eventually, ann.email).token
    assert set_password(http, token, new_password(rng)).status_code == 204, "the first use of a link"
    problem(set_password(http, token, new_password(rng)), 400, "the second use of a link")
    token = new_link(http, mail, eventually, ann.email).token
    passwords = [new_password(rng) for _ in range(4)]
    answers = race(4, lambda number: set_password(http, token, passwords[number]))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204, 400, 400, 400], "the four statuses of four uses at the same moment"
    winner = passwords[statuses.index(204)]
    assert log_in(http, ann.email, winner).status_code == 200, "logging in with the password that was answered with 204"


@pytest.mark.task(2)
@pytest.mark.after("test_the_link_sets_the_password")
def test_a_newer_link_voids_the_older(http, mail, rng, eventually):
    """A newer link voids the older ones of its account."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    bobs = new_link(http, mail, eventually, bob.email).token
    older = new_link(http, mail, eventually, ann.email).token
    newer = new_link(http, mail, eventually, ann.email).token
    problem(set_password(http, older, new_password(rng)), 400, "the older of two links")
    assert set_password(http, newer, new_password(rng)).status_code == 204, "the newer of two links"
    assert set_password(http, bobs, new_password(rng)).status_code == 204, "the link of another account"


@pytest.mark.task(2)
@pytest.mark.after("test_the_link_sets_the_password")
def test_a_link_ends(program, mail, rng, eventually):
    """A link ends after RESET_TOKEN_SECONDS."""
    http = program.http(program.start("web", env={"RESET_TOKEN_SECONDS": "1"}))
    ann, token, asked = _early.pop() if _early else (None, "", 0.0)
    # That account may belong to a database that is gone.
    if ann is None or log_in(http, ann.email, ann.password).status_code != 200:
        ann = newcomer(http, rng)
        token, asked = new_link(http, mail, eventually, ann.email).token, time.monotonic()
    # One second, and one more for programs that count whole seconds.
    eventually(lambda: time.monotonic() > asked + 2.1, within=30)
    problem(set_password(http, token, new_password(rng)), 400, "a link of one second, two seconds later")


@pytest.mark.task(2)
@pytest.mark.after("test_the_link_sets_the_password")
def test_a_wrong_body_answers_422(http, mail, rng, eventually):
    """A wrong body answers 422, and costs nobody their link."""
    # Ten letters are enough.
    ann, good = newcomer(http, rng), rng.word(5)
    token = new_link(http, mail, eventually, ann.email).token
    for path, body, fields in (
        ("forgot-password", {}, {"email"}),
        ("forgot-password", {"email": rng.word()}, {"email"}),
        ("forgot-password", {"email": _long(rng.word(), 255)}, {"email"}),
        ("forgot-password", {"email": ann.email, "url": "https://evil.example"}, {"url"}),
        ("reset-password", {}, {"token", "password"}),
        ("reset-password", {"token": token}, {"password"}),
        ("reset-password", {"token": token, "password": "a" * 9}, {"password"}),
        ("reset-password", {"token": token, "password": "a" * 201}, {"password"}),
        ("reset-password", {"token": token, "password": None}, {"password"}),
        ("reset-password", {"token": token, "password": good, "email": ann.email}, {"email"}),
        ("reset-password", {"token": rng.randint(10**5, 10**6), "password": good}, {"token"}),
        ("reset-password", {"token": None, "password": good}, {"token"}),
    ):
        told = ", ".join(f"{name}: {value!r}"[:60] for name, value in body.items() if value != token)
        what = f"POST /auth/{path} with {'a good token and ' if token in body.values() else ''}{told or 'nothing else'}"
        named = wrong_fields(http.post(f"/auth/{path}", json=body), what)
        assert named == fields, f"{what}: expected {sorted(fields)} in errors, got {sorted(named)}"
    half = http.post(
        "/auth/reset-password",
        content=rf'{{"token": "\ud83d", "password": "{good}"}}',
        headers={"content-type": "application/json"},
    )
    problem(half, (400, 422), "a token that is half a character")
    problem(set_password(http, rng.word(14), good), 400, "a token that nobody was sent")
    assert set_password(http, token, good).status_code == 204, "the link, after all those refusals"


@pytest.mark.task(3)
@pytest.mark.after("test_accounts_and_notes_work_as_before", "test_the_link_sets_the_password")
def test_old_sessions_end(http, mail, sql, rng, eventually):
    """A new password ends the sessions of its account."""
    ann, bob, password = newcomer(http, rng), somebody(http, sql, rng, 1), new_password(rng)
    bobs, old = token_of(http, bob), token_of(http, ann)
    note = http.post("/notes", json={"title": rng.text()}, headers=bearer(old)).object
    token = new_link(http, mail, eventually, ann.email).token
    path = f"/notes/{note['id']}"
    assert http.get(path, headers=bearer(old)).status_code == 200, "an access token, before the link is used"
    set_password(http, token, password)
    unauthorized(http.get(path, headers=bearer(old)), "an access token from before the new password")
    new = log_in(http, ann.email, password).object["access_token"]
    answer = http.get(path, headers=bearer(new))
    assert answer.status_code == 200, "an access token from after the new password"
    assert http.get("/notes", headers=bearer(bobs)).status_code == 200, "an access token of somebody else"


@pytest.mark.task(3)
@pytest.mark.after("test_accounts_and_notes_work_as_before", "test_the_link_sets_the_password")
def test_a_token_has_one_purpose(http, mail, sql, rng, eventually):
    """A token has one purpose."""
    ann = somebody(http, sql, rng)
    access = token_of(http, ann)
    problem(set_password(http, access, new_password(rng)), 400, "an access token instead of a reset token")
    assert log_in(http, ann.email, ann.password).status_code == 200, "the old password after that"
    token = new_link(http, mail, eventually, ann.email).token
    unauthorized(http.get("/notes", headers=bearer(token)), "a reset token instead of an access token")
    problem(set_password(http, access, new_password(rng)), 400, "an access token, after a reset token was sent")


@pytest.mark.task(4)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_an_unknown_email_gets_the_same_answer(http, mail, sql, rng, eventually):
    """An email without an account gets the same answer and no mail."""
    ann, nobody = somebody(http, sql, rng), new_email(rng)
    since = len(mail.to(ann.email))
    unknown, known = ask(http, nobody), ask(http, ann.email)
    assert unknown.status_code == known.status_code, "the status for an email without an account"
    assert unknown.object == known.object, "the body for an email without an account"
    wait_for_mail(mail, eventually, ann.email, since=since)
    assert len(mail.to(nobody)) == 0, "the number of mails to an email without an account"


@pytest.mark.task(4)
@pytest.mark.after("test_an_unknown_email_gets_the_same_answer")
def test_the_mail_server_changes_no_answer(http, mail, sql, rng, eventually):
    """How the mail server does changes no answer."""
    ann = newcomer(http, rng)
    mail.delay = SLOW
    fastest = {"an account": 99.0, "no account": 99.0}

    def attempt(which, email):
        started = time.monotonic()
        answer = ask(http, email)
        fastest[which] = min(fastest[which], time.monotonic() - started)
        return answer

    for _ in range(3):
        known, unknown = attempt("an account", ann.email), attempt("no account", new_email(rng))
        assert [known.status_code, known.object] == [202, unknown.object], "the answer while the mail server is slow"
        if fastest["an account"] < fastest["no account"] + SLOW / 2:
            break
    else:
        times = ", ".join(f"{seconds:.1f} s for {which}" for which, seconds in fastest.items())
        raise AssertionError(f"expected about the same time while the mail server is slow, got {times}")
    mail.normal()
    for make_it_so, how in ((lambda: mail.refuse("451 try later"), "refuses mails"), (mail.down, "is gone")):
        make_it_so()
        known, unknown = ask(http, ann.email), ask(http, new_email(rng))
        told = [unknown.status_code, unknown.object]
        assert [known.status_code, known.object] == told, f"the answer while the mail server {how}"
        assert known.status_code == 202, f"the answer while the mail server {how}"
        mail.normal()
    new_link(http, mail, eventually, somebody(http, sql, rng, 1).email)


@pytest.mark.task(4)
@pytest.mark.after("test_a_mail_brings_a_link")
def test_nobody_else_gets_the_mail(http, mail, sql, rng, eventually):
    """Nobody else gets the mail."""
    # With a k and an s, which have a double each in Unicode that folds to the same letter.
    ann = newcomer(http, rng, email=f"kas.{new_email(rng)}")
    evil = f"{rng.word()}@{rng.word()}.evil.example"
    for email, which in (
        (f"{ann.email}\nBcc: {evil}", "with a second line"),
        (f"{ann.email}\r\nBcc: {evil}", "with a second line"),
        (f"{ann.email}\n", "with a line break behind it"),
        (f"{ann.email},{evil}", "and another one, with a comma between"),
        (f"{ann.email} {evil}", "and another one, with a space between"),
        ([ann.email, evil], "and another one, in an array"),
        ({"address": ann.email}, "in an object"),
    ):
        wrong_fields(ask(http, email), f"asking for a link for an email {which}")
    assert ask(http, ann.email.upper()).status_code == 202, f"asking for a link for {ann.email.upper()}"
    [recipient] = wait_for_mail(mail, eventually, ann.email, since=0).to
    assert recipient == ann.email, f"the recipient, when {ann.email.upper()} was asked for"
    doubles = ann.email.replace("k", "\N{KELVIN SIGN}").replace("s", "\N{LATIN SMALL LETTER LONG S}")
    assert ask(http, doubles).status_code in (202, 422), f"asking for a link for {doubles}: expected 202 or 422"
    # A mail that was asked for later is here; so is whatever was sent before.
    new_link(http, mail, eventually, somebody(http, sql, rng, 1).email)
    recipients = {address for letter in mail.mails for address in letter.to}
    strange = {address for address in recipients if address in (evil, doubles)}
    assert not strange, f"expected no mail for {doubles} or {evil}, got one for {sorted(strange)}"
