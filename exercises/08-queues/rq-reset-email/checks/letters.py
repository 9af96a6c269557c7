"""Mails with a link: how they are asked for, waited for and read, and a mail server that says when one begins."""

import re
import time
from dataclasses import dataclass
from urllib.parse import unquote

from people import expect

_LINK = re.compile(r"^[ \t]*<?(https?://[^\s<>]+?)/reset-password\?token=([^\s<>&#]+)>?[ \t]*$", re.MULTILINE)
# A worker has to start, and may have to wait for its turn on a machine with much to do.
ARRIVAL_SECONDS = 15


@dataclass(frozen=True)
class Link:
    origin: str
    token: str


class Held(float):
    """A delay of the mail server, in seconds, that knows how many mails have begun to wait for it, and when.

    The mail server looks whether there is a delay when a mail has come in whole, and accepts it after that.
    """

    def __init__(self, _seconds):
        self.begun = 0
        self.latest = 0.0

    def __bool__(self):
        self.begun += 1
        self.latest = time.monotonic()
        return True


class Refusal(str):
    """An answer of the mail server to every recipient that knows how many mails have got it."""

    __slots__ = ("given",)

    def __init__(self, _answer):
        self.given = 0

    def __bool__(self):
        self.given += 1
        return True


def ask(http, email, headers=None):
    return http.post("/auth/forgot-password", json={"email": email}, headers=headers)


def asked(http, email, headers=None):
    """Ask for a link, for an email that may have one."""
    answer = ask(http, email, headers)
    expect(answer.status_code, 202, "POST /auth/forgot-password")
    return answer


def set_password(http, token, password):
    return http.post("/auth/reset-password", json={"token": token, "password": password})


def wait(eventually, worker, claim, within=ARRIVAL_SECONDS):
    """What ``claim`` gives as soon as it holds; AssertionError at once if the worker ends of its own accord."""
    ended, given = eventually(lambda: (worker.ended, None) if worker.ended else (None, claim()), within=within)
    if ended:
        worker.log.finish(0.5)
        last = next((line.strip() for line in reversed(list(worker.lines)) if line.strip()), "nothing")
        raise AssertionError(f"expected the worker to go on running, it ended; the last that it printed: {last}")
    return given


def wait_for_mail(mail, eventually, email, worker, mails, *, since=0, what="with a worker running"):
    """The next mail to an address that had ``since`` of them."""

    def arrived():
        letters = mail.to(email)[since:]
        assert letters, (
            f"expected a mail for {email} {what}, got none within {ARRIVAL_SECONDS} s, and {mails.whereabouts()}"
        )
        return letters[0]

    return wait(eventually, worker, arrived)


def wait_for_begin(held, eventually, worker):
    """Wait until the worker is in the middle of sending a mail."""

    def begun():
        assert held.begun, f"expected the worker to send a mail, it began none within {ARRIVAL_SECONDS} s"

    wait(eventually, worker, begun)


def wait_for_refusal(refusal, eventually, worker):
    """Wait until the mail server has refused a mail."""

    def given():
        assert refusal.given, f"expected the worker to try to send a mail, it did not within {ARRIVAL_SECONDS} s"

    wait(eventually, worker, given)


def link_in(letter):
    """The link of a mail."""
    found = _LINK.findall(letter.text.replace("\r\n", "\n"))
    assert found, (
        "expected a line like https://notes.example/reset-password?token=… in the text of the mail, "
        f"got {letter.text[:300]!r}"
    )
    assert len(found) == 1, f"expected one link in the mail, got {len(found)}"
    return Link(found[0][0], unquote(found[0][1]))


def new_link(http, mail, eventually, email, worker, mails):
    """Ask for a link and read it in the mail that a worker sends."""
    since = len(mail.to(email))
    asked(http, email)
    return link_in(wait_for_mail(mail, eventually, email, worker, mails, since=since))
