# mypy: ignore-errors
"""One piece of honest work, for each way in."""

import pytest


@pytest.mark.task(1)
def test_acknowledges(socketio, rng):
    """say is acknowledged with the word that was sent."""
    word = rng.word()
    assert socketio.connect().call("say", word) == word


@pytest.mark.task(1)
def test_acknowledges_polls(socketio, rng):
    """say is acknowledged to a client that polls."""
    word = rng.word()
    assert socketio.connect(transports=("polling",)).call("say", word) == word
