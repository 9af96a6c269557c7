"""nginx as ``deploy/nginx.conf`` says, but for its addresses, in front of two instances on this machine."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stage import CAPSTONE, free_port

CONF = CAPSTONE / "deploy" / "nginx.conf"
_BODIES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_STARTS_WITHIN = 10.0


@dataclass(frozen=True)
class Front:
    """A running nginx."""

    url: str
    log: Path


def find_nginx() -> str | None:
    """Its path; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextlib.contextmanager
def in_front(urls: Sequence[str], folder: Path, changes: Mapping[str, str] | None = None) -> Iterator[Front]:
    """Serve two instances as one. ``changes`` replaces more of the configuration, old by new."""
    binary = find_nginx()
    if binary is None:
        raise FileNotFoundError("there is no nginx: apt-get install nginx")
    port = free_port()
    one, other = (url.removeprefix("http://") for url in urls)
    replaced = {
        "app-1:8000": one,
        "app-2:8000": other,
        "listen 8080": f"listen 127.0.0.1:{port}",
        "/tmp/nginx.pid": f"{folder}/pid",
        "access_log /dev/stdout": f"access_log {folder}/access.log",
        "http {\n": "http {\n" + "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in _BODIES),
        **(changes or {}),
    }
    text = CONF.read_text(encoding="utf-8")
    for old, new in replaced.items():
        if old not in text:
            raise ValueError(f"{old!r} is not in {CONF}")
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    words = [binary, "-e", f"{folder}/error.log", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    subprocess.run([*words, "-t", "-q"], check=True)
    # It tells of each connection that a killed instance had.
    with (folder / "stderr.log").open("wb") as told:
        process = subprocess.Popen([*words, "-g", "daemon off;"], stderr=told)
    try:
        deadline = time.monotonic() + _STARTS_WITHIN
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if time.monotonic() > deadline:
                raise TimeoutError("nginx does not listen")
            time.sleep(0.02)
        yield Front(f"http://127.0.0.1:{port}", folder / "access.log")
    finally:
        process.terminate()
        process.wait(10)
