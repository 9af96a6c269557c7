"""Redis for one program: a user that may do what applications do, emptied in a millisecond.

The program's user reaches every kind of data, scripts and channels, and nothing that reaches
out of the data.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from typing import TYPE_CHECKING

from grader.model import Provision, Service
from grader.services.failures import NotStarted, ServiceLost
from grader.services.places import Candidate, Sources
from grader.services.redis_wire import Refused, Wire
from grader.services.server import Ground, Server, free_port, wait_until_free
from grader.services.tiers import first_that_starts

if TYPE_CHECKING:
    from grader.services.redis_client import Client

_START_SECONDS = 10.0
_MEMORY_MB = 512
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
dir {folder}
save ""
appendonly no
maxmemory 128mb
maxmemory-policy noeviction
maxclients 4000
lua-time-limit 1000
client-output-buffer-limit normal 32mb 16mb 10
client-output-buffer-limit pubsub 32mb 8mb 30
client-query-buffer-limit 32mb
proto-max-bulk-len 32mb
user default off
user checker on >{password} ~* &* +@all
"""
RULES = (
    "reset", "on", "~*", "&*", "+@all", "-@admin", "-@dangerous", "-cluster", "-debug",
    "+flushdb", "+flushall", "+info", "+keys", "+sort", "+role",
    "+client|id", "+client|getname", "+client|setname", "+client|list", "+client|info", "+client|reply",
    "+client|unblock", "+client|tracking", "+client|trackinginfo", "+client|caching", "+client|getredir",
)  # fmt: skip
# Not known to every version, and each harmless.
NEWER_RULES = ("+sort_ro", "+client|setinfo", "+client|no-touch", "+acl|whoami")


class Redis:
    """One server. ``client`` is the checker's own, with every right."""

    service = Service.REDIS
    capabilities: tuple[str, ...] = ("functions", "outage")

    def __init__(self, ground: Ground, sources: Sources) -> None:
        self._ground = ground
        self._sources = sources
        self._candidate: Candidate | None = None
        self._server: Server | None = None
        self._wire: Wire | None = None
        self._client: Client | None = None
        self._lock = threading.RLock()
        self._version = ""
        self.port = 0
        self.db = 0
        self.stopped = False
        self._login = ("", "")
        self._passwords = _passwords()

    def start(self) -> Provision:
        """The first candidate that starts; raises ServiceMissing."""
        return first_that_starts(self.service, self._sources, self._start)

    def _start(self, candidate: Candidate, port: int = 0) -> str:
        self._candidate = candidate
        self.port = port or free_port()
        app, own = self._passwords
        folder = self._ground.plot("redis")
        seen = self._ground.seen(folder)
        content = _CONFIGURATION.format(port=self.port, folder=seen, password=own)
        self._ground.give(folder / "redis.conf", content)
        words = [str(candidate.binary), f"{seen}/redis.conf"]
        server = Server(self._ground, folder, words, memory_mb=_MEMORY_MB, programs=candidate.programs)
        try:
            server.wait_until_listening(self.port, _START_SECONDS)
            self._login = ("checker", own)
            wire = self._open()
            wire.ask("ACL", "SETUSER", "app", *RULES, f">{app}")
            for rule in NEWER_RULES:
                with contextlib.suppress(Refused):
                    wire.ask("ACL", "SETUSER", "app", rule)
            version = version_of(wire)
        except (OSError, Refused) as error:
            server.close()
            raise NotStarted(f"it does not do as it is told: {error}") from None
        except NotStarted:
            server.close()
            raise
        self._server, self._wire, self._version, self.stopped = server, wire, version, False
        return version

    def _open(self) -> Wire:
        return Wire(self.port, *self._login)

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return {self.port}

    @property
    def url(self) -> str:
        """For the program."""
        return f"redis://app:{self._passwords[0]}@127.0.0.1:{self.port}/0"

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        return {"REDIS_URL": self.url}

    def lacks(self, capability: str) -> str:
        """Why this server cannot do something, empty if it can."""
        old = int(self._version.partition(".")[0] or 0) < 7
        return f"Redis {self._version} has no functions, 7.0 has" if capability == "functions" and old else ""

    @property
    def client(self) -> Client:
        """A ``redis.Redis`` with every right."""
        with self._lock:
            if self._client is None or self._client.password != self._login[1]:
                from grader.services.redis_client import Client

                self._client = Client.of(self.port, *self._login, self.db)
                self._client.server = self
            return self._client

    @property
    def ended(self) -> bool:
        """Whether it has ended without our doing."""
        return self._server is not None and not self.stopped and self._server.ended is not None

    def empty(self, *, anew: bool) -> None:
        """No data, no scripts, nobody connected; with ``anew`` another server. Raises ServiceLost."""
        with self._lock:
            if anew:
                self.stop()
                self._passwords = _passwords()
            if self.stopped or self.ended or not self._emptied():
                self.restart()

    def _emptied(self) -> bool:
        if self._client is not None:
            self._client.leave()
        assert self._wire
        try:
            self._wire.ask("CLIENT", "KILL", "USER", "app")
            self._wire.ask("FLUSHALL")
            self._wire.ask("SCRIPT", "FLUSH")
            with contextlib.suppress(Refused):
                self._wire.ask("FUNCTION", "FLUSH")
            self._wire.ask("CONFIG", "SET", "notify-keyspace-events", "")
        except (OSError, Refused):
            # A script without an end, for one, lets nobody in until the server is killed.
            return False
        return True

    def restart(self) -> None:
        """Another server on the same port, with nothing in it. Raises ServiceLost."""
        assert self._candidate
        with self._lock:
            self.stop()
            try:
                wait_until_free(self.port)
                self._start(self._candidate, self.port)
            except NotStarted as error:
                raise ServiceLost(f"Redis cannot be started again: {error}") from None

    def stop(self) -> None:
        """End it; connecting is refused until :meth:`restart`."""
        with self._lock:
            self.stopped = True
            if self._client is not None:
                self._client.leave()
            if self._wire:
                self._wire.close()
            if self._server:
                self._server.close()

    close = stop


def version_of(wire: Wire) -> str:
    """What a server says that it is."""
    facts = dict(line.split(":", 1) for line in wire.ask("INFO", "server").splitlines() if ":" in line)
    return str(facts["redis_version"])


def _passwords() -> tuple[str, str]:
    """The program's and ours."""
    return secrets.token_hex(16), secrets.token_hex(16)
