"""A course folder for nbgrader: its configuration, and the instructor's version of labs."""

from __future__ import annotations

import json
from pathlib import Path

from grader.course import Course
from grader.errors import UsageError
from grader.model import Exercise
from grader.notebooks.build import instructors_notebook

CONFIG = "nbgrader_config.py"
_CONFIG = '''"""nbgrader's configuration for the labs of Groundup. Run nbgrader's commands in this folder."""

c = get_config()

c.CourseDirectory.course_id = "{name}"

# Where notebooks are handed out and handed in. It must exist, and everybody must be able to write to it:
# on a server for many, the default, /usr/local/share/nbgrader/exchange.
c.Exchange.root = "{exchange}"

# A cell that asks checks may call functions that take their time; one that hangs is ended.
c.ExecutePreprocessor.timeout = 60
c.ExecutePreprocessor.interrupt_on_timeout = True
c.ExecutePreprocessor.error_on_timeout = {{
    "ename": "CellTimeoutError",
    "evalue": "the cell ran longer than 60 s",
    "traceback": ["the cell ran longer than 60 s"],
}}
'''


def write(course: Course, folder: Path, labs: list[Exercise]) -> list[Path]:
    """Make or renew a course folder: what was written. An own configuration stays as it is.

    Raises UsageError for a folder that holds anything but such a course, or that learners are given.
    """
    if folder.exists() and not (folder / CONFIG).is_file() and any(folder.iterdir()):
        raise UsageError(
            "this folder holds other things than a course of nbgrader",
            where=str(folder),
            next_step="name a new folder",
        )
    written: list[Path] = []
    if not (folder / CONFIG).is_file():
        exchange = folder / "exchange"
        exchange.mkdir(parents=True, exist_ok=True)
        exchange.chmod(0o777)
        config = _CONFIG.format(name=folder.name, exchange=exchange.as_posix())
        (folder / CONFIG).write_text(config, encoding="utf-8")
        written.append(folder / CONFIG)
    for exercise in labs:
        path = folder / "source" / exercise.id / exercise.release.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(instructors_notebook(course, exercise), indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written
