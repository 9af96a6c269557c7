"""The yardstick: the checks of the exercise as they stand, run by pytest over Flask's test client."""

import notes_tools
import pytest


@pytest.fixture
def http():
    from app import app

    return notes_tools.Client(app)


@pytest.fixture
def rng():
    return notes_tools.Rng()


@pytest.fixture
def race():
    return notes_tools.race


@pytest.fixture
def call():
    """Call ``module:function`` here, in this process."""
    from importlib import import_module

    def call(target, *args):
        module, _, name = target.partition(":")
        return getattr(import_module(module), name)(*args)

    return call


def pytest_configure(config):
    for mark in ("task(number)", "after(*checks)", "fresh"):
        config.addinivalue_line("markers", mark)
