"""What becomes of a mail that a request only asks for: a job, sooner or later a mail, and never two."""

import base64
import binascii
import contextlib
import time
from dataclasses import replace

import pytest
from letters import (
    Held,
    Refusal,
    ask,
    asked,
    link_in,
    new_link,
    set_password,
    wait,
    wait_for_begin,
    wait_for_mail,
    wait_for_refusal,
)
from mails_queue import Mails
from people import (
    bearer,
    expect,
    log_in,
    new_email,
    new_password,
    newcomer,
    problem,
    token_of,
    unauthorized,
    wrong_fields,
)
from stored import sizes, values

SLOW = 3.0
# Longer than any check; a mail that is held for so long goes nowhere.
FOR_GOOD = 50
# How long a busy machine may take for what takes no time: for the quickest of three, and for one.
AT_ONCE = 1.5
SOON = 2.5


@pytest.fixture
def mails(redis):
    return Mails(redis)


@pytest.mark.task(1)
def test_without_a_worker_a_job_waits(http, mail, mails, rng, eventually):
    """Without a worker a job waits in the queue, and no mail is sent."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    asked(http, ann.email)
    first = mails.wait_for_job(eventually)
    asked(http, bob.email)
    eventually(lambda: len(mails.waiting()) > 1, within=5)
    assert len(mails.waiting()) == 2, "the number of jobs after a second request, for somebody else"
    assert mails.waiting()[0] == first, "the job that is first in the queue"
    assert len(mail.to(ann.email)) == 0, "the number of mails, with no worker running"


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_worker_a_job_waits")
def test_the_answer_does_not_wait(http, mail, mails, rng, eventually):
    """The answer does not wait for the mail server."""
    ann = newcomer(http, rng)
    mail.delay = SLOW
    fastest = 99.0
    for number in range(3):
        started = time.monotonic()
        asked(http, ann.email)
        fastest = min(fastest, time.monotonic() - started)
        if fastest < AT_ONCE:
            mails.settle(eventually, number + 1)
            return
    raise AssertionError(
        f"expected an answer at once while the mail server is slow, got the fastest after {fastest:.1f} s"
    )


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_worker_a_job_waits")
def test_a_job_carries_ids(http, mails, sql, rng, eventually):
    """A job carries ids, and nothing that tells of a person."""
    before = set(values(sql))
    ann = newcomer(http, rng)
    told = {"the email": ann.email, "the password": ann.password}
    # A hash is long; an id, be it a text, is not.
    told |= {"the hash of the password": text for text in set(values(sql)) - before if len(text) > 40 and "$" in text}
    asked(http, ann.email, {"host": f"{rng.word()}.example", "authorization": f"Bearer {token_of(http, ann)}"})
    mails.wait_for_job(eventually)
    contents = mails.contents()
    for what, text in told.items():
        there = any(text.encode() in content for content in contents)
        assert not there, f"expected only ids in the job for {ann.email}, and {what} is there"


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_worker_a_job_waits")
def test_the_job_comes_after_the_commit(http, probe, mails, sql, rng, eventually, race):
    """The job comes after the commit of what it needs."""
    ann = newcomer(http, rng)
    begun, done = f"check:{rng.word()}:begun", f"check:{rng.word()}:done"

    def read_on():
        probe("read_on", begun=begun, done=done, seconds=4)

    def request():
        eventually(lambda: mails.raw.exists(begun), within=4)
        return asked(http, ann.email)

    def watch():
        """Tables that have got longer after the job was there, though nothing else was asked for."""
        eventually(lambda: mails.raw.exists(begun), within=4)
        until = time.monotonic() + 1.2
        eventually(lambda: mails.waiting() or time.monotonic() > until, within=10)
        there, committed = mails.waiting(), sizes(sql)
        mails.raw.rpush(done, "1")
        return there, committed

    _, _, (there, committed) = race(3, lambda number: (read_on, request, watch)[number]())
    mails.wait_for_job(eventually, "after the commit")
    late = [name for name, size in sizes(sql).items() if size > committed.get(name, 0)]
    assert not (there and late), (
        f"expected the job in the queue after the commit, and it was there before a row of the table {late[0]}"
    )


@pytest.mark.task(1)
@pytest.mark.after("test_without_a_worker_a_job_waits")
def test_a_wrong_body_answers_422(http, mails, rng):
    """A wrong body answers 422, and makes no job."""
    ann, good = newcomer(http, rng), new_password(rng)
    # As long as an email may be.
    long = f"{rng.word()}@{'.'.join([rng.word(25)] * 4)}.example.com".rjust(254, "a")
    expect(ask(http, long).status_code, 202, f"asking for a link for an email of {len(long)} characters")
    for path, body, fields in (
        ("forgot-password", {}, {"email"}),
        ("forgot-password", {"email": rng.word()}, {"email"}),
        ("forgot-password", {"email": [ann.email]}, {"email"}),
        ("forgot-password", {"email": f"{ann.email}\n"}, {"email"}),
        ("forgot-password", {"email": f"{long}m"}, {"email"}),
        ("forgot-password", {"email": ann.email, "delay": 0}, {"delay"}),
        ("reset-password", {}, {"token", "password"}),
        ("reset-password", {"token": None, "password": good}, {"token"}),
        ("reset-password", {"token": rng.word(), "password": "a" * 9}, {"password"}),
        ("reset-password", {"token": rng.word(), "password": "a" * 201}, {"password"}),
        ("reset-password", {"token": rng.word(), "password": good, "job": 1}, {"job"}),
    ):
        told = ", ".join(f"{name}: {value!r}"[:60] for name, value in body.items())
        what = f"POST /auth/{path} with {told or 'nothing'}"
        named = wrong_fields(http.post(f"/auth/{path}", json=body), what)
        assert named == fields, f"{what}: expected {sorted(fields)} in errors, got {sorted(named)}"
    for token, password, which in ((r"\ud800", "", "token"), (rng.word(), r"\udfff", "password")):
        text = f'{{"token": "{token}", "password": "{rng.word(9)}{password}"}}'
        answer = http.post("/auth/reset-password", content=text, headers={"content-type": "application/json"})
        problem(answer, (400, 422), f"half a character in the {which}")
    problem(set_password(http, rng.word(14), good), 400, "a token that nobody was sent")
    assert len(mails.waiting()) == 0, "the number of jobs after nothing but wrong requests"


@pytest.mark.task(2)
@pytest.mark.after("test_without_a_worker_a_job_waits")
def test_a_worker_sends_the_mail(program, mail, mails, rng, eventually):
    """A worker sends the mail to the address of the account, once."""
    env = {"APP_ORIGIN": f"https://{rng.word()}.example"}
    http = program.http(program.start("web", env=env))
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    asked(http, ann.email.upper(), {"host": f"{rng.word()}.evil.example"})
    worker = program.start("worker", env=env, listens=False)
    link = link_in(wait_for_mail(mail, eventually, ann.email, worker, mails))
    assert link.origin == env["APP_ORIGIN"], "the origin of the link"
    assert mail.to(ann.email)[0].to == (ann.email,), "the recipients of the mail"
    new_link(http, mail, eventually, bob.email, worker, mails)
    mails.wait_until_done(eventually, worker)
    assert len(mail.to(ann.email)) == 1, "the number of mails for one request"
    assert len(mails.given_up()) == 0, "the number of jobs in the FailedJobRegistry"


@pytest.mark.task(2)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_the_link_works_as_before(http, program, mail, mails, rng, eventually):
    """The link works as before: once, until there is a newer one, and it ends old sessions."""
    worker = program.start("worker", listens=False)
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    # As short and as long as a password may be.
    short, long = new_password(rng)[:10], (new_password(rng) * 20)[:200]
    access = token_of(http, ann)
    bobs = new_link(http, mail, eventually, bob.email, worker, mails).token
    older = new_link(http, mail, eventually, ann.email, worker, mails).token
    newer = new_link(http, mail, eventually, ann.email, worker, mails).token
    problem(set_password(http, older, new_password(rng)), 400, "the older of two links")
    assert set_password(http, newer, short).status_code == 204, "the newer of two links"
    problem(set_password(http, newer, new_password(rng)), 400, "the second use of a link")
    assert log_in(http, ann.email, ann.password).status_code == 401, "logging in with the old password"
    unauthorized(http.get("/notes", headers=bearer(access)), "an access token from before the new password")
    access = token_of(http, replace(ann, password=short), "logging in with the new password")
    again = new_link(http, mail, eventually, ann.email, worker, mails).token
    assert set_password(http, again, long).status_code == 204, "a link that was asked for after a new password"
    unauthorized(http.get("/notes", headers=bearer(access)), "an access token from before the second new password")
    assert set_password(http, bobs, new_password(rng)).status_code == 204, "the link of somebody else"


@pytest.mark.task(2)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_a_link_ends(program, mail, mails, rng, eventually):
    """A link ends after RESET_TOKEN_SECONDS."""
    env = {"RESET_TOKEN_SECONDS": "1"}
    http = program.http(program.start("web", env=env))
    worker = program.start("worker", env=env, listens=False)
    ann = newcomer(http, rng)
    token = new_link(http, mail, eventually, ann.email, worker, mails).token
    # One second, and one more for programs that count whole seconds.
    over = time.monotonic() + 2.1
    eventually(lambda: time.monotonic() > over, within=30)
    problem(set_password(http, token, new_password(rng)), 400, "a link of one second, two seconds later")


@pytest.mark.task(2)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_an_unknown_email_gets_the_same_answer(http, program, mail, mails, rng, eventually):
    """An email without an account gets the same answer and no mail."""
    ann, nobody = newcomer(http, rng), new_email(rng)
    unknown, known = ask(http, nobody), ask(http, ann.email)
    assert unknown.status_code == known.status_code, "the status for an email without an account"
    assert unknown.object == known.object, "the body for an email without an account"
    worker = program.start("worker", listens=False)
    wait_for_mail(mail, eventually, ann.email, worker, mails)
    mails.wait_until_done(eventually, worker)
    assert len(mail.to(nobody)) == 0, "the number of mails to an email without an account"


@pytest.mark.task(2)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_the_token_is_nowhere_else(program, mail, mails, sql, rng, eventually):
    """The token is in the mail and nowhere else, not even in Redis."""
    web = program.start("web")
    http = program.http(web)
    ann = newcomer(http, rng)
    answer = asked(http, ann.email)
    mails.wait_for_job(eventually)
    places = {"in Redis, while the job waits": mails.contents()}
    mail.delay = held = Held(0.2)
    worker = program.start("worker", listens=False)
    wait_for_begin(held, eventually, worker)
    places["in Redis, while the mail is being sent"] = mails.contents()
    token = link_in(wait_for_mail(mail, eventually, ann.email, worker, mails)).token
    mails.wait_until_done(eventually, worker)
    places["in Redis, after the mail was sent"] = mails.contents()
    places["in the database"] = [value.encode("latin-1", "replace") for value in values(sql)]
    places["in the answer to the request"] = [answer.content, *(value.encode() for value in answer.headers.values())]
    assert set_password(http, f"{token}x", new_password(rng)).status_code == 400, "a token with one letter more"
    assert set_password(http, token, new_password(rng)).status_code == 204, "the token itself"
    for running, name in ((worker, "the worker"), (web, "web")):
        running.signal(9)
        running.wait(5)
        running.log.finish(2)
        places[f"in what {name} prints"] = ["\n".join(running.lines).encode()]
    for place, contents in places.items():
        there = any(form in content for content in contents for form in _forms(token))
        assert not there, f"expected the token in the mail only, and it is {place}"


def _forms(token):
    """A token as it is and, where it stands for bytes, as those."""
    forms = [token.encode()]
    for decode in (bytes.fromhex, lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))):
        with contextlib.suppress(ValueError, binascii.Error):
            forms.append(decode(token))
    return [form for form in forms if len(form) >= 12]


@pytest.mark.task(2)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_a_mail_on_its_way_holds_up_nobody(http, program, probe, mail, mails, rng, eventually):
    """While a mail is on its way, everybody else is answered at once."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    access = token_of(http, bob)
    mail.delay = held = Held(FOR_GOOD)
    worker = program.start("worker", listens=False)
    asked(http, ann.email)
    wait_for_begin(held, eventually, worker)
    for what, act, status in (
        ("POST /auth/forgot-password for somebody else", lambda: ask(http, bob.email), 202),
        ("POST /notes of somebody else", lambda: http.post("/notes", json={"title": "t"}, headers=bearer(access)), 201),
    ):
        started = time.monotonic()
        answer = act()
        seconds = time.monotonic() - started
        expect(answer.status_code, status, f"{what}, while a mail is being sent")
        assert seconds < SOON, (
            f"{what}, while a mail is being sent: expected an answer at once, got it after {seconds:.1f} s"
        )
    mails.settle(eventually, 2)
    _kill(probe, worker)


@pytest.mark.task(3)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_a_mail_is_tried_again(program, mail, mails, rng, eventually):
    """A mail that could not be sent is sent later."""
    env = {"RESET_MAIL_RETRY_SECONDS": "1,1,1,1,1,1,1,1,1,1,1,1"}
    http = program.http(program.start("web", env=env))
    worker = program.start("worker", env=env, listens=False)
    ann = newcomer(http, rng)
    refusal = Refusal("451 try later")
    mail.refuse(refusal)
    asked(http, ann.email)
    wait_for_refusal(refusal, eventually, worker)
    mail.accept()
    letter = wait_for_mail(mail, eventually, ann.email, worker, mails, what="when the mail server takes mails again")
    mails.wait_until_done(eventually, worker)
    assert set_password(http, link_in(letter).token, new_password(rng)).status_code == 204, "the link of that mail"
    assert len(mail.to(ann.email)) == 1, "the number of mails for one request"


@pytest.mark.task(3)
@pytest.mark.after("test_a_mail_is_tried_again")
def test_pauses_grow_and_have_an_end(program, mail, mails, rng, eventually):
    """The pauses are those of RESET_MAIL_RETRY_SECONDS, and then the job is in the FailedJobRegistry."""
    pauses = [rng.randint(100, 200), rng.randint(400, 800)]
    env = {"RESET_MAIL_RETRY_SECONDS": ",".join(map(str, pauses))}
    http = program.http(program.start("web", env=env))
    worker = program.start("worker", env=env, listens=False)
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    mail.down()
    asked(http, ann.email)
    for number, pause in enumerate(pauses, start=1):
        due = _wait_until_put_off(mails, eventually, worker, f"after attempt {number} of {len(pauses) + 1}")
        # It was seen a moment after it was put off, on a busy machine some seconds after.
        near = pause - 30 < due <= pause + 2
        assert near, f"expected {pause} s between attempts {number} and {number + 1}, got {due:.0f} s"
        mails.hasten()
        wait(eventually, worker, lambda: _taken_up(mails, number))

    def given_up():
        assert not mails.put_off(), f"expected no more than {len(pauses) + 1} attempts, got one more"
        assert len(mails.given_up()) == 1, (
            f"expected one job in the FailedJobRegistry after {len(pauses) + 1} attempts, got {len(mails.given_up())}"
        )

    wait(eventually, worker, given_up)
    mail.up()
    new_link(http, mail, eventually, bob.email, worker, mails)
    assert len(mail.to(ann.email)) == 0, "the number of mails for a request that was given up"


@pytest.mark.task(3)
@pytest.mark.after("test_a_mail_is_tried_again")
def test_a_failing_mail_holds_up_no_other(program, mail, mails, rng, eventually):
    """A mail that has to wait for its next attempt holds up no other."""
    env = {"RESET_MAIL_RETRY_SECONDS": "300,600"}
    http = program.http(program.start("web", env=env))
    worker = program.start("worker", env=env, listens=False)
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    refusal = Refusal("451 try later")
    mail.refuse(refusal)
    asked(http, ann.email)
    wait_for_refusal(refusal, eventually, worker)
    mail.accept()
    link = new_link(http, mail, eventually, bob.email, worker, mails)
    assert set_password(http, link.token, new_password(rng)).status_code == 204, "the link of somebody else"


def _taken_up(mails, number):
    left = [due for due in mails.put_off().values() if due == mails.LONG_AGO]
    assert not left, (
        f"expected attempt {number + 1} when its time had come, and the job is still in the ScheduledJobRegistry"
    )
    return True


def _wait_until_put_off(mails, eventually, worker, what):
    """How many seconds a job that failed is going to wait."""

    def put_off():
        jobs = mails.put_off()
        given_up = " and one in the FailedJobRegistry" if mails.given_up() else ""
        assert len(jobs) == 1, f"expected one job in the ScheduledJobRegistry {what}, got {len(jobs)}{given_up}"
        return max(jobs.values()) - time.time()

    return wait(eventually, worker, put_off)


@pytest.mark.task(4)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_two_workers_send_each_mail_once(http, program, mail, mails, rng, eventually):
    """Two workers side by side send one mail for each request."""
    people = [newcomer(http, rng) for _ in range(4)]
    for person in people:
        asked(http, person.email)
    mail.delay = 0.4
    workers = [program.start("worker", listens=False) for _ in range(2)]
    for person in people:
        wait_for_mail(mail, eventually, person.email, workers[0], mails)
    for worker in workers:
        mails.wait_until_done(eventually, worker)
    numbers = [len(mail.to(person.email)) for person in people]
    assert numbers == [1, 1, 1, 1], "the numbers of mails for four requests"


@pytest.mark.task(4)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_the_same_job_twice_sends_one_mail(http, program, mail, mails, rng, eventually):
    """A job that is run again after its mail was sent sends no second one."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    asked(http, ann.email)
    job = mails.wait_for_job(eventually)
    kept = mails.copy(job)
    worker = program.start("worker", listens=False)
    wait_for_mail(mail, eventually, ann.email, worker, mails)
    mails.wait_until_done(eventually, worker)
    for who in ("the same worker", "another worker"):
        if who == "another worker":
            program.stop(worker, number=9)
            mails.wait_until_nobody_waits(eventually)
            worker = program.start("worker", listens=False)
        mails.put_back(job, kept)
        # Bob's job comes behind Ann's: when his mail is here, hers would be, too.
        new_link(http, mail, eventually, bob.email, worker, mails)
        mails.wait_until_done(eventually, worker)
        assert len(mail.to(ann.email)) == 1, f"the number of mails when {who} runs the job again"
    assert set_password(http, link_in(mail.to(ann.email)[0]).token, new_password(rng)).status_code == 204, (
        "the link of the one mail, after its job was run again"
    )


@pytest.mark.task(5)
@pytest.mark.after("test_a_worker_sends_the_mail")
def test_a_killed_worker_loses_no_mail(http, program, probe, mail, mails, rng, eventually):
    """After kill -9 in the middle of a job, the next worker sends the mail."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    mail.delay = held = Held(FOR_GOOD)
    worker = program.start("worker", listens=False)
    asked(http, ann.email)
    wait_for_begin(held, eventually, worker)
    _kill(probe, worker)
    mail.normal()
    worker = program.start("worker", listens=False)
    wait_for_mail(mail, eventually, ann.email, worker, mails, what="from the worker that was started after a kill -9")
    # What was put into the queue for Ann, be it twice, comes before Bob.
    new_link(http, mail, eventually, bob.email, worker, mails)
    letters = mail.to(ann.email)
    assert len(letters) <= 2, f"expected at most one mail twice, got {len(letters)} mails"
    assert set_password(http, link_in(letters[-1]).token, new_password(rng)).status_code == 204, (
        "the link of the last mail"
    )


@pytest.mark.task(5)
@pytest.mark.after("test_a_killed_worker_loses_no_mail")
def test_a_live_worker_keeps_its_job(http, program, mail, mails, rng, eventually):
    """A worker that starts leaves alone what a live one is doing."""
    ann, bob = newcomer(http, rng), newcomer(http, rng)
    mail.delay = held = Held(SLOW)
    busy = program.start("worker", listens=False)
    asked(http, ann.email)
    wait_for_begin(held, eventually, busy)
    mail.delay = 0.0
    another = program.start("worker", listens=False)
    new_link(http, mail, eventually, bob.email, another, mails)
    wait_for_mail(mail, eventually, ann.email, busy, mails)
    # Of two mails the one that was held is the later.
    eventually(lambda: time.monotonic() > held.latest + SLOW + 0.2, within=30)
    mails.wait_until_done(eventually, another)
    assert len(mail.to(ann.email)) == 1, "the number of mails, when a second worker was started while the first sent it"


def _kill(probe, worker):
    """`kill -9` of a worker with all its processes."""
    probe("kill_family", pid=worker.pid)
    assert worker.wait(5), "expected the worker to be gone after kill -9, it still runs"
