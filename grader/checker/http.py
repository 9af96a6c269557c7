"""An httpx client that writes down every exchange and words every failure for a learner."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

import httpx

from grader.checker.transcript import Transcript, as_json, body, printable
from grader.checker.transport import Loopback, TooLarge
from grader.checker.world import World
from grader.sandbox import ProgramSilent, Running

ANSWER_SECONDS = 5.0
_LARGEST_JSON = 2 * 1024 * 1024
_NO_ANSWER = "a connection closed without an answer"


class Fields(dict[str, Any]):
    """A JSON object, a ``dict``, whose missing field is the learner's failure and not the check's."""

    def __missing__(self, key: str) -> NoReturn:
        raise AssertionError(f"expected a field {key!r} in {as_json(self)}")


class Answer(httpx.Response):
    """A response; ``object`` and ``array`` are its JSON body, or a failure in words."""

    def json(self, **_: Any) -> Any:
        """The body read as JSON, whatever the content type says."""
        # Of `{},` over and over, ten megabytes become half a gigabyte of dictionaries.
        if len(self.content) > _LARGEST_JSON:
            raise AssertionError(f"expected at most 2 MB of JSON, got {len(self.content)} bytes")
        try:
            return json.loads(self.content, object_pairs_hook=Fields)
        except (ValueError, RecursionError):
            raise AssertionError(f"expected a JSON body, got {printable(self.content) or 'an empty one'}") from None

    @property
    def object(self) -> Fields:
        """The body, which must be a JSON object."""
        value = self.json()
        assert isinstance(value, Fields), f"expected a JSON object, got {as_json(value)}"
        return value

    @property
    def array(self) -> list[Any]:
        """The body, which must be a JSON array."""
        value = self.json()
        assert isinstance(value, list), f"expected a JSON array, got {as_json(value)}"
        return value

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


class Client(httpx.Client):
    """Speaks to one process of the learner's, which has five seconds for each answer. Redirects are not followed."""

    def __init__(self, world: World, running: Running, transcript: Transcript) -> None:
        super().__init__(
            base_url=f"http://127.0.0.1:{running.port}",
            timeout=ANSWER_SECONDS,
            # No proxy of the machine's and no certificate store: this is loopback.
            trust_env=False,
            verify=False,
            transport=Loopback(running.port),
            headers={"accept-encoding": "identity", "user-agent": "grader"},
        )
        self._world = world
        self._running = running
        self._transcript = transcript

    def send(self, request: httpx.Request, **options: Any) -> Answer:
        """Send one request and read the whole answer; ``get``, ``post`` and all the others end here."""
        number = self._transcript.sent(_request_line(request))
        options["stream"] = True
        try:
            response = super().send(request, **options)
            # As it came: what a program says is packed may unpack to a thousand times as much.
            content = b"".join(response.iter_raw())
        except httpx.TimeoutException:
            self._lost(number, f"no answer within {ANSWER_SECONDS:g} s", ProgramSilent)
        except httpx.ProtocolError as error:
            # h11's words for a connection that closed before the first byte.
            nothing = "without sending a response" in str(error)
            self._lost(number, _NO_ANSWER if nothing else f"an answer that is not HTTP: {error}", AssertionError)
        except TooLarge:
            self._lost(number, "one of more than 10 MB", AssertionError)
        except httpx.TransportError:
            self._lost(number, _NO_ANSWER, AssertionError)
        answer = Answer(
            response.status_code,
            headers=[
                (k, v) for k, v in response.headers.raw if k.lower() not in (b"content-encoding", b"transfer-encoding")
            ],
            content=content,
            request=request,
            extensions=response.extensions,
        )
        answer.headers = response.headers
        self._transcript.received(number, _answer_line(answer))
        return answer

    def _lost(self, number: int, what: str, kind: Callable[[str], Exception]) -> NoReturn:
        # A program that died shows as a closed connection a moment before it is reaped.
        ending = self._running.wait(0.3)
        self._transcript.received(number, what)
        if ending:
            raise self._world.death(self._running, ending, "instead of answering") from None
        raise kind(f"expected an answer, got {what}") from None


def _request_line(request: httpx.Request) -> str:
    path = printable(request.url.raw_path)
    return f"{request.method} {path}" + (f" {body(request.content)}" if request.content else "")


def _answer_line(answer: httpx.Response) -> str:
    return str(answer.status_code) + (f" {body(answer.content)}" if answer.content else "")
