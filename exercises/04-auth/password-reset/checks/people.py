"""People who use the service: how they register and log in, and what answers must be."""

from dataclasses import dataclass

from stored import values

# Ann and Bob of the database that was looked at last.
_known = {}


@dataclass
class Person:
    id: int
    email: str
    password: str
    token: str = ""


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


def newcomer(http, rng, email=""):
    """Somebody who has just registered, and has no token yet."""
    email, password = email or new_email(rng), new_password(rng)
    answer = register(http, email, password)
    expect(answer.status_code, 201, "POST /auth/register")
    return Person(answer.object["id"], email, password)


def somebody(http, sql, rng, which=0):
    """Ann (0) or Bob (1), whose password nobody changes; registered once, because a hash takes its time."""
    person = _known.get(which)
    if person is None or person.email not in values(sql):
        person = _known[which] = newcomer(http, rng)
    return person


def token_of(http, person):
    """An access token of somebody who can log in; the one from the last time, if it is still good."""
    if not person.token or http.get("/notes?limit=1", headers=bearer(person.token)).status_code != 200:
        answer = log_in(http, person.email, person.password)
        expect(answer.status_code, 200, "logging in")
        person.token = answer.object["access_token"]
    return person.token


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
