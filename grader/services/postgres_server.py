"""PostgreSQL for one program: a fresh database with an owner of its own for each world.

The owner is no superuser and is let into no other database. The checker looks at the program's
tables through a second user, who may do what the owner may and no more: what a stranger's
views and triggers do, they do with the rights of whoever looks at them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.model import Provision, Service
from grader.services import postgres_cluster
from grader.services.failures import NotStarted, ServiceLost
from grader.services.places import Candidate, Sources
from grader.services.server import Ground, Server, free_port, wait_until_free
from grader.services.tiers import first_that_starts

if TYPE_CHECKING:
    from psycopg import Connection

    from grader.services.postgres_client import Look

_START_SECONDS = 20.0
_MEMORY_MB = 768
_CONNECTIONS = 80
_STATEMENT_SECONDS = 15


@dataclass(frozen=True)
class Tenant:
    """One database: its owner, who is the program, and the user by whom the checker looks at it."""

    name: str
    password: str
    looking: str

    @property
    def looker(self) -> str:
        """The name of the checker's user."""
        return f"look_{self.name}"


class Postgres:
    """One server. :attr:`look` is the checker's own connection to the program's database."""

    service = Service.POSTGRES
    capabilities: tuple[str, ...] = ("statements", "outage")

    def __init__(self, ground: Ground, sources: Sources) -> None:
        # It refuses to be root's.
        self._ground = ground.without_root()
        self._sources = sources
        self._candidate: Candidate | None = None
        self._server: Server | None = None
        self._admin: Connection[Any] | None = None
        self._own = ""
        self._tenant = Tenant("", "", "")
        self._spare: Future[Tenant] | None = None
        self._look: Look | None = None
        self._lock = threading.RLock()
        self._maid = ThreadPoolExecutor(1, thread_name_prefix="postgres-maid")
        self.port = 0
        self.stopped = False

    def start(self) -> Provision:
        """The first candidate that starts; raises ServiceMissing."""
        return first_that_starts(self.service, self._sources, self._start)

    def _start(self, candidate: Candidate) -> str:
        self._candidate = candidate
        self.port = self.port or free_port()
        folder = self._ground.plot("postgres")
        try:
            self._own = postgres_cluster.lay_out(self._ground, folder, candidate)
            self._run(candidate)
            password = secrets.token_hex(16)
            self._ask(f"ALTER ROLE checker PASSWORD '{password}'")
            self._own = password
            self._ask("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
            self._tenant = self._new_tenant()
            assert self._admin
            return str(self._admin.info.parameter_status("server_version")).partition(" ")[0]
        except NotStarted:
            self.stop()
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, there may be another candidate
            self.stop()
            raise NotStarted(f"it does not do as it is told: {error}") from None

    def _run(self, candidate: Candidate) -> None:
        folder = self._ground.folder / "postgres"
        words = [str(candidate.binary), "-D", f"{self._ground.seen(folder)}/db", "-c", f"port={self.port}"]
        for name, value in postgres_cluster.SETTINGS.items():
            words += ["-c", f"{name}={value}"]
        # Of a server that was killed; its number may be somebody else's by now.
        (folder / "db" / "postmaster.pid").unlink(missing_ok=True)
        self._server = Server(self._ground, folder, words, memory_mb=_MEMORY_MB, programs=candidate.programs)
        # Meanwhile, the library.
        import psycopg

        self._server.wait_until_listening(self.port, _START_SECONDS)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._admin = self._connect("checker", self._own, "postgres")
                break
            except psycopg.OperationalError as error:
                # It listens before it lets anybody in, and for longer after it was killed.
                hopeless = self._server.ended is not None or "authentication failed" in str(error)
                if hopeless or time.monotonic() > deadline:
                    raise NotStarted(f"it lets nobody in: {error}") from None
            time.sleep(0.005)
        self.stopped = False

    def _connect(self, user: str, password: str, database: str) -> Connection[Any]:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _ask(self, *statements: str) -> None:
        assert self._admin
        for statement in statements:
            # Every name and every password in these is of our own making.
            self._admin.execute(statement.encode())

    def _new_tenant(self) -> Tenant:
        tenant = Tenant(f"app_{secrets.token_hex(6)}", secrets.token_hex(16), secrets.token_hex(16))
        name, looker = tenant.name, tenant.looker
        assert self._admin
        fast = " STRATEGY file_copy" if self._admin.info.server_version >= 150_000 else ""
        self._ask(
            f"CREATE ROLE {name} LOGIN PASSWORD '{tenant.password}' CONNECTION LIMIT {_CONNECTIONS}",
            f"ALTER ROLE {name} SET log_statement = 'all'",
            f"ALTER ROLE {name} SET statement_timeout = '{_STATEMENT_SECONDS}s'",
            f"CREATE ROLE {looker} LOGIN PASSWORD '{tenant.looking}' IN ROLE {name}",
            # What it creates belongs to the program.
            f"ALTER ROLE {looker} SET role = '{name}'",
            f"CREATE DATABASE {name} OWNER {name}{fast}",
            f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC",
        )
        return tenant

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return {self.port}

    @property
    def url(self) -> str:
        """For the program."""
        tenant = self._tenant
        return f"postgresql://{tenant.name}:{tenant.password}@127.0.0.1:{self.port}/{tenant.name}"

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        return {"DATABASE_URL": self.url}

    def lacks(self, capability: str) -> str:
        """Nothing."""
        return ""

    @property
    def look(self) -> Look:
        """The checker's connection to the program's database."""
        from grader.services.postgres_client import Look

        with self._lock:
            if self._look is None:
                self._look = Look(self.port, self._tenant.name, *self._looker(), self.log)
            return self._look

    def _looker(self) -> tuple[str, str]:
        return self._tenant.looker, self._tenant.looking

    @property
    def log(self) -> Path:
        """Where the server writes down what the program sends."""
        return self._ground.folder / "postgres" / "log"

    def connections(self) -> int:
        """How many the program has open."""
        assert self._admin
        row = self._admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (self._tenant.name,)
        ).fetchone()
        return int(row[0]) if row else 0

    @property
    def ended(self) -> bool:
        """Whether it has ended without our doing."""
        return self._server is not None and not self.stopped and self._server.ended is not None

    def empty(self, *, anew: bool) -> None:
        """A new database with a new owner; the old ones go while others work. Raises ServiceLost."""
        with self._lock:
            self._leave()
            try:
                if self.stopped or self.ended:
                    self.restart()
                old, spare = self._tenant, self._spare
                self._tenant = spare.result() if spare else self._new_tenant()
            except Exception:  # noqa: BLE001 whatever it is, another server will do
                self._rebuild()
                return
            with contextlib.suppress(OSError):
                os.truncate(self.log, 0)
            self._maid.submit(self._drop, old)
            self._spare = self._maid.submit(self._new_tenant)

    def _drop(self, tenant: Tenant) -> None:
        import psycopg

        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN"
        drops = [f"DROP DATABASE {tenant.name}", f"DROP ROLE {tenant.looker}", f"DROP ROLE {tenant.name}"]
        try:
            self._ask(f"ALTER ROLE {tenant.name} NOLOGIN", f"{end} ('{tenant.name}', '{tenant.looker}')", *drops)
        except psycopg.Error:
            # It stays until the server ends; nobody is let in any more.
            return

    def restart(self) -> None:
        """Serve again, with the data that was there. Raises ServiceLost."""
        with self._lock:
            self.stop()
            assert self._candidate
            try:
                wait_until_free(self.port)
                self._run(self._candidate)
            except NotStarted as error:
                raise ServiceLost(f"PostgreSQL cannot be started again: {error}") from None

    def _rebuild(self) -> None:
        self.stop()
        self._spare = None
        assert self._candidate
        try:
            wait_until_free(self.port)
            self._start(self._candidate)
        except NotStarted as error:
            raise ServiceLost(f"PostgreSQL cannot be started again: {error}") from None

    def stop(self) -> None:
        """End it; connecting is refused until :meth:`restart`."""
        self.stopped = True
        self._leave()
        if self._admin is not None:
            self._admin.close()
        if self._server:
            self._server.close()

    def _leave(self) -> None:
        if self._look is not None:
            self._look.close()
        self._look = None

    def close(self) -> None:
        """End it for good. Safe to call twice."""
        self.stop()
        self._maid.shutdown(wait=False, cancel_futures=True)
