"""What a fork does: take its limits, read its job from the channel, and do it.

Three kinds of job: ``command`` (a Procfile line), ``call`` (one function of the
learner's, by name) and ``probe`` (a script of the exercise's, inside the learner's
process). The last two answer on the channel with data, and wait for the next job.
"""

from __future__ import annotations

import asyncio.coroutines
import contextlib
import ctypes
import importlib
import io
import os
import random
import resource
import runpy
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType, ModuleType, TracebackType
from typing import Any

from grader import wire

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_LARGEST_FILE_WRITTEN = 64 * 1024 * 1024


def die_with_parent() -> None:
    """Have the kernel end this process with the one that started it, where the kernel can."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def hide(*, contained: bool) -> None:
    """Hide this process's memory from its own children."""
    if not contained:
        # In a sandbox the end of process 1 is the end of all.
        die_with_parent()
    _prctl(_PR_SET_DUMPABLE, 0)


def run(output: int, channel: int, settings: dict[str, Any]) -> int:
    """Do the job that comes down ``channel``; returns the exit code."""
    os.setsid()
    _prctl(_PR_SET_DUMPABLE, 1)
    # In a sandbox everything ends with process 1 anyway; elsewhere this is what ends us.
    die_with_parent()
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(output)
    sys.stdin = io.TextIOWrapper(open(0, "rb"))
    sys.stdout = _line_buffered(1)
    sys.stderr = _line_buffered(2)
    requests = open(channel, "rb", closefd=False)
    job = wire.decode(requests.readline())
    _limit(settings["limits"], contained=settings["contained"])
    _hide_ourselves()
    app = settings["writable"][0]
    os.chdir(app)
    os.environ.clear()
    os.environ.update(job["env"])
    # The C library read the time zone when we were warmed up.
    time.tzset()
    random.seed()
    sys.dont_write_bytecode = True
    if settings["trace"]:
        _tell_every_line(app)
    if job["kind"] == "command":
        requests.close()
        os.close(channel)
        return _command(job["argv"], settings["scripts"])
    sys.path.insert(0, app)
    with open(channel, "wb") as replies:
        while job:
            answer = _numbered(job["number"], _answer(job, app))
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
            replies.write(answer.encode() + b"\n")
            replies.flush()
            line = requests.readline()
            job = wire.decode(line) if line else None
    os._exit(0)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _line_buffered(descriptor: int) -> io.TextIOWrapper:
    raw = open(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _limit(limits: dict[str, int], *, contained: bool) -> None:
    wanted = [
        (resource.RLIMIT_CORE, 0),
        # Behind the wall clock, for what escapes it: several busy processes or threads.
        (resource.RLIMIT_CPU, limits["seconds"] + 2),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE_WRITTEN),
        (resource.RLIMIT_NOFILE, 1024),
        # DATA rather than AS: arenas and V8's heap reserve far more than they use.
        (resource.RLIMIT_DATA, limits["memory_mb"] * 1024 * 1024),
    ]
    if contained:
        # Outside a sandbox this would count every process the user has.
        wanted.append((resource.RLIMIT_NPROC, limits["processes"]))
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # At the hard limit for CPU comes SIGKILL; one second earlier, SIGXCPU says why.
        highest = lowered + 1 if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else lowered
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (lowered, highest))


def _hide_ourselves() -> None:
    """The learner's process should look like any: no module or path of the grader's."""
    for name in [name for name in sys.modules if name == "grader" or name.startswith("grader.")]:
        del sys.modules[name]
    sys.path[:] = [entry for entry in sys.path if not os.path.isdir(os.path.join(entry, "grader"))]


def _tell_every_line(app: str) -> None:
    """Say which lines of the learner's run, each once; the judge's Log knows these from output."""
    told: set[tuple[str, int]] = set()
    # Of our own: a program or a probe may point descriptor 2 somewhere else.
    log = os.dup(2)

    def line(frame: FrameType, event: str, _: object) -> Callable[..., Any]:
        place = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and place not in told:
            told.add(place)
            path = os.path.relpath(os.path.join(app, place[0]), app)
            os.write(log, f"\0ran {path}:{place[1]}\n".encode())
        return line

    def call(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        file = frame.f_code.co_filename
        ours = not file.startswith("<") and os.path.join(app, file).startswith(app + os.sep)
        return line(frame, "line", None) if ours else None

    threading.settrace(call)
    sys.settrace(call)


def _command(argv: list[str], scripts: str) -> int:
    program, *arguments = argv
    if os.path.basename(program) in ("python", "python3", f"python3.{sys.version_info.minor}"):
        while arguments and arguments[0] in ("-u", "-B"):
            arguments.pop(0)
        if arguments and arguments[0] == "-m" and len(arguments) > 1:
            module = arguments[1]
            sys.argv = arguments[1:]
            sys.path.insert(0, os.getcwd())
            return _python(lambda: runpy.run_module(module, run_name="__main__", alter_sys=True))
        if arguments and not arguments[0].startswith("-"):
            script = arguments[0]
            sys.argv = arguments
            sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
            return _python(lambda: runpy.run_path(script, run_name="__main__"))
    found = shutil.which(program)
    if found and os.path.dirname(found) == scripts and _is_python(found):
        sys.argv = [found, *arguments]
        sys.path.insert(0, scripts)
        return _python(lambda: runpy.run_path(found, run_name="__main__"))
    try:
        os.execvp(program, argv)
    except FileNotFoundError:
        print(f"{program}: command not found", file=sys.stderr)
        return 127
    except OSError as error:
        print(f"{program}: {error.strerror}", file=sys.stderr)
        return 126


def _is_python(script: str) -> bool:
    with open(script, "rb") as file:
        first, second = file.readline(200), file.readline(200)
    # Long interpreter paths make installers write a two-line /bin/sh prologue instead.
    return b"python" in first or (first.startswith(b"#!/bin/sh") and b"python" in second)


def _python(start: Callable[[], object]) -> int:
    try:
        start()
    except SystemExit:
        raise
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        traceback.print_exception(type(error), error, _without_ours(error.__traceback__))
        return 1
    return 0


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace and trace.tb_frame.f_code.co_filename in (__file__, runpy.__file__, "<frozen runpy>"):
        trace = trace.tb_next
    return trace


def _answer(job: dict[str, Any], app: str) -> dict[str, Any]:
    try:
        if job["kind"] == "call":
            function = _find(job["target"])
            if isinstance(function, str):
                return {"missing": function}
            result = function(*job["args"], **job["kwargs"])
        else:
            module = ModuleType("probe")
            exec(compile(job["source"], f"<probe {job['name']}>", "exec"), module.__dict__)
            result = module.probe(**job["data"])
        if asyncio.coroutines.iscoroutine(result):
            result = asyncio.run(result)
    except BaseException as error:
        return {"raised": _describe(error, app)}
    return {"value": result}


def _numbered(number: int, answer: dict[str, Any]) -> str:
    # The number comes first: the judge looks no further into an answer that is not meant.
    try:
        return wire.encode({"number": number} | answer)
    except (wire.NotDataError, ValueError, RecursionError) as error:
        return wire.encode({"number": number, "not_data": str(error)})


def _find(target: str) -> Any:
    """The function ``module:name`` means, or a sentence saying what is missing."""
    module_name, _, path = target.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        return f"there is no module {module_name} (a file {module_name}.py)"
    for name in path.split("."):
        if not hasattr(found, name):
            return f"{module_name}.py has no {name}"
        found = getattr(found, name)
    return found


def _describe(error: BaseException, app: str) -> dict[str, Any]:
    where = None
    trace = error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(app + os.sep):
            where = f"{os.path.relpath(file, app)}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(app):
        where = f"{os.path.relpath(error.filename or '', app)}:{error.lineno}"
    try:
        message = str.__str__(str(error))[:500]
    except BaseException:
        message = "(its message cannot be shown)"
    return {"type": type(error).__name__, "message": message, "where": where}
