"""Mails with a link: how they are asked for, waited for, and read."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from people import expect

_LINK = re.compile(r"^[ \t]*<?(https?://[^\s<>]+?)/reset-password\?token=([^\s<>&#]+)>?[ \t]*$", re.MULTILINE)
# A thread that sends a mail may have to wait for its turn on a machine with much to do.
ARRIVAL_SECONDS = 20


@dataclass(frozen=True)
class Link:
    origin: str
    token: str


def ask(http, email, headers=None):
    return http.post("/auth/forgot-password", json={"email": email}, headers=headers)


def set_password(http, token, password):
    return http.post("/auth/reset-password", json={"token": token, "password": password})


def wait_for_mails(mail, eventually, email, *, since, count):
    """The mails to an address that had ``since`` of them, as soon as there are ``count`` more."""

    def arrived():
        mails = mail.to(email)[since:]
        expected = "a mail" if count == 1 else f"{count} mails"
        got = len(mails) or "none"
        assert len(mails) >= count, f"expected {expected} for {email}, got {got} within {ARRIVAL_SECONDS} s"
        return mails

    return eventually(arrived, within=ARRIVAL_SECONDS)


def wait_for_mail(mail, eventually, email, *, since):
    """The next mail to an address that had ``since`` of them."""
    return wait_for_mails(mail, eventually, email, since=since, count=1)[0]


def link_in(letter):
    """The link of a mail."""
    found = _LINK.findall(letter.text.replace("\r\n", "\n"))
    assert found, (
        "expected a line like https://notes.example/reset-password?token=… in the text of the mail, "
        f"got {letter.text[:300]!r}"
    )
    assert len(found) == 1, f"expected one link in the mail, got {len(found)}"
    return Link(found[0][0], unquote(found[0][1]))


def new_link(http, mail, eventually, email, headers=None):
    """Ask for a link and read it in the mail."""
    since = len(mail.to(email))
    answer = ask(http, email, headers)
    expect(answer.status_code, 202, "POST /auth/forgot-password")
    return link_in(wait_for_mail(mail, eventually, email, since=since))
