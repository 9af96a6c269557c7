"""The Procfile: which processes a program has and how each starts. Reads, never runs.

The format is the one of the platforms learners will deploy on: ``name: command`` lines,
``#`` comments, ``$PORT`` and ``${PORT:-5000}`` from the environment.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from grader.errors import LearnerError
from grader.model import Process

_LINE = re.compile(r"([A-Za-z][\w-]*)\s*:\s*(.*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'[^']*'")
_DOUBLE_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_SHELL_ONLY = re.compile(r"[|&;<>`*?~(){}]")
_SUBSTITUTION = re.compile(r"\$\(|`")


def parse(text: str, path: str = "Procfile") -> tuple[Process, ...]:
    """Read the text of a Procfile; raises LearnerError with ``path:line``."""
    processes: list[Process] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match or not match[2]:
            raise LearnerError(
                f"this line is not 'name: command': {line[:80]}",
                where=f"{path}:{number}",
                next_step="write it like  web: python app.py",
            )
        name, command = match.groups()
        if any(process.name == name for process in processes):
            raise LearnerError(f"'{name}' is here twice", where=f"{path}:{number}", next_step="keep one of them")
        processes.append(Process(name, command, number))
    if not processes:
        raise LearnerError(
            "the Procfile names no process",
            where=path,
            next_step="add a line like  web: python app.py",
        )
    return tuple(processes)


def argv(process: Process, environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The words to execute and the environment to execute them in.

    A command that needs a shell (pipes, ``&&``, globs) is handed to ``/bin/sh``.
    Raises LearnerError when quotes do not close.
    """
    env = dict(environ)
    if _needs_a_shell(process.command):
        return ["/bin/sh", "-c", process.command], env
    try:
        words = shlex.split(process.command, comments=False)
    except ValueError as error:
        raise LearnerError(
            f"the command of '{process.name}' cannot be read: {str(error).lower()}",
            where=f"Procfile:{process.line}",
            next_step="close the quotes",
        ) from error
    words = [_VARIABLE.sub(lambda m: _value(m, env), word) for word in words]
    while words and (assignment := _ASSIGNMENT.fullmatch(words[0])):
        env[assignment[1]] = assignment[2]
        words.pop(0)
    if words and words[0] == "exec":
        words.pop(0)
    if not words:
        raise LearnerError(
            f"'{process.name}' has no command",
            where=f"Procfile:{process.line}",
            next_step="write it like  web: python app.py",
        )
    return words, env


def _needs_a_shell(command: str) -> bool:
    outside_single = _SINGLE_QUOTED.sub("", _VARIABLE.sub("", command))
    outside_quotes = _DOUBLE_QUOTED.sub("", outside_single)
    return bool(_SUBSTITUTION.search(outside_single) or _SHELL_ONLY.search(outside_quotes))


def _value(match: re.Match[str], env: Mapping[str, str]) -> str:
    name = match[1] or match[3]
    return env.get(name, match[2] or "")
