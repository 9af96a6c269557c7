"""A program in any language is judged by the same checks."""

from __future__ import annotations

import shutil
import sys

import pytest

from grader.course import Course
from grader.grading import Options, collect, grade
from grader.model import Outcome
from tests.conftest import REPOSITORY, Mini


@pytest.mark.skipif(not shutil.which("node", path="/usr/bin:/bin"), reason="node is not installed in /usr/bin")
def test_the_notes_api_in_node_passes_every_check() -> None:
    """A plain Node.js server meets the contract as a Flask one does, inside the sandbox."""
    exercise = Course(REPOSITORY).exercise("notes-crud")
    report = grade(exercise, collect(exercise, REPOSITORY / "tests" / "data" / "notes-in-node"), Options("0"))
    assert [r.check.id for r in report.results if r.outcome is not Outcome.PASSED] == []
    assert report.isolation == ("sandbox" if sys.platform == "linux" else "process")


@pytest.mark.parametrize(
    "procfile",
    [
        "web: python app.py",
        "web: python3 -u app.py",
        "web: python -m app",
        "web: GREETING=x exec python app.py",
        "web: cd . && python app.py",
        "web: flask --app app run --port $PORT",
        "web: python -m flask --app app run --port $PORT",
        "web: gunicorn --bind 127.0.0.1:$PORT --log-level warning app:app",
        "web: sh start.sh",
    ],
)
def test_every_usual_way_to_start_python_works(mini: Mini, procfile: str) -> None:
    """Warm fork or cold start, script, module or console script: the verdict is the same."""
    from tests.conftest import _APP

    main = 'if __name__ == "__main__":\n    import os\n    app.run(port=int(os.environ["PORT"]))\n'
    mini.submit(app_py=_APP + main, Procfile=procfile + "\n", **{"start.sh": "exec python app.py\n"})
    assert mini.grade().passed
