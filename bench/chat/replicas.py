"""Three mongods that are one replica set: when the first among them is killed, the others choose another."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from grader.model import Service
from grader.services.places import Sources, candidates
from stage import free_port

_SET = "rs0"
# Of one machine, so they notice sooner than the ten seconds that are usual between many.
_SETTINGS = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}
_WITHIN = 60.0


class ReplicaSet:
    """Their processes by port; ``uri`` names them all."""

    def __init__(self, folder: Path) -> None:
        found = candidates(Service.MONGO, Sources(os.environ["PATH"]))
        self._binary, self._folder = str(found[0].binary), folder
        self._processes = {}
        for _ in range(3):
            self._start(free_port())
        addresses = [f"127.0.0.1:{port}" for port in self._processes]
        self.uri = f"mongodb://{','.join(addresses)}/chat?replicaSet={_SET}"
        members = [{"_id": n, "host": address} for n, address in enumerate(addresses)]
        with MongoClient(addresses[0], directConnection=True) as client:
            self._initiate(client, {"_id": _SET, "members": members, "settings": _SETTINGS})
        self.client: MongoClient = MongoClient(self.uri)
        self.primary()

    def _initiate(self, client: MongoClient, configuration: dict) -> None:
        deadline = time.monotonic() + _WITHIN
        while True:
            try:
                client.admin.command("replSetInitiate", configuration)
                return
            except OperationFailure:  # Not all of them listen yet.
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def primary(self) -> int:
        """The port of the one that takes writes, once there is one."""
        deadline = time.monotonic() + _WITHIN
        while True:
            with contextlib.suppress(PyMongoError):
                self.client.admin.command("ping")
                if self.client.primary:
                    return self.client.primary[1]
            if time.monotonic() > deadline:
                raise TimeoutError("the replica set has no primary")
            time.sleep(0.1)

    def kill(self) -> int:
        """End the primary with SIGKILL; its port."""
        port = self.primary()
        self._processes[port].kill()
        self._processes[port].wait()
        return port

    def restart(self, port: int) -> None:
        """The same one with what it had on its disk."""
        self._start(port)

    def _start(self, port: int) -> None:
        data = self._folder / f"mongod-{port}"
        data.mkdir(exist_ok=True)
        words = [self._binary, "--port", str(port), "--dbpath", str(data), "--logpath", f"{data}/log", "--logappend"]
        words += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", _SET, "--wiredTigerCacheSizeGB", "0.25"]
        self._processes[port] = subprocess.Popen([*words, "--quiet"], stdout=subprocess.DEVNULL)

    def close(self) -> None:
        self.client.close()
        for process in self._processes.values():
            process.kill()
            process.wait()


@contextlib.contextmanager
def replica_set(folder: Path) -> Iterator[ReplicaSet]:
    started = ReplicaSet(folder)
    try:
        yield started
    finally:
        started.close()
