"""One word for every way in which a database can be missing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from redis.exceptions import RedisError

from chat.domain.refusals import Unavailable

_ABSENT = (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    RedisError,
)
T = TypeVar("T", bound=type)


def raises_unavailable(cls: T) -> T:
    """Every public method of the class raises Unavailable where its database does not answer."""
    for name, method in list(vars(cls).items()):
        if callable(method) and not name.startswith("_"):
            setattr(cls, name, _translated(method))
    return cls


def _translated(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except _ABSENT as error:
            raise Unavailable from error
        except PyMongoError as error:
            # A transaction that was cut off in the middle may be tried again by whoever asked for it.
            if error.has_error_label("TransientTransactionError") or error.has_error_label("RetryableWriteError"):
                raise Unavailable from error
            raise

    return call
