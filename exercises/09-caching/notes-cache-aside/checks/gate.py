"""A gate in front of Redis: it holds back what a program asks, one request after another, for as long as a check likes.

It relays bytes and knows nothing of them but this: what comes after an answer is the next request.
"""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

# Made before any program runs: what begins to listen later could be taken for the program's own port.
_LISTENING = socket.create_server(("127.0.0.1", 0), backlog=64)
_PORT = _LISTENING.getsockname()[1]
_PATIENCE = 20
_CHUNK = 65536


class Gate:
    """Open at first. ``url`` is for a program that is to meet Redis behind it."""

    def __init__(self, url):
        place = urlsplit(url)
        self.url = place._replace(netloc=f"{place.netloc.rpartition(':')[0]}:{_PORT}").geturl()
        self._behind = place.port
        self._lock = threading.Lock()
        self._left = None
        self._stuck = threading.Event()
        self._way = threading.Event()
        self._sockets = set()
        self._ended = False
        self._doorman = threading.Thread(target=self._admit, daemon=True)
        self._doorman.start()

    def hold(self, number):
        """From now on let ``number - 1`` requests pass and keep back the rest."""
        with self._lock:
            self._left = number - 1
            self._stuck.clear()
            self._way.clear()

    @property
    def holds(self):
        """Whether a request stands before it."""
        return self._stuck.is_set()

    def open(self):
        """Let everything pass, also what stands before it."""
        with self._lock:
            self._left = None
            self._way.set()

    def close(self):
        """End every connection."""
        self._ended = True
        self.open()
        # Who waits for the next one wakes up; two of them at one door would take each other's guests.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", _PORT), 1).close()
        self._doorman.join()
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _admit(self):
        while True:
            program, _ = _LISTENING.accept()
            if self._ended:
                program.close()
                return
            threading.Thread(target=self._serve, args=(program,), daemon=True).start()

    def _serve(self, program):
        with contextlib.suppress(OSError), program:
            with socket.create_connection(("127.0.0.1", self._behind), _PATIENCE) as redis:
                redis.settimeout(None)
                with self._lock:
                    self._sockets |= {program, redis}
                answered = threading.Event()
                answered.set()
                back = threading.Thread(target=self._return, args=(redis, program, answered), daemon=True)
                back.start()
                while data := program.recv(_CHUNK):
                    if answered.is_set():
                        answered.clear()
                        self._pass()
                    redis.sendall(data)
                redis.shutdown(socket.SHUT_RDWR)
                back.join()

    def _return(self, redis, program, answered):
        with contextlib.suppress(OSError):
            while data := redis.recv(_CHUNK):
                answered.set()
                program.sendall(data)
        with contextlib.suppress(OSError):
            program.shutdown(socket.SHUT_RDWR)

    def _pass(self):
        """One request passes, now or when the gate opens."""
        with self._lock:
            if self._left is None:
                return
            if self._left > 0:
                self._left -= 1
                return
            self._stuck.set()
        self._way.wait(_PATIENCE)


@contextlib.contextmanager
def gate_to(redis):
    """A gate to the program's Redis; ``redis`` is the fixture."""
    gate = Gate(redis.server.url)
    try:
        yield gate
    finally:
        gate.close()
