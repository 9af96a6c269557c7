"""A secret that no program in a sandbox can know, and every place outside where it can be had.

The places are the ones a cheat would want: the checks, the solutions, somebody else's
submission, home, the judge's environment and memory, the services of this machine.
Everything listens on loopback only.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import secrets
import selectors
import shutil
import socket
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attacks.corpus import ARENAS, HERE

# add_key and keyctl, see keyctl(2) and asm/unistd.h.
_KEY_CALLS = {"x86_64": (248, 250), "aarch64": (217, 219)}
_SESSION = -3
_JOIN_SESSION = 1
_SHM_KEY = 0x67726E64
_IPC_CREAT = 0o1000
_IPC_RMID = 0


@dataclass(frozen=True)
class House:
    """What stands around the arena: ``root`` holds a course of its own, a home and more."""

    root: Path
    secret: str
    told: dict[str, Any]

    @property
    def temp(self) -> Path:
        """Where the graders keep their temporary files."""
        return self.root / "temp"


@contextlib.contextmanager
def house(root: Path) -> Iterator[House]:
    """Build everything in ``root`` and let it listen; all of it is gone afterwards."""
    secret = f"loot-{secrets.token_hex(16)}"
    for name in ("curriculum", "temp", "home", "others/somebody", "solutions/00-arena/functions/reference"):
        (root / name).mkdir(parents=True)
    hidden = [root / "home" / ".notes", root / "others" / "somebody" / "app.py"]
    hidden.append(root / "solutions" / "00-arena" / "functions" / "reference" / "app.py")
    for arena in ARENAS:
        checks = shutil.copytree(HERE / "arena" / arena, root / "exercises" / "00-arena" / arena) / "checks"
        hidden.append(checks / "bait" / "secret.txt")
        (checks / "bait").mkdir()
    for path in hidden:
        path.write_text(secret)
    packed = root / ".git" / "objects" / secret[5:7] / secret[7:]
    packed.parent.mkdir(parents=True)
    packed.write_bytes(zlib.compress(b"blob 37\0" + secret.encode()))
    with _listening(root, secret) as services, _shared_memory(secret) as segments:
        told: dict[str, Any] = {"files": [str(path) for path in hidden], "git": str(packed), "root": str(root)}
        told |= {"home": str(root / "home"), "pid": os.getpid()} | services | segments
        for arena in ARENAS:
            bait = root / "exercises" / "00-arena" / arena / "checks" / "bait"
            (bait / "told.json").write_text(json.dumps(told))
        for folder, _, names in os.walk(root):
            os.chmod(folder, 0o755)  # walls are under test, not modes
            for name in names:
                os.chmod(os.path.join(folder, name), 0o644)
        # A socket is reached by writing to it.
        os.chmod(services["unix"], 0o777)
        yield House(root, secret, told)


@contextlib.contextmanager
def _listening(root: Path, secret: str) -> Iterator[dict[str, Any]]:
    """Four services that tell the secret to whoever asks: TCP, UDP, and two sockets of this machine."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    path, abstract = str(root / "service"), f"arena-{secrets.token_hex(4)}"
    servers = [tcp, socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    for server, name in zip(servers[1:], (path, f"\0{abstract}"), strict=True):
        server.bind(name)
        server.listen()
    end, stop = socket.socketpair()

    def serve() -> None:
        with selectors.DefaultSelector() as selector:
            for server in (*servers, udp, end):
                selector.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is end:
                        return
                    if key.fileobj is udp:
                        udp.sendto(secret.encode(), udp.recvfrom(100)[1])
                        continue
                    assert isinstance(key.fileobj, socket.socket)
                    client, _ = key.fileobj.accept()
                    with client, contextlib.suppress(OSError):
                        client.sendall(secret.encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": path, "abstract": abstract}
    finally:
        stop.close()
        thread.join()
        for opened in (*servers, udp, end):
            opened.close()


@contextlib.contextmanager
def _shared_memory(secret: str) -> Iterator[dict[str, Any]]:
    """Two pieces of memory that this machine's programs share: one has a name, one a number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    named = Path("/dev/shm") / f"arena-{secrets.token_hex(4)}"
    named.write_text(secret)
    named.chmod(0o644)
    number = _SHM_KEY + os.getpid() % 10_000
    segment = libc.shmget(number, 64, _IPC_CREAT | 0o666)
    at = libc.shmat(segment, None, 0)
    ctypes.memmove(at, secret.encode(), len(secret))
    libc.shmdt(ctypes.c_void_p(at))
    try:
        yield {"named_memory": str(named), "numbered_memory": number}
    finally:
        named.unlink()
        libc.shmctl(segment, _IPC_RMID, None)


def carry(secret: str) -> list[object]:
    """Have the secret about this process, too: an open file, memory, a key; keep what is returned."""
    opened, writing = os.pipe()
    os.write(writing, secret.encode())
    for descriptor in (opened, writing):
        os.set_inheritable(descriptor, True)
    calls = _KEY_CALLS.get(platform.machine())
    if calls and sys.platform == "linux":
        add, control = calls
        libc = ctypes.CDLL(None)
        # A key ring of this process's own, so that what an attack adds ends with it.
        libc.syscall(control, _JOIN_SESSION, None)
        libc.syscall(add, b"user", b"arena-loot", secret.encode(), len(secret), _SESSION)
    return [opened, writing, bytearray(secret.encode())]
