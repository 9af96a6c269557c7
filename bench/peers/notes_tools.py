"""What every in-process autograder here shares: a client, random data, callers at one instant.

The assertions themselves are those of the exercise ``notes-crud``, taken from its checks.
"""

import random
import threading


class Answer:
    """What Flask's test client answered, under the names that the assertions use."""

    def __init__(self, response):
        self.response = response
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.data
        self.media_type = response.mimetype

    @property
    def object(self):
        return self.response.get_json()

    @property
    def array(self):
        return self.response.get_json()


class Client:
    """Calls the app without a network, as the tests of a Flask app usually do."""

    def __init__(self, app):
        self.app = app

    def request(self, method, path, *, content=None, headers=None, **options):
        client = self.app.test_client()
        return Answer(client.open(path, method=method, data=content, headers=headers, **options))

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def put(self, path, **options):
        return self.request("PUT", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)


class Rng(random.Random):
    def word(self):
        return "".join(self.choice("bdfgklmnprst") + self.choice("aeiou") for _ in range(3))

    def words(self, count):
        return [f"{self.word()}{number}" for number in range(count)]

    def text(self):
        return " ".join(self.words(4))


def race(callers, act):
    results = [None] * callers
    barrier = threading.Barrier(callers)

    def run(number):
        barrier.wait()
        results[number] = act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def run(check, app):
    """Call one check with what its parameters ask for."""
    offered = {"http": Client(app), "rng": Rng(), "race": race}
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    check(**{name: offered[name] for name in wanted})
