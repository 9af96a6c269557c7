"""S3 for one program: moto's server in a process of its own, with an empty bucket for each world.

moto keeps objects and answers like S3, and checks no signature: a presigned URL that has expired
or was tampered with is answered all the same, so a check about signatures must compute them itself.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import secrets
import sys
from importlib import metadata
from typing import Any

from grader.model import Provision, Service
from grader.services.failures import NotStarted, ServiceLost, ServiceMissing
from grader.services.places import remedy
from grader.services.server import Ground, Server, free_port, wait_until_free

REGION = "us-east-1"
_NEEDED = ("moto", "flask_cors", "boto3")
_BOOT = "import sys; from moto.server import main; main(sys.argv[1:])"
_START_SECONDS = 20.0
_ANSWER_SECONDS = 5.0
_MEMORY_MB = 768


class S3:
    """One server. ``client`` is a boto3 one."""

    service = Service.S3
    capabilities: tuple[str, ...] = ()

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._server: Server | None = None
        self.port = 0
        self.stopped = False
        self.bucket = ""
        self._key, self._secret = f"AKIA{secrets.token_hex(8).upper()}", secrets.token_hex(20)

    def start(self) -> Provision:
        """Start it; raises ServiceMissing where moto is not installed, or does not start."""
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise ServiceMissing(f"S3 is not to be had: {', '.join(missing)} not installed", remedy(self.service))
        self.port = free_port()
        try:
            self._run()
        except NotStarted as error:
            raise ServiceMissing(f"S3 is not to be had: moto's server does not start: {error}") from None
        return Provision(self.service, "embedded", f"moto {metadata.version('moto')}")

    def _run(self) -> None:
        folder = self._ground.plot("s3")
        words = [sys.executable, "-I", "-c", _BOOT, "-H", "127.0.0.1", "-p", str(self.port)]
        self._server = Server(self._ground, folder, words, memory_mb=_MEMORY_MB)
        try:
            self._server.wait_until_listening(self.port, _START_SECONDS)
            self._new_bucket()
        except (NotStarted, OSError) as error:
            self._server.close()
            raise NotStarted(str(error)) from None
        self.stopped = False

    def _new_bucket(self) -> None:
        self._ask("POST", "/moto-api/reset")
        self.bucket = f"bucket-{secrets.token_hex(6)}"
        self._ask("PUT", f"/{self.bucket}")

    def _ask(self, method: str, path: str) -> None:
        # moto knows the service that is meant by the region in here, and looks at nothing else of it.
        scope = f"Credential={self._key}/20200101/{REGION}/s3/aws4_request"
        told = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0", "Content-Length": "0"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, headers=told)
            answer = connection.getresponse()
            answer.read()
        if answer.status != http.client.OK:
            raise OSError(f"{method} {path} was answered {answer.status}")

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return {self.port}

    @property
    def url(self) -> str:
        """For the program."""
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        keys = {"AWS_ACCESS_KEY_ID": self._key, "AWS_SECRET_ACCESS_KEY": self._secret}
        return {"S3_ENDPOINT": self.url, "S3_BUCKET": self.bucket, "AWS_DEFAULT_REGION": REGION, **keys}

    def lacks(self, capability: str) -> str:
        """Nothing."""
        return ""

    def client(self) -> Any:
        """A ``boto3`` client."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self._key,
            aws_secret_access_key=self._secret,
            config=Config(connect_timeout=_ANSWER_SECONDS, read_timeout=_ANSWER_SECONDS, retries={"max_attempts": 1}),
        )

    @property
    def ended(self) -> bool:
        """Whether it has ended without our doing."""
        return self._server is not None and not self.stopped and self._server.ended is not None

    def empty(self, *, anew: bool) -> None:
        """No object, and a new bucket. Raises ServiceLost."""
        if anew or self.stopped or self.ended:
            self.restart()
            return
        try:
            self._new_bucket()
        except OSError:
            self.restart()

    def restart(self) -> None:
        """Another server on the same port, with nothing in it. Raises ServiceLost."""
        self.stop()
        try:
            wait_until_free(self.port)
            self._run()
        except NotStarted as error:
            raise ServiceLost(f"S3 cannot be started again: {error}") from None

    def stop(self) -> None:
        """End it; connecting is refused until :meth:`restart`."""
        self.stopped = True
        if self._server:
            self._server.close()

    close = stop
