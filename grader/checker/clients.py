"""The libraries by which checks speak to services: when they are imported, and whom their failures speak of."""

from __future__ import annotations

import contextlib
import importlib

from grader.model import Service

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
