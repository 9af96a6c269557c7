"""Reading a Procfile: processes, variables, shells, and every broken line."""

from __future__ import annotations

import pytest

from grader.errors import LearnerError
from grader.model import Process
from grader.sandbox import procfile


def words(command: str, **env: str) -> list[str]:
    return procfile.argv(Process("web", command, 1), {"PORT": "5000", **env})[0]


def test_processes_are_read_in_order_with_their_lines() -> None:
    """Comments, blank lines, a byte-order mark and Windows line ends are no obstacle."""
    text = "\ufeff# start\r\nweb: flask run\r\n\r\nworker : rq worker  emails \r\n"
    assert procfile.parse(text) == (Process("web", "flask run", 2), Process("worker", "rq worker  emails", 4))


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "Procfile", "names no process"),
        ("# only a comment\n", "Procfile", "names no process"),
        ("\nflask run\n", "Procfile:2", "not 'name: command'"),
        ("web:\n", "Procfile:1", "not 'name: command'"),
        ("web: a\nweb: b\n", "Procfile:2", "twice"),
    ],
)
def test_a_broken_procfile_names_its_line(text: str, where: str, what: str) -> None:
    """Each mistake is a learner's move with a place and a next step."""
    with pytest.raises(LearnerError, match=what) as caught:
        procfile.parse(text)
    assert caught.value.where == where
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("flask run --port $PORT", ["flask", "run", "--port", "5000"]),
        ("app ${PORT} x${PORT}y", ["app", "5000", "x5000y"]),
        ("app ${HOST:-127.0.0.1}:$PORT", ["app", "127.0.0.1:5000"]),
        ("app $MISSING end", ["app", "", "end"]),
        ("app 'two words' \"$PORT\"", ["app", "two words", "5000"]),
        ("exec app", ["app"]),
        ("cd src && app", ["/bin/sh", "-c", "cd src && app"]),
        ("app > log.txt", ["/bin/sh", "-c", "app > log.txt"]),
        ("app $(date)", ["/bin/sh", "-c", "app $(date)"]),
        ('app "$(date)"', ["/bin/sh", "-c", 'app "$(date)"']),
        ("sh -c 'a; b && c > $PORT'", ["sh", "-c", "a; b && c > 5000"]),
        ('flask --app "app:create_app()" run', ["flask", "--app", "app:create_app()", "run"]),
    ],
)
def test_commands_become_words(command: str, expected: list[str]) -> None:
    """Variables are filled in; what needs a shell gets one."""
    assert words(command) == expected


def test_leading_assignments_go_to_the_environment() -> None:
    """``NAME=value command`` sets a variable for this process."""
    argv, env = procfile.argv(Process("web", "DEBUG=1 NAME='a b' app", 1), {"PATH": "/bin"})
    assert argv == ["app"]
    assert env == {"PATH": "/bin", "DEBUG": "1", "NAME": "a b"}


@pytest.mark.parametrize("command", ["app 'open", "DEBUG=1", "exec"])
def test_a_command_that_is_none_is_the_learners_move(command: str) -> None:
    """An open quote and a line without a command are refused with their line."""
    with pytest.raises(LearnerError) as caught:
        words(command)
    assert caught.value.where == "Procfile:1"
