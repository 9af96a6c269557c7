"""MongoDB for one program: a replica set of one, and a fresh database with a user for each world.

The program's user may do anything in its own database and nothing beside it. Scripts in the
server ($where and the like) are off: no other language runs there.
"""

from __future__ import annotations

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from grader.model import Provision, Service
from grader.services.failures import NotStarted, ServiceLost
from grader.services.places import Candidate, Sources
from grader.services.server import Ground, Server, free_port, wait_until_free
from grader.services.tiers import first_that_starts

if TYPE_CHECKING:
    from pymongo import MongoClient

    from grader.services.mongo_watch import Told

_START_SECONDS = 20.0
_ANSWER_MS = 5_000
# Of address space that is written to: a thread's stack for each of many connections counts, too.
_MEMORY_MB = 3072
_SET = "rs0"
_FEWEST_ITERATIONS = 5000
_WORDS = (
    "--bind_ip", "127.0.0.1", "--nounixsocket", "--auth", "--replSet", _SET, "--oplogSize", "16",
    "--wiredTigerCacheSizeGB", "0.25", "--wiredTigerEngineConfigString", "log=(file_max=4MB,prealloc=false)",
    "--setParameter", "diagnosticDataCollectionEnabled=false", "--setParameter", "ttlMonitorSleepSecs=1",
    "--setParameter", f"scramIterationCount={_FEWEST_ITERATIONS}",
    "--setParameter", f"scramSHA256IterationCount={_FEWEST_ITERATIONS}",
    "--noscripting", "--quiet", "--maxConns", "2500", "--logappend",
)  # fmt: skip
_ROLES = ("readWrite", "dbAdmin")


class Mongo:
    """One server. ``client`` is the checker's own, with every right."""

    service = Service.MONGO
    capabilities: tuple[str, ...] = ("transactions", "commands", "connections", "outage")

    def __init__(self, ground: Ground, sources: Sources) -> None:
        self._ground = ground
        self._sources = sources
        self._candidate: Candidate | None = None
        self._server: Server | None = None
        self._client: MongoClient[dict[str, Any]] | None = None
        self.told: Told | None = None
        self._own = secrets.token_hex(16)
        self._lock = threading.RLock()
        # What was used is dropped here, while the next check runs.
        self._maid = ThreadPoolExecutor(1, thread_name_prefix="mongo-maid")
        self.port = 0
        self.stopped = False
        self.database = self._password = ""
        # Nobody else can call himself so, and what is not ours in the log is the program's.
        self.app_name = f"checker-{secrets.token_hex(8)}"

    def start(self) -> Provision:
        """The first candidate that starts; raises ServiceMissing."""
        return first_that_starts(self.service, self._sources, self._start)

    def _start(self, candidate: Candidate) -> str:
        self._candidate = candidate
        self.port = self.port or free_port()
        folder = self._ground.plot("mongo")
        self._ground.give(folder / "key", secrets.token_hex(64))
        self._ground.make(folder / "db")
        self._run(candidate)
        try:
            self._client = self._found()
            self._new_database()
            return str(self._client.server_info()["version"])
        except NotStarted:
            self.stop()
            raise
        except Exception as error:  # noqa: BLE001 whatever it is, there may be another candidate
            self.stop()
            raise NotStarted(f"it does not do as it is told: {error}") from None

    def _run(self, candidate: Candidate) -> None:
        folder = self._ground.folder / "mongo"
        seen = self._ground.seen(folder)
        words = [str(candidate.binary), "--port", str(self.port), "--dbpath", f"{seen}/db"]
        words += ["--keyFile", f"{seen}/key", "--logpath", f"{seen}/mongod.log", *_WORDS]
        self._server = Server(self._ground, folder, words, memory_mb=_MEMORY_MB, programs=candidate.programs)
        # Meanwhile, the library.
        import pymongo  # noqa: F401 in use by whoever speaks to it

        try:
            self._server.wait_until_listening(self.port, _START_SECONDS)
        except NotStarted:
            self._server.close()
            raise
        self.stopped = False

    def _found(self) -> MongoClient[dict[str, Any]]:
        """Make the set and our user, as the first to come may do from the same machine."""
        from pymongo import MongoClient

        member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
        with MongoClient[dict[str, Any]]("127.0.0.1", self.port, directConnection=True) as nobody:
            nobody.admin.command("replSetInitiate", {"_id": _SET, "members": [member]})
            self._wait_until_primary(nobody)
            nobody.admin.command("createUser", "checker", pwd=self._own, roles=["root"], mechanisms=["SCRAM-SHA-256"])
        return self._connected({"username": "checker", "password": self._own})

    def _connected(self, login: dict[str, Any]) -> MongoClient[dict[str, Any]]:
        from pymongo import MongoClient

        from grader.services.mongo_watch import Told

        self.told = Told()
        return MongoClient(
            "127.0.0.1",
            self.port,
            directConnection=True,
            appname=self.app_name,
            tz_aware=True,
            serverSelectionTimeoutMS=_ANSWER_MS,
            socketTimeoutMS=2 * _ANSWER_MS,
            event_listeners=[self.told],
            **login,
        )

    @staticmethod
    def _wait_until_primary(client: MongoClient[dict[str, Any]]) -> None:
        from pymongo.errors import PyMongoError

        deadline = time.monotonic() + _START_SECONDS
        why = ""
        while time.monotonic() < deadline:
            # The first connections may be those of a server that is gone; and one that has just begun refuses many
            # things for a moment, a login with "No keys found for HMAC" among them.
            try:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return
            except PyMongoError as error:
                why = f": {str(error)[:200]}"
            time.sleep(0.005)
        raise NotStarted(f"it did not become primary within {_START_SECONDS:g} s{why}")

    def _new_database(self) -> None:
        assert self._client
        self.database, self._password = f"app_{secrets.token_hex(6)}", secrets.token_hex(16)
        self._client[self.database].command(
            "createUser", "app", pwd=self._password, roles=list(_ROLES), mechanisms=["SCRAM-SHA-256"]
        )

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return {self.port}

    @property
    def url(self) -> str:
        """For the program."""
        name = quote(self.database)
        return f"mongodb://app:{self._password}@127.0.0.1:{self.port}/{name}?authSource={name}"

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        return {"MONGODB_URI": self.url}

    def lacks(self, capability: str) -> str:
        """Nothing."""
        return ""

    @property
    def client(self) -> MongoClient[dict[str, Any]]:
        """A ``pymongo.MongoClient`` with every right."""
        assert self._client
        return self._client

    @property
    def log(self) -> Path:
        """The path of the server's own log."""
        return self._ground.folder / "mongo" / "mongod.log"

    @property
    def ended(self) -> bool:
        """Whether it has ended without our doing."""
        return self._server is not None and not self.stopped and self._server.ended is not None

    def empty(self, *, anew: bool) -> None:
        """A new database with a new user; the old ones go while others work. Raises ServiceLost."""
        from pymongo.errors import PyMongoError

        with self._lock:
            old = self.database
            try:
                if self.stopped or self.ended:
                    self.restart()
                self._new_database()
            except (ServiceLost, PyMongoError):
                self._rebuild()
            else:
                self._maid.submit(self._drop, old)

    def _drop(self, database: str) -> None:
        """Whoever still has a transaction open there must not keep us waiting."""
        from pymongo.errors import PyMongoError

        try:
            self.client.admin.command("killAllSessions", [{"user": "app", "db": database}])
            self.client[database].command("dropAllUsersFromDatabase")
            self.client.drop_database(database)
        except PyMongoError:
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
                self._wait_until_primary(self.client)
            except NotStarted as error:
                raise ServiceLost(f"MongoDB cannot be started again: {error}") from None

    def _rebuild(self) -> None:
        self.stop()
        assert self._candidate
        if self._client is not None:
            self._client.close()
        try:
            wait_until_free(self.port)
            self._start(self._candidate)
        except NotStarted as error:
            raise ServiceLost(f"MongoDB cannot be started again: {error}") from None

    def stop(self) -> None:
        """End it; connecting is refused until :meth:`restart`."""
        self.stopped = True
        if self._server:
            self._server.close()

    def close(self) -> None:
        """End it for good. Safe to call twice."""
        self.stop()
        self._maid.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()
