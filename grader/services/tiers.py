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
# Of an ephemeral port another process may be quicker to take.
_TRIES = 2


def first_that_starts(
    service: Service,
    sources: Sources,
    start: Callable[[Candidate], str],
    attach: Callable[[str], str] | None = None,
) -> Provision:
    """Start the service; ``start`` and ``attach`` give its version or raise NotStarted.

    ``attach`` is for a running server that somebody has named by its URI. Raises
    ServiceMissing when nothing starts.
    """
    failures: list[str] = []
    uri = sources.uris.get(service.value)
    if uri and attach:
        try:
            return Provision(service, "uri", attach(uri))
        except NotStarted as error:
            failures.append(f"the server named by {variable(service)} cannot be used: {error}")
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


def variable(service: Service) -> str:
    """The environment variable by which a user names a running server."""
    return {Service.MONGO: "GROUNDUP_MONGODB_URI", Service.POSTGRES: "GROUNDUP_DATABASE_URL"}.get(
        service, f"GROUNDUP_{service.value.upper()}_URL"
    )
