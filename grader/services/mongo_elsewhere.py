"""A database on somebody's MongoDB, for one program."""

from __future__ import annotations

import contextlib
import secrets
from urllib.parse import parse_qsl, quote

from grader.model import Provision
from grader.services.elsewhere import OUTAGE, Reach, address, said_of
from grader.services.failures import NotStarted, ServiceLost, ServiceMissing
from grader.services.mongo_server import Mongo
from grader.services.places import Sources
from grader.services.server import Ground


class MongoElsewhere(Mongo):
    """A new database on somebody's MongoDB, for the program with the rights of the URI's user."""

    def __init__(self, ground: Ground, sources: Sources, reach: Reach) -> None:
        super().__init__(ground, sources)
        self._reach = reach
        self._login = self._query = ""
        self._replicated = False

    def start(self) -> Provision:
        """Name a database; raises ServiceMissing."""
        from pymongo.errors import PyMongoError

        with said_of(self.service):
            place = address(self._sources.uris[self.service], ("mongodb",), 27017, self._reach)
            given = dict(parse_qsl(place.parts.query))
            source = given.get("authSource") or place.parts.path.strip("/") or "admin"
            self.port, self._login = place.port, place.login
            self._query = f"directConnection=true&authSource={quote(source)}"
            login = {"username": place.user, "password": place.password, "authSource": source} if place.user else {}
            try:
                self._client = self._connected(login)
                self._replicated = "setName" in self._client.admin.command("hello")
                version = str(self._client.server_info()["version"])
            except PyMongoError as error:
                raise NotStarted(str(error).partition(",")[0]) from None
            self._new_database()
        return Provision(self.service, "uri", version)

    def _new_database(self) -> None:
        self.database = f"groundup_{secrets.token_hex(6)}"

    @property
    def url(self) -> str:
        """For the program."""
        return f"mongodb://{self._login}127.0.0.1:{self.port}/{self.database}?{self._query}"

    def lacks(self, capability: str) -> str:
        """Why this server cannot do something, empty if it can."""
        match capability:
            case "transactions" if not self._replicated:
                return "your MongoDB is no replica set, and only one has transactions"
            case "commands":
                return "your MongoDB writes its log where nobody else can read it, so commands cannot be counted"
            case "connections":
                return "on your MongoDB the program is not told apart from others, so connections cannot be counted"
            case "outage":
                return OUTAGE
        return ""

    def _drop(self, database: str) -> None:
        from pymongo.errors import PyMongoError

        with contextlib.suppress(PyMongoError):
            self.client.drop_database(database)

    def restart(self) -> None:
        """It is not ours to start; raises ServiceLost."""
        raise ServiceLost("your MongoDB is not there any more")

    _rebuild = restart

    def stop(self) -> None:
        """It is not ours to stop."""
        raise ServiceMissing(f"MongoDB cannot be stopped: {OUTAGE}")

    def close(self) -> None:
        """Drop what was made and leave."""
        self._maid.shutdown(wait=True)
        if self._client is not None and self.database:
            self._drop(self.database)
            self._client.close()
        self.database = ""
