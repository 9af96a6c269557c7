"""A database of somebody's Redis, for one program."""

from __future__ import annotations

import contextlib
import secrets

from grader.model import Provision
from grader.services.elsewhere import OUTAGE, Reach, address, said_of
from grader.services.failures import NotStarted, ServiceLost, ServiceMissing
from grader.services.places import Sources
from grader.services.redis_server import NEWER_RULES, RULES, Redis, version_of
from grader.services.redis_wire import Refused, Wire
from grader.services.server import Ground

# Beside what no program may do: reach the other databases of the server.
_STAY_HERE = (
    "-flushall", "-move", "-copy", "-script", "+script|load", "+script|exists", "-select",
)  # fmt: skip


class RedisElsewhere(Redis):
    """A database of somebody's Redis in which there is nothing, and a user who cannot leave it."""

    def __init__(self, ground: Ground, sources: Sources, reach: Reach) -> None:
        super().__init__(ground, sources)
        self._reach = reach
        self._user = f"groundup-{secrets.token_hex(4)}"
        self._claim: Wire | None = None

    def start(self) -> Provision:
        """Find an empty database; raises ServiceMissing."""
        with said_of(self.service):
            place = address(self._sources.uris[self.service], ("redis",), 6379, self._reach)
            user = place.user or ("default" if place.password else "")
            self.port, self._login, self.db = place.port, (user, place.password), -1
            try:
                self._wire = self._open()
                self._version = version_of(self._wire)
                self.db = self._empty_database()
                self._let_in()
            except (OSError, Refused) as error:
                self.close()
                raise NotStarted(str(error)) from None
        return Provision(self.service, "uri", self._version)

    def _empty_database(self) -> int:
        assert self._wire
        self._claim = self._open()
        for number in range(16):
            try:
                self._wire.ask("SELECT", str(number))
            except Refused:
                break
            # Who listens to its name has it: a claim that ends with its owner and leaves nothing.
            name = f"groundup:{number}"
            self._claim.ask("SUBSCRIBE", name)
            if self._wire.ask("DBSIZE") == 0 and self._wire.ask("PUBSUB", "NUMSUB", name)[1] == 1:
                return number
            self._claim.ask("UNSUBSCRIBE", name)
        raise NotStarted("none of its databases is empty")

    def _let_in(self) -> None:
        assert self._wire
        rules = [rule for rule in RULES if rule not in ("+flushall", "+client|unblock")]
        rules += [*_STAY_HERE, f"+select|{self.db}", f">{self._passwords[0]}"]
        self._wire.ask("ACL", "SETUSER", self._user, *rules)
        for rule in (*NEWER_RULES, "-function", "-client|unblock"):
            with contextlib.suppress(Refused):
                self._wire.ask("ACL", "SETUSER", self._user, rule)

    @property
    def url(self) -> str:
        """For the program."""
        return f"redis://{self._user}:{self._passwords[0]}@127.0.0.1:{self.port}/{self.db}"

    def lacks(self, capability: str) -> str:
        """Why this server cannot do something, empty if it can."""
        return OUTAGE if capability == "outage" else super().lacks(capability)

    def empty(self, *, anew: bool) -> None:
        """No data in the one database, and nobody connected to it. Raises ServiceLost."""
        if self._client is not None:
            self._client.leave()
        try:
            self._flush()
        except (OSError, Refused):
            self.restart()

    def _flush(self) -> None:
        assert self._wire
        self._wire.ask("CLIENT", "KILL", "USER", self._user)
        self._wire.ask("FLUSHDB")

    def restart(self) -> None:
        """Connect again; raises ServiceLost."""
        try:
            self._wire = self._open()
            self._wire.ask("SELECT", str(self.db))
            self._flush()
        except (OSError, Refused) as error:
            raise ServiceLost(f"your Redis is not there any more: {error}") from None

    def stop(self) -> None:
        """It is not ours to stop."""
        raise ServiceMissing(f"Redis cannot be stopped: {OUTAGE}")

    def close(self) -> None:
        """Drop what was made and leave."""
        if self._client is not None:
            self._client.leave()
        with contextlib.suppress(OSError, Refused):
            if self._wire and self.db >= 0:
                self._flush()
                self._wire.ask("ACL", "DELUSER", self._user)
        for wire in (self._wire, self._claim):
            if wire:
                wire.close()
