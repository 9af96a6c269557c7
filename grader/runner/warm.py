"""Which packages the learner's program will import, and importing them before the fork.

Reads import lines as text: parsing a stranger's file would be one more thing to attack.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import os
import re
import sys
import time

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
_LARGEST_FILE = 1_000_000
_MOST_READ = 4_000_000
# A submission may name whatever it likes: not more than this is done ahead for it.
_MOST_MODULES = 60
_MOST_SECONDS = 3.0
# Modules of the standard library that do something when they are imported.
_NEVER = {"antigravity", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle", "turtledemo", "__main__", "tests"}
# What the nursery imports for every sandbox to come, on the word of one submission: packages
# that the course is written with, and that do nothing to others by being imported.
_OF_THE_COURSE = {
    "alembic", "argon2", "bcrypt", "bson", "click", "engineio", "flask", "flask_jwt_extended", "flask_migrate",
    "flask_socketio", "flask_sqlalchemy", "gunicorn", "jinja2", "jwt", "marshmallow", "psycopg", "pymongo", "redis",
    "rq", "simple_websocket", "socketio", "sqlalchemy", "werkzeug",
}  # fmt: skip
# What the child itself needs, so that no fork pays for it.
_settled = [0]
_ALWAYS = ("runpy", "traceback", "importlib.util", "linecache", "tokenize", "encodings.idna")


def import_always() -> None:
    """Import what every child needs."""
    for module in _ALWAYS:
        importlib.import_module(module)


def import_packages(folder: str, scripts: str, *, trusted_only: bool = False) -> None:
    """Import everything ``folder`` names that is not ``folder``'s own.

    ``scripts`` is the interpreter's ``bin`` folder: a Procfile that says ``flask`` means
    the script of that name there, whose imports are wanted too. A package that cannot be
    imported is left for the learner's program to meet. With ``trusted_only`` only the
    standard library and packages of the course.
    """
    wanted = _wanted(folder, scripts) - set(sys.modules)
    if not wanted:
        return
    own = {name.removesuffix(".py") for name in os.listdir(folder)}
    there = (_OF_THE_COURSE | set(sys.stdlib_module_names)) if trusted_only else _installed()
    possible = [name for name in sorted(wanted) if name.partition(".")[0] in there - own]
    until = time.monotonic() + _MOST_SECONDS
    for module in possible[:_MOST_MODULES]:
        if _NEVER & set(module.split(".")) or time.monotonic() > until:
            continue
        try:
            importlib.import_module(module)
        # A package may do anything at import, exiting included; here it costs nothing.
        except BaseException:
            continue


def settle() -> None:
    """Set aside what was imported: what a collection in a fork touched, the fork would have to copy."""
    if len(sys.modules) > _settled[0]:
        _settled[0] = len(sys.modules)
        gc.collect()
        gc.freeze()


def remember_entry_points() -> None:
    """Answer once and for all which plugins are installed: nothing can be installed in here.

    ``flask run`` asks, and reads a file of every installed package to know.
    """
    found = importlib.metadata.entry_points()
    importlib.metadata.entry_points = found.select


def _installed() -> set[str]:
    """The first names of everything that can be imported and is not the learner's."""
    found = set(sys.stdlib_module_names)
    for folder in sys.path:
        if os.path.isdir(folder):
            found |= {name.partition(".")[0] for name in os.listdir(folder)}
    return found


def _wanted(folder: str, scripts: str) -> set[str]:
    modules: set[str] = set()
    read = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        for name in names:
            if name.endswith(".py") and read < _MOST_READ:
                source = _read(os.path.join(parent, name))
                read += len(source)
                modules |= _imports(source)
    for word in re.findall(r"[\w.-]+", _read(os.path.join(folder, "Procfile")).decode(errors="replace")):
        if os.path.isfile(os.path.join(scripts, word)) and not word.startswith("python"):
            modules |= _imports(_read(os.path.join(scripts, word)))
    return modules


def _imports(text: bytes) -> set[str]:
    found: set[str] = set()
    for source, names in _IMPORT.findall(text):
        for name in [source] if source else names.split(b","):
            words = name.split()
            if words and not words[0].startswith(b"."):
                found.add(words[0].decode("ascii", errors="ignore"))
    return found


def _read(path: str) -> bytes:
    # Between two submissions a file may be gone from one moment to the next.
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST_FILE)
    except OSError:
        return b""
