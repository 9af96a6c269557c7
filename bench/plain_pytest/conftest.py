"""The fixtures of the notes-crud checks over Flask's test client: everything in one process.

This is how a course without a judge of its own would test the same program, by the very
same assertions. It is the yardstick that ``one_check.py`` measures against.
"""

import json
import os
import random
import sys
import threading

import pytest

sys.path.insert(0, os.environ["PROGRAM"])


class Answer:
    def __init__(self, response):
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.data
        self.media_type = response.mimetype

    @property
    def object(self):
        return json.loads(self.content)

    @property
    def array(self):
        return json.loads(self.content)


class Client:
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


@pytest.fixture
def http():
    from app import app

    return Client(app)


@pytest.fixture
def rng():
    return Rng()


@pytest.fixture
def race():
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

    return race


def pytest_configure(config):
    for mark in ("task(number)", "after(*checks)", "fresh"):
        config.addinivalue_line("markers", mark)
