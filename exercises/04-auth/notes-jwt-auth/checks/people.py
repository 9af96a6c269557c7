"""People who use the service: how they register, log in, and what they send along."""

import re
from dataclasses import dataclass

# Somebody per address of a service: whoever needs just anybody need not register anew.
_known = {}


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    password: str
    token: str

    @property
    def headers(self):
        return bearer(self.token)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def new_email(rng):
    return f"{rng.word()}.{rng.word(4)}@{rng.word()}.example"


def new_password(rng):
    """Twenty characters and more, and some that careless code stumbles over."""
    return f"{rng.text()} {rng.word()}{rng.randint(100, 999)}"


def register(http, email, password):
    return http.post("/auth/register", json={"email": email, "password": password})


def log_in(http, email, password):
    return http.post("/auth/login", json={"email": email, "password": password})


def newcomer(http, rng):
    """Somebody who has just registered and logged in."""
    email, password = new_email(rng), new_password(rng)
    answer = register(http, email, password)
    expect(answer.status_code, 201, "POST /auth/register")
    token = log_in(http, email, password).object["access_token"]
    return Person(answer.object["id"], email, password, token)


def somebody(http, rng, which=0):
    """Ann (0) or Bob (1), whose password nobody changes; registered once, because a hash takes its time."""
    person = _known.get((str(http.base_url), which))
    # The address may belong to another program by now.
    if person is None or http.get("/notes?limit=1", headers=person.headers).status_code != 200:
        person = newcomer(http, rng)
        remember(http, person, which)
    return person


def remember(http, person, which=0):
    """From now on this is somebody at this service: whoever registered and logged in need not do it again."""
    _known[str(http.base_url), which] = person


def expect(got, expected, what):
    """A comparison in words: pytest finds them by itself in the checks only, not in what they import."""
    assert got == expected, f"{what}: expected {expected}, got {got}"


def problem(answer, status, what):
    """The problem document that an answer must be; ``status`` may be several to choose from."""
    allowed = (status,) if isinstance(status, int) else status
    told = " or ".join(map(str, allowed))
    assert answer.status_code in allowed, f"{what}: expected {told}, got {answer.status_code}"
    document = answer.object
    for member in ("type", "title", "detail"):
        text = document[member]
        assert isinstance(text, str) and text.strip(), f"{what}: expected words as {member!r}, got {text!r}"
    expect(document["status"], answer.status_code, f"{what}: the member 'status'")
    expect(answer.media_type, "application/problem+json", f"{what}: the content type")
    return document


def unauthorized(answer, what):
    """The problem document of a 401, which names the way to log in."""
    document = problem(answer, 401, what)
    way = answer.headers.get("www-authenticate", "")
    named = way.lower().startswith("bearer")
    assert named, f"{what}: expected WWW-Authenticate: Bearer, got {way or 'no such header'!r}"
    return document


def wrong_fields(answer, what):
    """The names of the fields that a 422 complains of."""
    errors = problem(answer, 422, what)["errors"]
    assert isinstance(errors, list) and errors, f"{what}: expected an array with an error in it, got {errors!r}"
    named = {error.get("field") if isinstance(error, dict) else None for error in errors}
    assert all(isinstance(name, str) for name in named), f"{what}: expected a field in each error, got {errors!r}"
    return named


def without(note_id, document):
    """A problem document whose words speak of <id>."""
    words = {name: text for name, text in document.items() if isinstance(text, str)}
    return document | {name: re.sub(rf"\b{note_id}\b", "<id>", text) for name, text in words.items()}


def like(document, others):
    """A document that can be compared to ``others``: what changes among them, a time say, is that of the first."""
    first = others[0]
    changing = {name for name in first if any(other.get(name) != first[name] for other in others)}
    return document | {name: first[name] for name in changing & document.keys()}
