"""A database on somebody's PostgreSQL, for one program."""

from __future__ import annotations

import contextlib
import secrets
from urllib.parse import quote

from grader.model import Provision
from grader.services.elsewhere import OUTAGE, Reach, address, said_of
from grader.services.failures import NotStarted, ServiceLost, ServiceMissing
from grader.services.places import Sources
from grader.services.postgres_server import Postgres, Tenant
from grader.services.server import Ground


class PostgresElsewhere(Postgres):
    """A new database on somebody's PostgreSQL, for the program with the rights of the URI's user."""

    def __init__(self, ground: Ground, sources: Sources, reach: Reach) -> None:
        super().__init__(ground, sources)
        self._reach = reach
        self._login = ("", "")

    def start(self) -> Provision:
        """Make a database; raises ServiceMissing."""
        import psycopg

        with said_of(self.service):
            place = address(self._sources.uris[self.service], ("postgresql", "postgres"), 5432, self._reach)
            self.port, self._login = place.port, (place.user, place.password)
            try:
                self._admin = self._connect(*self._login, place.parts.path.strip("/") or place.user)
                self._tenant = self._new_tenant()
            except psycopg.Error as error:
                raise NotStarted(str(error).strip()) from None
            version = str(self._admin.info.parameter_status("server_version")).partition(" ")[0]
        return Provision(self.service, "uri", version)

    def _new_tenant(self) -> Tenant:
        tenant = Tenant(f"groundup_{secrets.token_hex(6)}", "", "")
        self._ask(f"CREATE DATABASE {tenant.name}")
        return tenant

    def _looker(self) -> tuple[str, str]:
        return self._login

    @property
    def url(self) -> str:
        """For the program."""
        user, password = (quote(part, safe="") for part in self._login)
        login = f"{user}:{password}" if password else user
        return f"postgresql://{login}@127.0.0.1:{self.port}/{self._tenant.name}"

    def lacks(self, capability: str) -> str:
        """Why this server cannot do something, empty if it can."""
        if capability == "statements":
            return "your PostgreSQL writes its log where nobody else can read it, so statements cannot be counted"
        return OUTAGE if capability == "outage" else ""

    def connections(self) -> int:
        """How many the program has open."""
        assert self._admin
        own = self.look.pid
        row = self._admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", (self._tenant.name, own)
        ).fetchone()
        return int(row[0]) if row else 0

    def _drop(self, tenant: Tenant) -> None:
        import psycopg

        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{tenant.name}'"  # noqa: S608 a name of our own making
        with contextlib.suppress(psycopg.Error):
            self._ask(end, f"DROP DATABASE {tenant.name}")

    def restart(self) -> None:
        """It is not ours to start; raises ServiceLost."""
        raise ServiceLost("your PostgreSQL is not there any more")

    _rebuild = restart

    def stop(self) -> None:
        """It is not ours to stop."""
        raise ServiceMissing(f"PostgreSQL cannot be stopped: {OUTAGE}")

    def close(self) -> None:
        """Drop what was made and leave."""
        self._leave()
        # Whoever is at work on what comes next must have done it.
        self._maid.shutdown(wait=True)
        if self._admin is None or self._admin.closed:
            return
        for tenant in (self._tenant, *([self._spare.result()] if self._spare else [])):
            if tenant.name:
                self._drop(tenant)
        self._admin.close()
