"""The outbox: a request writes down in the database that a letter is wanted, a thread carries that to RQ.

So the request does not depend on Redis, and what was committed reaches the queue at some time, even if
this process ends between the two. It may reach it twice; post.py knows what to do then.
"""

import os
import threading
import time
import traceback

from redis import Redis
from rq import Queue, Retry

from database import transaction

QUEUE = Queue("mails", connection=Redis.from_url(os.environ["REDIS_URL"]))
PAUSES = [int(word) for word in os.environ.get("RESET_MAIL_RETRY_SECONDS", "10,100,1000").split(",")]
# Whoever has taken a letter has so many seconds to put it into the queue; then somebody else may.
GRACE = 30
_something = threading.Event()


def drop(email):
    """Somebody wants a letter, if there is such a person."""
    with transaction() as sql:
        sql.execute("INSERT INTO letters (account) SELECT id FROM accounts WHERE email = ?", (email,))
    _something.set()


def open_for_good():
    threading.Thread(target=_carry, daemon=True).start()


def _carry():
    while True:
        try:
            while letter := _take():
                # By name, so that this process need not import what a worker does.
                QUEUE.enqueue("post.deliver", letter, retry=Retry(max=len(PAUSES), interval=PAUSES))
                with transaction() as sql:
                    sql.execute("UPDATE letters SET state = 1 WHERE id = ? AND state = 0", (letter,))
        except Exception:
            traceback.print_exc()
        _something.wait(5)
        _something.clear()


def _take():
    """The id of a letter that nobody else is putting into the queue, or None."""
    now = time.time()
    take = """
        UPDATE letters SET taken = ? WHERE id = (SELECT min(id) FROM letters WHERE state = 0 AND taken < ?) RETURNING id
    """
    with transaction() as sql:
        row = sql.execute(take, (now, now - GRACE)).fetchone()
    return row and row["id"]
