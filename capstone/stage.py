"""The whole chat on one machine: a real mongod and a real Redis, instances of the app and workers.

``python capstone/stage.py`` runs it to play with (``make chat``); the tests and measurements use the same.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from grader.model import Service
from grader.services import ServiceFailure, Services

CAPSTONE = Path(__file__).resolve().parent
PORT = 8000
DEMO = (("ann", "Ann Archer"), ("bob", "Bob Baker"))
PASSWORD = "correct horse"
# Connections are kept longer than clients keep them, so that none is closed under a request on its way.
SERVING = ("--keep-alive", "75", "--limit-request-line", "8190", "--graceful-timeout", "1")
_STARTS_WITHIN = 20.0


@dataclass
class Instance:
    """One process of the program, web or worker."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def kill(self) -> None:
        """End it without a word, and with it the children that a server has."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Stage:
    """Databases, and what runs on them. ``environ`` is what every process finds in its environment."""

    environ: dict[str, str]
    services: Services
    folder: Path
    running: list[Instance] = field(default_factory=list)

    def web(self, *, port: int = 0, threads: int = 100, program: str = "chat.wsgi:app", **more: str) -> Instance:
        """One more instance, which answers."""
        port = port or free_port()
        command = [sys.executable, "-m", "gunicorn", "-w", "1", "--threads", str(threads), "-b", f"127.0.0.1:{port}"]
        instance = self._start("web", [*command, *SERVING, program], more)
        instance.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + _STARTS_WITHIN
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{instance.url}/healthz", timeout=5)
                return instance
            if instance.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the app did not start:\n{instance.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def worker(self) -> Instance:
        """One more worker."""
        return self._start("worker", [sys.executable, "-m", "chat.jobs.worker"], {})

    def _start(self, kind: str, command: list[str], more: dict[str, str]) -> Instance:
        log = self.folder / f"{kind}-{len(self.running)}.log"
        environ = os.environ | {"PYTHONPATH": str(CAPSTONE)} | self.environ | more
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=CAPSTONE, env=environ, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        instance = Instance(process, log)
        self.running.append(instance)
        return instance

    def close(self) -> None:
        """End everything."""
        for instance in self.running:
            if instance.process.poll() is None:
                instance.process.terminate()
        for instance in self.running:
            instance.stop()
        self.services.close()


@contextlib.contextmanager
def staged(**environ: str) -> Iterator[Stage]:
    """Databases of one's own, for as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        services = Services((Service.MONGO, Service.REDIS), Path(folder), confined=False)
        stage = Stage({}, services, Path(folder))
        try:
            own = {"SECRET_KEY": secrets.token_hex(32), "LOG_LEVEL": "INFO"}
            stage.environ = own | services.lines() | environ
            yield stage
        finally:
            stage.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    """Run it until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print("Starting a mongod and a Redis …", flush=True)
    try:
        with staged() as stage:
            port = int(os.environ.get("PORT", "0")) or (PORT if _is_free(PORT) else free_port())
            print("Starting the app and a worker …", flush=True)
            app = stage.web(port=port)
            stage.worker()
            _make_accounts(app.url)
            print(f"\n  The chat is at {app.url}/client/\n")
            print(f"  Two accounts: ann@example.org and bob@example.org, password: {PASSWORD}")
            print("  Open it in two windows, one of them private, and let them talk.")
            print(f"  The log is {app.log}. Ctrl-C ends everything and forgets what was said.\n", flush=True)
            while app.process.poll() is None:
                time.sleep(0.3)
            print(f"The app ended by itself:\n{app.log.read_text()[-3000:]}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print("\nEverything has ended.")
        return 0
    except ServiceFailure as error:
        print(f"✗ {error.what}\n  Next: {error.remedy or 'grader doctor'}", file=sys.stderr)
        return 1


def _make_accounts(url: str) -> None:
    """The two of the demonstration, who know each other."""
    ids, tokens = [], []
    for username, name in DEMO:
        account = {"email": f"{username}@example.org", "username": username, "name": name, "password": PASSWORD}
        made = httpx.post(f"{url}/api/v1/auth/register", json=account).raise_for_status().json()["data"]
        ids.append(made["user"]["id"])
        tokens.append(made["accessToken"])
    for known, token in zip(reversed(ids), tokens, strict=True):
        headers = {"Authorization": f"Bearer {token}"}
        httpx.put(f"{url}/api/v1/user/profile", json={"contacts": [known]}, headers=headers).raise_for_status()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    sys.exit(main())
