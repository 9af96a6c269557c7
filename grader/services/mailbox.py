"""A mail server that keeps what it is sent, and can be slow, broken or gone when a check wants it so.

It runs in a thread of the judge's: what programs send is bounded in size and number, and read
by nobody before a check asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from importlib import metadata
from typing import Any

from grader.model import Provision, Service
from grader.services.failures import ServiceLost, ServiceMissing
from grader.services.server import free_port

LARGEST_MAIL = 1024 * 1024
MOST_MAILS = 1000
_MOST_RECIPIENTS = 100
_MOST_CONNECTIONS = 200
# All that programs may send before the box is emptied; aiosmtpd itself keeps a line without an end.
_MOST_BYTES = 96 * 1024 * 1024
_IDLE_SECONDS = 60.0
_SECONDS = 5.0


@dataclass(frozen=True)
class Mail:
    """One delivery: who it is from and for on the envelope, and what was sent, byte for byte.

    Reading it raises AssertionError in words where it is no mail that anybody could read.
    """

    sender: str
    to: tuple[str, ...]
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        with _readable():
            message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        """The subject, decoded; empty without one."""
        with _readable():
            return str(self.message.get("subject", ""))

    @property
    def text(self) -> str:
        """The plain text of it, or the HTML if there is no other; empty without either."""
        with _readable():
            part = self.message.get_body(("plain", "html"))
            return str(part.get_content()) if part else ""


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """What the parser stumbles over is the mail's fault: programs write the strangest ones."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise AssertionError(
            f"expected a mail that can be read, got one with {type(error).__name__}: {error}"
        ) from None


class Mailbox:
    """An SMTP server on 127.0.0.1 whose mails a check reads.

    ``delay`` is how many seconds it takes to accept a mail. ``refuse("451 try later")`` makes
    it answer so to every recipient, ``down()`` makes connecting fail, and ``normal()`` ends both.
    """

    service = Service.SMTP
    capabilities: tuple[str, ...] = ()
    stopped = False

    def __init__(self) -> None:
        self.delay = 0.0
        self.port = 0
        self.on_mail: Callable[[Mail], None] | None = None
        self._refusal = ""
        self._kept: list[Mail] = []
        self._received = 0
        self._open: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        self._listener: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Provision:
        """Begin to listen; raises ServiceMissing where aiosmtpd is not installed."""
        try:
            from aiosmtpd.smtp import SMTP  # noqa: F401 proved here, used for each connection
        except ImportError:
            raise ServiceMissing("the mail server is not to be had: aiosmtpd is not installed", "make learn") from None
        for name in ("mail.log", "asyncio"):
            # What programs do wrong, they are answered; nobody reads it here, and there may be much of it.
            logging.getLogger(name).disabled = True
        self.port = free_port()
        self._thread.start()
        self.up()
        return Provision(self.service, "embedded", f"aiosmtpd {metadata.version('aiosmtpd')}")

    @property
    def ports(self) -> set[int]:
        """Where it listens."""
        return {self.port}

    @property
    def url(self) -> str:
        """For the program."""
        return f"smtp://127.0.0.1:{self.port}"

    def lines(self) -> dict[str, str]:
        """What the program finds in its environment."""
        return {"SMTP_URL": self.url}

    def lacks(self, capability: str) -> str:
        """Nothing."""
        return ""

    @property
    def mails(self) -> list[Mail]:
        """Every mail so far, oldest first."""
        return list(self._kept)

    @property
    def messages(self) -> list[EmailMessage]:
        """Every message so far, parsed, oldest first."""
        return [mail.message for mail in self._kept]

    def to(self, address: str) -> list[Mail]:
        """The mails for one address, whatever its capitals."""
        wanted = address.casefold()
        return [mail for mail in self._kept if wanted in (one.casefold() for one in mail.to)]

    def refuse(self, answer: str) -> None:
        """Answer so to every recipient from now on: ``451 try later``, ``550 no such user``."""
        self._refusal = answer

    def accept(self) -> None:
        """Take mails again."""
        self._refusal = ""

    def down(self) -> None:
        """Close every connection and refuse new ones."""
        self._do(self._close())

    def up(self) -> None:
        """Listen again, on the same port."""
        if self._listener is None:
            self._do(self._listen())

    def normal(self) -> None:
        """Neither slow nor broken nor gone."""
        self.delay = 0.0
        self.accept()
        self.up()

    def empty(self, *, anew: bool) -> None:
        """No mail, no connection, and normal again."""
        self.down()
        self._kept.clear()
        self._received = 0
        self.normal()

    @property
    def ended(self) -> bool:
        """Never without our doing: it ends with the judge."""
        return False

    def restart(self) -> None:
        """There is nothing to start again."""

    def close(self) -> None:
        """End it. Safe to call twice."""
        if self._thread.is_alive():
            with contextlib.suppress(ServiceLost):
                self.down()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_SECONDS)

    # What follows runs in the thread of the server, besides _do.

    def _do(self, work: Any) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result(_SECONDS)
        except (OSError, TimeoutError) as error:
            raise ServiceLost(f"the mail server does not do as it is told: {error}") from None

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        from aiosmtpd.smtp import SMTP

        def connection() -> Any:
            return _bounded(SMTP)(
                self,
                data_size_limit=LARGEST_MAIL,
                enable_SMTPUTF8=True,
                hostname="mail.example",
                ident="ready",
                timeout=_IDLE_SECONDS,
                loop=self._loop,
            )

        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self._listener = await self._loop.create_server(connection, sock=listener)

    async def _close(self) -> None:
        if self._listener:
            self._listener.close()
            self._listener = None
        for transport in list(self._open):
            transport.abort()
        self._open.clear()

    def connected(self, transport: Any) -> bool:
        """Note a new connection; False if there are too many."""
        if len(self._open) >= _MOST_CONNECTIONS:
            return False
        self._open.add(transport)
        return True

    def lost(self, transport: Any) -> None:
        """Forget a connection."""
        self._open.discard(transport)

    def received(self, size: int) -> bool:
        """Note what has come; False if it was too much."""
        self._received += size
        return self._received <= _MOST_BYTES

    # The names of these are aiosmtpd's.

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Accept a recipient or refuse it."""
        if self._refusal:
            return self._refusal
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail."""
        if self.delay:
            await asyncio.sleep(self.delay)
        if len(self._kept) >= MOST_MAILS:
            return "452 the mailbox is full"
        mail = Mail(str(envelope.mail_from or ""), tuple(map(str, envelope.rcpt_tos)), bytes(envelope.content or b""))
        self._kept.append(mail)
        if self.on_mail:
            self.on_mail(mail)
        return "250 OK"


def _bounded(smtp: Any) -> Any:
    """The protocol of aiosmtpd with a limit on connections and on all that comes over them."""

    class Bounded(smtp):  # type: ignore[misc]
        def connection_made(self, transport: Any) -> None:
            if not self.event_handler.connected(transport):
                transport.write(b"421 too many connections\r\n")
                transport.close()
                return
            super().connection_made(transport)

        def data_received(self, data: bytes) -> None:
            if self.transport is None or not self.event_handler.received(len(data)):
                self._transport.abort()
                return
            super().data_received(data)

        def connection_lost(self, error: Exception | None) -> None:
            if self.transport is not None:
                self.event_handler.lost(self.transport)
                super().connection_lost(error)

    return Bounded
