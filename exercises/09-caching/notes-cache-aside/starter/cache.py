"""The lists of notes, kept in Redis for a while. Yours to write.

Nothing uses this yet: the routes in app.py have to.
"""

import os

from redis import Redis

# This connects when something is asked, and not before.
redis = Redis.from_url(os.environ["REDIS_URL"])


def find(user_id, query, load):
    """The list that a query gives: from Redis, or from load()."""
    return load()


def forget(user_id):
    """None of this user's lists is good any more."""
