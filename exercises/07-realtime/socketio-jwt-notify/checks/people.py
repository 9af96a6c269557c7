"""People who use the service: how they register, log in, and make, change and delete notes."""

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
        return {"authorization": f"Bearer {self.token}"}


def somebody(http, rng, which=0):
    """Ann (0) or Bob (1), registered once, because a hash takes its time."""
    key = str(http.base_url), which
    person = _known.get(key)
    # The address may belong to another program by now.
    if person is None or http.get("/notes?limit=1", headers=person.headers).status_code != 200:
        person = _known[key] = _newcomer(http, rng)
    return person


def _newcomer(http, rng):
    email = f"{rng.word()}.{rng.word(4)}@{rng.word()}.example"
    password = f"{rng.word(6)} {rng.word(6)}"
    answer = http.post("/auth/register", json={"email": email, "password": password})
    expect(answer.status_code, 201, "POST /auth/register")
    user = answer.object["id"]
    return Person(user, email, password, log_in(http, email, password))


def at(http, person):
    """The same person, with a token of another instance."""
    return Person(person.id, person.email, person.password, log_in(http, person.email, person.password))


def log_in(http, email, password):
    answer = http.post("/auth/login", json={"email": email, "password": password})
    expect(answer.status_code, 200, "POST /auth/login")
    token = answer.object["access_token"]
    assert isinstance(token, str) and token, f"expected a string as access_token, got {token!r}"
    return token


def note(rng):
    """The body of a request that makes or replaces a note."""
    return {"title": rng.text(), "content": f"{rng.text()}. {rng.text()}"}


def create(http, person, body):
    answer = http.post("/notes", json=body, headers=person.headers)
    expect(answer.status_code, 201, "POST /notes with a good token")
    return answer.object


def replace(http, person, note_id, body):
    answer = http.put(f"/notes/{note_id}", json=body, headers=person.headers)
    expect(answer.status_code, 200, "PUT of one's own note")
    return answer.object


def delete(http, person, note_id):
    answer = http.delete(f"/notes/{note_id}", headers=person.headers)
    expect(answer.status_code, 204, "DELETE of one's own note")


def ids(notes):
    """The ids of notes; what is not an object stands for itself, so that a comparison shows it."""
    return [note["id"] if isinstance(note, dict) else note for note in notes]


def expect(got, expected, what):
    """A comparison in words: pytest finds them by itself in the checks only, not in what they import."""
    assert got == expected, f"{what}: expected {expected}, got {got}"
