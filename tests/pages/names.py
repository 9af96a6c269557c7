"""How names are spelled in prose; code, targets of links and attributes may spell them as they must."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.markdown import Page
from tests.pages import Found

# What a name is → how it is written when one does not look; whole words, and case counts.
_WRONG = {
    "Groundup": r"GroundUp|Ground Up|groundup",
    "Flask": r"flask",
    "Flask-SocketIO": r"[Ff]lask-[Ss]ocket\.?io|flask-SocketIO|Flask-Socket\.IO|Flask SocketIO",
    "Socket.IO": r"(?<!Flask-)(?<!Flask )SocketIO|(?<!-)[Ss]ocket\.io|(?<!-)[Ss]ocketio|SocketIo|Socket IO",
    "WebSocket": r"[Ww]ebsockets?|[Ww]eb [Ss]ockets?",
    "PostgreSQL": r"[Pp]ostgres|PostgreSql|[Pp]ostgresql|PostGres",
    "MongoDB": r"MongoDb|[Mm]ongodb|Mongo DB",
    "Redis": r"redis|REDIS",
    "SQLite": r"S[Qq]lite|sqlite|SQLLite|Sqlite3",
    "Node.js": r"Node ?JS|Node\.JS|[Nn]odejs|NodeJs|node\.js",
    "JavaScript": r"Java[Ss]cript(?<!JavaScript)|javascript|Java Script",
    "TypeScript": r"Typescript|typescript",
    "Python": r"python",
    "GitHub": r"Github|github|Git Hub",
    "GitLab": r"Gitlab|gitlab",
    "Docker": r"docker",
    "Kubernetes": r"kubernetes",
    "Linux": r"linux",
    "macOS": r"MacOS|Mac OS|macos|OSX|OS X",
    "JupyterLab": r"Jupyter Lab|Jupyterlab|jupyterlab",
    "Jupyter": r"jupyter",
    "nbgrader": r"Nbgrader|NbGrader|NBGrader|NBgrader",
    "Gradescope": r"GradeScope|gradescope",
    "Moodle": r"moodle",
    "pytest": r"Pytest|PyTest|py\.test",
    "JSON": r"json|Json",
    "HTTP": r"http|Http",
    "HTTPS": r"https|Https",
    "HTML": r"html|Html",
    "SQL": r"sql|Sql",
    "URL": r"urls?|Urls?",
    "API": r"apis?|Apis?",
    "TOML": r"toml|Toml",
    "YAML": r"yaml|Yaml",
    "JWT": r"jwts?|Jwts?",
    "colour": r"[Cc]olor(?:s|ed)?",
    "behaviour": r"[Bb]ehaviors?",
    "licence": r"[Ll]icenses?",
    "favourite": r"[Ff]avorites?",
    "neighbour": r"[Nn]eighbors?",
    "centre": r"[Cc]enter(?:s|ed)?",
    "cancelled": r"[Cc]ancel(?:ed|ing)",
}
# A file (sqlite.py), a path, a mark (requires) or a part of a longer name is no name in prose.
_PATTERNS = {
    right: re.compile(rf"(?<![\w./@:_-])(?:{wrong})(?![\w/@_-]|\.\w|://|:\d)") for right, wrong in _WRONG.items()
}


def names(page: Page) -> Iterator[Found]:
    """Each name is spelled as its owners spell it."""
    for right, pattern in _PATTERNS.items():
        for line, wrong in page.matches(pattern):
            yield line, f"'{wrong[0]}' is written {right}"
