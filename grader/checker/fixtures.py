"""The fixtures that checks are written with; every one of them is in the author guide."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.checker.http import Client
from grader.checker.patience import eventually as _eventually
from grader.checker.patience import race as _race
from grader.checker.plugin import CheckPlugin
from grader.checker.rng import Rng
from grader.checker.tcp import ANSWER_SECONDS, Connection
from grader.checker.transcript import as_json, printable
from grader.sandbox import ProgramDied, Running
from grader.sandbox.answers import describe
from grader.sandbox.process import Ending

if TYPE_CHECKING:
    from grader.checker.sockets import Sockets


@dataclass(frozen=True)
class Finished:
    """A command that has ended: its exit code, or minus the signal that killed it, and what it printed."""

    code: int
    lines: list[str]

    @property
    def text(self) -> str:
        """All that it printed."""
        return "\n".join(self.lines)


class Program:
    """Starts and ends the learner's processes by their names in the Procfile."""

    def __init__(self, plugin: CheckPlugin) -> None:
        self._plugin = plugin
        self._clients: list[Client] = []

    def start(self, name: str = "web", *, env: Mapping[str, str] | None = None, listens: bool = True) -> Running:
        """Start one more instance, with ``env`` added to its environment."""
        settings = " ".join(f"{key}={value}" for key, value in (env or {}).items())
        number = self._plugin.transcript.sent(f"start {name} {settings}".strip())
        running = self._plugin.world.start(name, env or {}, listens=listens)
        self._plugin.transcript.received(number, "it listens" if listens else "it runs")
        return running

    def run(self, command: str, *, env: Mapping[str, str] | None = None, within: float = 20.0) -> Finished:
        """Run a command line to its end, as the program's own: ``flask --app app db downgrade``."""
        number = self._plugin.transcript.sent(f"run {command}")
        running = self._plugin.world.run(command, env or {}, within)
        ending = running.ended or Ending()
        self._plugin.transcript.received(number, describe(ending))
        code = ending.code if ending.signal is None else -ending.signal
        return Finished(-1 if code is None else code, list(running.lines))

    def http(self, running: Running) -> Client:
        """A client for an instance that this check started."""
        client = Client(self._plugin.world, running, self._plugin.transcript)
        self._clients.append(client)
        return client

    def stop(self, running: Running, *, number: int = signal.SIGTERM, within: float = 3.0) -> Ending:
        """Send a signal and wait for the end; AssertionError if there is none in time."""
        running.signal(number)
        ending = running.wait(within)
        assert ending, (
            f"expected the program to end within {within:g} s of {signal.Signals(number).name}, it still runs"
        )
        return ending

    def printed(self) -> list[str]:
        """What the shared web process has printed since this check began."""
        return self._plugin.world.printed()

    def close(self) -> None:
        """Close the clients; the processes end with the check."""
        for client in self._clients:
            client.close()


class Call:
    """Runs functions of the learner's, in a process that waits for the next call."""

    def __init__(self, plugin: CheckPlugin) -> None:
        self._plugin = plugin

    def __call__(self, target: str, *args: Any, **kwargs: Any) -> Any:
        """Run ``module:function``, a coroutine to its end, in a process that the calls share; its answer.

        What it raises arrives as Raised; NotData where there is no such function or its answer is no data,
        ProgramSilent after five seconds, ProgramDied if it ends the process.
        """
        shown = ", ".join([*map(as_json, args), *(f"{key}={as_json(value)}" for key, value in kwargs.items())])
        number = self._plugin.transcript.sent(f"{target.partition(':')[2]}({shown})")
        try:
            value = self._plugin.world.sandbox.call(target, list(args), kwargs)
        except Exception as error:
            self._plugin.transcript.received(number, printable(str(error), 300))
            raise
        self._plugin.transcript.received(number, as_json(value))
        return value


@pytest.fixture
def _plugin(pytestconfig: pytest.Config) -> CheckPlugin:
    plugin = pytestconfig.pluginmanager.get_plugin("groundup-checks")
    assert isinstance(plugin, CheckPlugin)
    return plugin


@pytest.fixture
def http(_plugin: CheckPlugin) -> Iterator[Client]:
    """An httpx client of the learner's shared ``web`` process; ``http.get("/notes")`` gives an answer."""
    with Client(_plugin.world, _plugin.world.web(), _plugin.transcript) as client:
        yield client


@pytest.fixture
def program(_plugin: CheckPlugin) -> Iterator[Program]:
    """Start, signal and stop any process of the Procfile; read what it prints."""
    program = Program(_plugin)
    yield program
    program.close()


@pytest.fixture
def connect(_plugin: CheckPlugin) -> Iterator[Callable[..., Connection]]:
    """Open a raw TCP connection to the learner's shared ``web`` process; each read may take ``seconds``."""
    opened: list[Connection] = []

    def connect(seconds: float = ANSWER_SECONDS) -> Connection:
        running = _plugin.world.web()
        try:
            connection = Connection(running.port, _plugin.transcript, seconds)
        except OSError as error:
            ending = running.wait(0.3)
            if ending:
                raise _plugin.world.death(running, ending, "instead of accepting a connection") from None
            raise ProgramDied(f"your program accepts no connection: {error.strerror}") from None
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def socketio(_plugin: CheckPlugin) -> Iterator[Sockets]:
    """Open Socket.IO connections to the learner's ``web``, as many as the check wants."""
    # A third of a second of imports, for the exercises that are about it.
    from grader.checker.sockets import Sockets

    sockets = Sockets(_plugin.world, _plugin.transcript)
    yield sockets
    sockets.close()


@pytest.fixture
def call(_plugin: CheckPlugin) -> Call:
    """Call a function of the learner's in the sandbox, ``call("bank:transfer", 20)``; only data crosses."""
    return Call(_plugin)


@pytest.fixture
def probe(_plugin: CheckPlugin, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Run the function ``probe`` of ``checks/probes/<name>.py`` in a process of the learner's; its answer, data only.

    For what only the same process can do: hand over callbacks, walk through generators, look at a module. Every
    assertion stays in the check, because whatever runs there may lie.
    """

    def probe(name: str, **data: Any) -> Any:
        source = (request.path.parent / "probes" / f"{name}.py").read_text(encoding="utf-8")
        return _plugin.world.sandbox.probe(name, source, data)

    return probe


@pytest.fixture
def files(_plugin: CheckPlugin) -> Path:
    """The folder with the learner's files, as handed in; never run here, only read."""
    return _plugin.world.submission


@pytest.fixture
def rng(_plugin: CheckPlugin, request: pytest.FixtureRequest) -> Rng:
    """Random data, other in every run and every check, which ``--seed`` repeats."""
    return Rng(_plugin.order.seed, request.node.name)


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Wait for a claim to hold, without sleeping: ``eventually(lambda: mail.to(address))``."""
    return _eventually


@pytest.fixture
def race() -> Callable[..., Any]:
    """Do something several times at once: ``race(8, lambda number: http.post("/notes", json=notes[number]))``."""
    return _race
