"""Servers that run already and were named by their URI: where they are, and what holds for all of them.

For one's own programs. A program is given a database that did not exist before, or of Redis
one that is empty; nothing else there is read or changed by us, and what was made is dropped
afterwards.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from grader.model import Service
from grader.services.failures import NotStarted, ServiceMissing
from grader.services.places import remedy
from grader.services.tiers import VARIABLES

# The port of 127.0.0.1 by which we and the program reach a host and a port.
Reach = Callable[[str, int], int]
OUTAGE = "it is a server of yours that other programs may need, and is not taken down"


@dataclass(frozen=True)
class Address:
    """A URI taken apart, and the port of 127.0.0.1 by which its server is reached."""

    parts: SplitResult
    port: int

    @property
    def user(self) -> str:
        """Decoded; empty without one."""
        return unquote(self.parts.username or "")

    @property
    def password(self) -> str:
        """Decoded; empty without one."""
        return unquote(self.parts.password or "")

    @property
    def login(self) -> str:
        """``user:password@``, encoded; empty without either."""
        return f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user or self.password else ""


def address(uri: str, schemes: tuple[str, ...], port: int, reach: Reach) -> Address:
    """Where a URI leads; raises NotStarted for what is not one server over plain TCP."""
    try:
        parts = urlsplit(uri)
        host, number = parts.hostname, parts.port or port
    except ValueError as error:
        raise NotStarted(f"it is no URI: {error}") from None
    if parts.scheme not in schemes:
        raise NotStarted(f"it begins with {parts.scheme}://, and only {' and '.join(schemes)}:// can be used here")
    if not host or "," in parts.netloc:
        raise NotStarted("it must name one host")
    if any(word in parts.query for word in ("tls=true", "ssl=true", "sslmode=require", "sslmode=verify")):
        raise NotStarted("it wants TLS, which ends at the host's own name; only plain TCP can be used here")
    return Address(parts, reach(host, number))


@contextlib.contextmanager
def said_of(service: Service) -> Iterator[None]:
    """NotStarted in the words for whoever has named the server."""
    try:
        yield
    except NotStarted as error:
        what = f"the server named by {VARIABLES[service]} cannot be used: {error}"
        raise ServiceMissing(what, remedy(service)) from None
