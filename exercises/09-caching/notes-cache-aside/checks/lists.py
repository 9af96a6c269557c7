"""Lists of notes as their owners see them, and what lies in Redis meanwhile."""

from people import expect

# What nobody may do where a million keys may be: it takes time for each of them, or takes them all away.
_FOR_ALL_KEYS = ("KEYS", "SCAN", "FLUSHDB", "FLUSHALL")


def create(http, person, rng):
    """Make a note by the contract; the note as the service answered it."""
    note = {"title": rng.text(), "content": f"{rng.text()}. {rng.word()}"}
    answer = http.post("/notes", json=note, headers=person.headers)
    expect(answer.status_code, 201, "POST /notes")
    return answer.object


def rename(http, person, note, title):
    """Give a note another title."""
    answer = http.put(f"/notes/{note['id']}", json={"title": title}, headers=person.headers)
    expect(answer.status_code, 200, "PUT of a note")
    return answer.object


def path(query=""):
    return f"/notes?{query}" if query else "/notes"


def listed(http, person, query="", headers=None):
    """The notes that a query lists."""
    answer = http.get(path(query), headers=headers or person.headers)
    expect(answer.status_code, 200, f"GET {path(query)}")
    return answer.array


def ids(notes):
    return [note["id"] if isinstance(note, dict) else note for note in notes]


def title_of(note, notes):
    """The title under which a note stands in a list, None if it does not."""
    return next((n["title"] for n in notes if isinstance(n, dict) and n["id"] == note["id"]), None)


def lives(redis):
    """Every key in Redis and the milliseconds until it ends, -1 where it does not."""
    left = {key: redis.pttl(key) for key in sorted(redis.keys())}
    return {key: milliseconds for key, milliseconds in left.items() if milliseconds != -2}


def let_pass(redis, seconds):
    """Make so much time pass for every key in Redis."""
    for key, milliseconds in lives(redis).items():
        if milliseconds >= 0:
            # One that has less left ends at once.
            redis.pexpire(key, milliseconds - 1000 * seconds)


def saved(redis):
    """All that is in Redis, to be put back."""
    return {key: (redis.dump(key), max(milliseconds, 0)) for key, milliseconds in lives(redis).items()}


def put_back(redis, state, without):
    """Make Redis what it was, but for one key."""
    redis.flushall()
    for key, (value, milliseconds) in state.items():
        if key != without:
            redis.restore(key, milliseconds, value)


def through_all_keys(redis):
    """How often each command that goes through all keys has been carried out, also in scripts."""
    counted = redis.info("commandstats")
    return {name: counted.get(f"cmdstat_{name.lower()}", {}).get("calls", 0) for name in _FOR_ALL_KEYS}
