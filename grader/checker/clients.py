"""The libraries by which checks speak to services: when they are imported, and whom their failures speak of."""

from __future__ import annotations

import contextlib
import importlib

from grader.model import Outcome, Service

_LIBRARIES = {
    "redis": ("grader.services.redis_client",),
    "mongo": ("grader.services.mongo_watch",),
    "s3": ("boto3",),
}
# What client libraries raise when nobody answers, by the package that raises it.
_SILENCE = {
    "redis": (Service.REDIS, {"ConnectionError", "TimeoutError", "BusyLoadingError"}),
    "pymongo": (Service.MONGO, {"ConnectionFailure"}),
    "botocore": (Service.S3, {"HTTPClientError", "ConnectionError"}),
    "psycopg": (Service.POSTGRES, {"OperationalError"}),
}


def load(fixtures: set[str]) -> None:
    """Import what these fixtures need, while there is nothing else to do."""
    for name in fixtures & _LIBRARIES.keys():
        for module in _LIBRARIES[name]:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)


def behind(error: BaseException) -> Service | None:
    """The service that gave a check no answer, if that is what ``error`` says."""
    package = type(error).__module__.partition(".")[0]
    service, names = _SILENCE.get(package, (None, set()))
    return service if {kind.__name__ for kind in type(error).__mro__} & names else None


def doing(error: BaseException) -> tuple[Outcome, str] | None:
    """What a service's answer to a check says of the program, if that is what it speaks of."""
    if type(error).__module__ != "redis.exceptions" or not isinstance(error, Exception):
        return None
    said = str(error)
    if "WRONGTYPE" in said or type(error).__name__ == "WrongTypeError":
        return Outcome.FAILED, "expected another kind of value at a key of Redis, got one that cannot be asked so"
    if "busy running a script" in said:
        return Outcome.TIMED_OUT, "your program keeps Redis busy with a script that does not end"
    return None
