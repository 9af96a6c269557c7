"""Asking each database whether it is there; raises Unavailable."""

from __future__ import annotations

from collections.abc import Callable

from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

from chat.domain.refusals import Unavailable
from chat.storage.mongo import Mongo
from chat.storage.redis_presence import connect


def mongo_probe(mongo: Mongo) -> Callable[[], None]:
    """Whether a primary takes writes, and the indexes are there."""

    def probe() -> None:
        try:
            mongo.ping()
            assert mongo.database is not None
        except PyMongoError as error:
            raise Unavailable from error

    return probe


def redis_probe(url: str) -> Callable[[], None]:
    """Whether Redis answers."""
    client = connect(url)

    def probe() -> None:
        try:
            client.ping()
        except RedisError as error:
            raise Unavailable from error

    return probe
