"""The services of one judgement: started side by side at once, awaited when needed, emptied between programs.

Each starts in a thread of its own while the judge still imports what it needs. Whoever
asks for one waits for it, and hears in words why it is not there.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from grader.model import Provision, Service
from grader.services.elsewhere import Reach
from grader.services.failures import NotNamed, ServiceFailure, ServiceLost, ServiceMissing
from grader.services.mailbox import Mailbox
from grader.services.mongo_elsewhere import MongoElsewhere
from grader.services.mongo_server import Mongo
from grader.services.places import Sources
from grader.services.postgres_elsewhere import PostgresElsewhere
from grader.services.postgres_server import Postgres
from grader.services.redis_elsewhere import RedisElsewhere
from grader.services.redis_server import Redis
from grader.services.relay import nowhere
from grader.services.s3_server import S3
from grader.services.server import Ground
from grader.services.sqlite_file import SqliteFile
from grader.services.tiers import TITLES

# From the beginning to the last candidate of the slowest service, on a machine with too much to do.
_READY_SECONDS = 25.0
_END_SECONDS = 5.0
# Each gives DATABASE_URL. The first one named does; another is for checks that ask for it by name, and
# where it is missing nobody else notices.
_RELATIONAL = (Service.SQLITE, Service.POSTGRES)


class Resident(Protocol):
    """What every service can do. All but ``start`` may be called only after it has returned."""

    service: Service
    # What a check may ask for by ``requires``; :meth:`lacks` says whether it is there.
    capabilities: tuple[str, ...]
    # Whether a check has stopped it, as in a test of what a program does without it.
    stopped: bool

    def start(self) -> Provision:
        """Begin to serve; raises ServiceMissing."""

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""

    def lacks(self, capability: str) -> str:
        """Why it cannot do something, empty if it can."""

    def empty(self, *, anew: bool) -> None:
        """Forget what programs left, for the same submission or, ``anew``, for a stranger's; raises ServiceLost."""

    def restart(self) -> None:
        """Serve again after having ended; raises ServiceLost."""

    @property
    def ended(self) -> bool:
        """Whether it has ended without our doing."""

    @property
    def ports(self) -> set[int]:
        """Where it listens."""

    def close(self) -> None:
        """End it. Safe to call twice."""


class _Starting:
    """One service on its way up."""

    def __init__(self, residents: list[Resident], tell: Callable[[Provision], None]) -> None:
        self.resident = residents[0]
        self._residents = residents
        self.failure: ServiceFailure | None = None
        self.dirty = False
        self._tell = tell
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        failures: list[ServiceFailure] = []
        service = self.resident.service
        for resident in self._residents:
            self.resident = resident
            try:
                provision = resident.start()
            except ServiceFailure as error:
                failures.append(error)
            except Exception as error:  # noqa: BLE001 whatever it is, the learner is not to blame
                words = f"{TITLES[service]} cannot be started: {type(error).__name__}: {error}"
                failures.append(ServiceMissing(words))
            else:
                # What was wished for and not to be had is worth a line.
                notes = [failure.what for failure in failures] + ([provision.note] if provision.note else [])
                self._tell(replace(provision, note="; ".join(notes)))
                return
        self.failure = ServiceMissing("; ".join(failure.what for failure in failures), failures[-1].remedy)
        self._tell(Provision(service, "missing", note=self.failure.what, remedy=self.failure.remedy))

    def end(self) -> None:
        """End the service; one on its way up is ended when it has arrived."""
        self._thread.join(_END_SECONDS)
        self.resident.close()

    def wait(self, deadline: float) -> Resident:
        """The service, once it serves; raises ServiceMissing."""
        self._thread.join(max(deadline - time.monotonic(), 0))
        if self._thread.is_alive():
            raise ServiceMissing(f"{TITLES[self.resident.service]} did not start within {_READY_SECONDS:g} s")
        if self.failure:
            raise self.failure
        return self.resident


class Services:
    """Every service that an exercise names, in that order.

    ``beside`` is a folder in which theirs is made; whoever removes that removes theirs.
    ``confined`` says that we are in a namespace of our own and that bubblewrap works, and
    ``reach`` how the machine's network is reached from there.
    ``tell`` hears what each is judged with, from a thread, as soon as it is known.
    """

    def __init__(
        self,
        names: Iterable[Service],
        beside: Path,
        *,
        confined: bool,
        sources: Sources | None = None,
        reach: Reach = nowhere,
        tell: Callable[[Provision], None] = lambda _: None,
    ) -> None:
        self.names = tuple(names)
        self._beside = beside
        self._sources = sources or Sources()
        self._reach = reach
        self._tell = tell
        self._deadline = time.monotonic() + _READY_SECONDS
        self._ground: Ground | None = None
        self._starting: dict[Service, _Starting] = {}
        if self.names:
            # Of its own name, so that two at once in one folder do not meet.
            folder = Path(tempfile.mkdtemp(prefix="services-", dir=beside))
            folder.rmdir()
            self._ground = Ground.prepare(folder, confined=confined)
        for name in self.names:
            self._starting[name] = _Starting(self._make(name), tell)

    def _make(self, name: Service) -> list[Resident]:
        """What may provide a service, in the order of trying."""
        assert self._ground
        here = (self._ground, self._sources)
        named = name.value in self._sources.uris
        match name:
            case Service.REDIS:
                return [*([RedisElsewhere(*here, self._reach)] if named else []), Redis(*here)]
            case Service.MONGO:
                return [*([MongoElsewhere(*here, self._reach)] if named else []), Mongo(*here)]
            case Service.POSTGRES:
                return [*([PostgresElsewhere(*here, self._reach)] if named else []), Postgres(*here)]
            case Service.SMTP:
                return [Mailbox()]
            case Service.SQLITE:
                return [SqliteFile(self._ground.folder)]
            case Service.S3:
                return [S3(self._ground)]

    def without_walls(self) -> Services:
        """The same without bubblewrap, where it turned out not to work."""
        self.close()
        sources, reach, tell = self._sources, self._reach, self._tell
        return Services(self.names, self._beside, confined=False, sources=sources, reach=reach, tell=tell)

    def place(self, app: str, copy_out: Callable[[str, int], bytes | None]) -> None:
        """Say where the program's folder is, as it sees it, and who gives out the content of a file there."""
        for starting in self._starting.values():
            if isinstance(starting.resident, SqliteFile):
                starting.resident.place(app, copy_out)

    def wait(self) -> None:
        """Block until each serves or is known not to."""
        for starting in self._starting.values():
            with contextlib.suppress(ServiceFailure):
                starting.wait(self._deadline)

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment; the first that gives a variable gives it.

        Raises ServiceMissing if one of them is not to be had. What reads this may change data.
        """
        others = [name for name in self.names if name in _RELATIONAL][1:]
        lines: dict[str, str] = {}
        for name in self.names:
            if name not in others:
                lines = self.of(name).lines() | lines
        return lines

    def of(self, name: Service) -> Resident:
        """One service, once it serves. Raises ServiceMissing, and NotNamed if the exercise does not name it."""
        starting = self._starting.get(name)
        if starting is None:
            raise NotNamed(f'the check uses {name}, which the exercise does not name: services = ["{name}"]')
        resident = starting.wait(self._deadline)
        starting.dirty = True
        return resident

    def lacks(self, capability: str) -> str:
        """Why ``service.capability`` is not to be had, empty if it is; raises NotNamed for what nobody knows."""
        service, _, what = capability.partition(".")
        if service not in list(Service):
            raise NotNamed(f"there is no service '{service}' to require")
        try:
            resident = self.of(Service(service))
        except ServiceMissing as error:
            return str(error)
        if what and what not in resident.capabilities:
            raise NotNamed(f"'{service}' has no capability '{what}', only {', '.join(resident.capabilities) or 'none'}")
        return resident.lacks(what) if what else ""

    def empty(self, *, anew: bool) -> None:
        """Nothing of what programs or checks left remains."""
        for starting in self._serving():
            if starting.dirty or anew:
                starting.dirty = False
                try:
                    starting.resident.empty(anew=anew)
                except ServiceLost as error:
                    # Said to whoever asks for it next.
                    starting.failure = error

    @property
    def stopped(self) -> bool:
        """Whether a check has stopped one and left it so."""
        return any(starting.resident.stopped for starting in self._starting.values())

    def revive(self, silent: Iterable[Service] = ()) -> list[Service]:
        """Start again what has ended without our doing or is ``silent``, and say what it was."""
        lost = set(silent)
        ended = [one for one in self._serving() if one.resident.ended or one.resident.service in lost]
        for starting in ended:
            try:
                try:
                    starting.resident.restart()
                except ServiceLost:
                    # What it held cannot be read any more: one that holds nothing is better than none.
                    starting.resident.empty(anew=True)
            except ServiceLost as error:
                starting.failure = error
        return [starting.resident.service for starting in ended]

    @property
    def ports(self) -> set[int]:
        """Where all of them listen."""
        return {port for starting in self._starting.values() for port in starting.resident.ports}

    def close(self) -> None:
        """End them all. Safe to call twice."""
        for starting in self._starting.values():
            starting.end()
        if self._ground:
            self._ground.clear_away()

    def _serving(self) -> list[_Starting]:
        """Those that have begun to serve; one that is still on its way up is awaited."""
        found: list[_Starting] = []
        for starting in self._starting.values():
            with contextlib.suppress(ServiceFailure):
                starting.wait(self._deadline)
                found.append(starting)
        return found
