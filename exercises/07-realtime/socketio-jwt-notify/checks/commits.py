"""A commit that has to wait: somebody else reads the database for as long as it takes to look around."""

import threading

from people import expect


def while_the_commit_waits(probe, race, eventually, url, change, look, mark):
    """Run ``change``, and ``look`` while its commit waits; the answer to ``change``.

    In SQLite a change may begin beside somebody who reads, and its commit may not end before the reader does. Where
    it may (a journal of another kind), there is nothing to look at. ``mark`` is a new word each time.
    """
    answers, ended = [], threading.Event()

    def read():
        probe("reader", url=url, mark=mark, act="read")

    def write():
        try:
            eventually(lambda: ended.is_set() or probe("reader", url=url, mark=mark, act="reads"), within=4)
            answers.append(change())
        finally:
            ended.set()

    def watch():
        try:
            eventually(lambda: ended.is_set() or probe("reader", url=url, mark=mark, act="blocks"), within=10)
            if not ended.is_set():
                look_around()
        finally:
            probe("reader", url=url, mark=mark, act="leave")

    def look_around():
        try:
            look()
        except AssertionError:
            # On a machine with too much to do the reader may have left before the look was over.
            if probe("reader", url=url, mark=mark, act="blocks"):
                raise

    race(3, lambda number: (read, write, watch)[number]())
    expect(len(answers), 1, "the answers to one change")
    return answers[0]
