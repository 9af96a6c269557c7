"""Which of several candidates a service runs on: each is proved by starting it, the first that does is taken."""

from __future__ import annotations

from collections.abc import Callable

from grader.model import Provision, Service
from grader.services.failures import NotStarted, ServiceMissing
from grader.services.places import Candidate, Sources, candidates, remedy

TITLES = {
    Service.REDIS: "Redis",
    Service.MONGO: "MongoDB",
    Service.POSTGRES: "PostgreSQL",
    Service.SQLITE: "SQLite",
    Service.SMTP: "the mail server",
    Service.S3: "S3",
}
# Not REDIS_URL and DATABASE_URL themselves: in many a shell those are the ones of a deployment.
VARIABLES = {
    Service.REDIS: "GROUNDUP_REDIS_URL",
    Service.MONGO: "GROUNDUP_MONGODB_URI",
    Service.POSTGRES: "GROUNDUP_POSTGRES_URL",
}
# Of an ephemeral port another process may be quicker to take.
_TRIES = 2


def first_that_starts(service: Service, sources: Sources, start: Callable[[Candidate], str]) -> Provision:
    """Start the service; ``start`` gives its version or raises NotStarted.

    Raises ServiceMissing when nothing starts.
    """
    failures: list[str] = []
    for candidate in candidates(service, sources):
        for attempt in range(_TRIES):
            try:
                version = start(candidate)
            except NotStarted as error:
                if attempt == _TRIES - 1:
                    failures.append(f"{candidate.binary} does not start: {error}")
            else:
                return Provision(service, candidate.tier, version, "; ".join(failures))
    why = "; ".join(failures) or "it is not installed"
    raise ServiceMissing(f"{TITLES[service]} is not to be had on this machine: {why}", remedy(service))
