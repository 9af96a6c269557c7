"""People who use the service: how they register, log in, and what they send along."""

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


def log_in(http, email, password):
    answer = http.post("/auth/login", json={"email": email, "password": password})
    expect(answer.status_code, 200, "POST /auth/login")
    return answer.object["access_token"]


def newcomer(http, rng):
    """Somebody who has just registered and logged in."""
    email, password = f"{rng.word()}.{rng.word(4)}@{rng.word()}.example", f"{rng.text()} {rng.word()}{rng.word()}"
    answer = http.post("/auth/register", json={"email": email, "password": password})
    expect(answer.status_code, 201, "POST /auth/register")
    return Person(answer.object["id"], email, password, log_in(http, email, password))


def somebody(http, rng, which=0):
    """Ann (0) or Bob (1); registered once for each program, because a hash takes its time."""
    key = str(http.base_url), which
    person = _known.get(key)
    # The address may belong to another program by now, one that never heard of them.
    if person is None or http.get("/notes?limit=1", headers=person.headers).status_code != 200:
        person = _known[key] = newcomer(http, rng)
    return person


def expect(got, expected, what):
    """A comparison in words: pytest finds them by itself in the checks only, not in what they import."""
    assert got == expected, f"{what}: expected {expected}, got {got}"


def problem(answer, status, what):
    """The problem document that an answer must be."""
    expect(answer.status_code, status, what)
    document = answer.object
    expect(answer.media_type, "application/problem+json", f"{what}: the content type")
    expect(document["status"], status, f"{what}: the member 'status'")
    return document
