"""The one road out of a network of one's own: to a server that the user has named, and to nothing else.

A process that stays behind in the machine's network. It is handed listening sockets that were
made inside, accepts there and connects here. It ends when the judge does. Standard library
only: as a script it is started before the judge knows anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys

_MOST_CONNECTIONS = 500
_CONNECT_SECONDS = 5.0
_CHUNK = 65536


def nowhere(host: str, port: int) -> int:
    """For whoever has named no server: there is none to be reached."""
    raise OSError(f"there is no road to {host}:{port}")


class Relay:
    """Our end of it. Start it before entering a namespace, and while there is one thread."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def reach(self, host: str, port: int) -> int:
        """The port of 127.0.0.1, in whatever network we are, by which ``host:port`` is reached from now on."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            order = json.dumps({"host": host, "port": port}).encode() + b"\n"
            socket.send_fds(self._control, [order], [listener.fileno()])
            local: int = listener.getsockname()[1]
        return local

    def close(self) -> None:
        """End it. Safe to call twice."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class _Roads:
    def __init__(self) -> None:
        self._open = 0
        self._listeners: list[asyncio.Server] = []

    async def take_orders(self, control: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            readable = loop.create_future()
            loop.add_reader(control, readable.set_result, None)
            await readable
            loop.remove_reader(control)
            data, descriptors, _, _ = socket.recv_fds(control, _CHUNK, 16)
            if not data:
                return
            for line, descriptor in zip(data.splitlines(), descriptors, strict=True):
                order = json.loads(line)
                listener = socket.socket(fileno=descriptor)
                listener.setblocking(False)
                self._listeners.append(await self._open_road(listener, order["host"], order["port"]))

    async def _open_road(self, listener: socket.socket, host: str, port: int) -> asyncio.Server:
        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._open >= _MOST_CONNECTIONS:
                writer.transport.abort()
                return
            self._open += 1
            try:
                there = await asyncio.wait_for(asyncio.open_connection(host, port), _CONNECT_SECONDS)
                await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))
            except (OSError, TimeoutError):
                writer.transport.abort()
            finally:
                self._open -= 1

        return await asyncio.start_server(carry, sock=listener)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, and that it has ended."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


def main() -> None:
    """Take orders from the descriptor in ``argv[1]`` until it closes."""
    asyncio.run(_Roads().take_orders(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    # Not ours alone: whatever still runs then is ended with us.
    try:
        main()
    finally:
        os._exit(0)
