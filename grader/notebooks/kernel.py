"""What a lab's notebook imports: its checks, asked in its own process, and the servers it plays with.

For the learner's eyes, and for nbgrader, which runs notebooks to mark them. The marks of the course are
made from outside (``grader.grading``), where nothing of this is believed.
"""

from __future__ import annotations

import atexit
import json
import os
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.checker.world import World
    from grader.model import CheckResult
    from grader.services import Services

_WIDTH = 88


class NotYet(AssertionError):
    """Some check of a task does not pass; the report above says which. Shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"Not yet: {self}"]


class Lab:
    """One lab, by its id: ``Lab("fundamentals-lab")``. Raises UsageError where the course has none of that id."""

    def __init__(self, name: str) -> None:
        from grader.course import Course

        self._course = Course.find(Path.cwd())
        self._exercise = self._course.exercise(name)
        if not self._exercise.lab:
            raise UsageError(f"'{name}' is not a lab", next_step=f"grader check {name}")

    def url(self, service: str) -> str:
        """The address of a server of this notebook's own, empty when the kernel starts and gone when it ends."""
        from grader.model import Service

        (address,) = self._services.of(Service(service)).lines().values()
        return address

    def check(self, task: int) -> int | None:
        """Ask the checks of a task about what the cells above have defined, and show the report.

        Gives nothing if all pass, and the points of those that do if only some do: nbgrader reads it so.
        Raises NotYet if none does.
        """
        from grader.grading import new_seed
        from grader.model import Outcome, Report
        from grader.render import style, text

        wanted = tuple(check for check in self._exercise.checks if check.task == task)
        if not wanted:
            tasks = sorted({check.task for check in self._exercise.checks})
            raise UsageError(f"there is no task {task}; tasks are {', '.join(map(str, tasks))}")
        started = time.monotonic()
        seed = new_seed()
        report = Report(
            exercise=self._exercise,
            folder=Path.cwd(),
            seed=seed,
            isolation="process",
            results=self._judge(seed, [check.function for check in wanted]),
            seconds=time.monotonic() - started,
            partial=True,
        )
        print(text.report(report, style.Style(_WIDTH, colour=True), folder=".", command="grader"))  # noqa: T201 a cell's answer
        if report.passed:
            return None
        if report.points:
            return report.points
        missing = sum(result.outcome is not Outcome.PASSED for result in report.results)
        raise NotYet(f"{missing} of {len(wanted)} checks of task {task} do not pass")

    def _judge(self, seed: str, functions: list[str]) -> tuple[CheckResult, ...]:
        from grader.checker import run
        from grader.grading import result_of
        from grader.model import CheckResult, Outcome
        from grader.notebooks.here import Here

        declared = {check.function: check for check in self._exercise.checks if check.function in functions}
        found: dict[str, CheckResult] = {}
        complaints: list[str] = []

        def hear(event: dict[str, Any]) -> None:
            match event:
                case {"event": "outcome", "function": str(function)} if function in declared:
                    found[function] = result_of(declared[function], event)
                case {"event": "broken" | "unavailable", "message": str(message)}:
                    complaints.append(message)

        order = json.dumps({"seed": seed, "functions": functions})
        # As much of a world as checks need that only call functions.
        world = cast("World", Here(self._services))
        run.judge(world, str(self._exercise.path / "checks"), self._exercise.limits.seconds, lambda: order, hear)
        missing = complaints[0] if complaints else "it was not judged"
        return tuple(
            found.get(function, CheckResult(check, Outcome.NOT_RUN, missing)) for function, check in declared.items()
        )

    @cached_property
    def _services(self) -> Services:
        from grader.services import Services, Sources

        # A kernel has no command line above it that could say what the surroundings offer.
        sources = Sources(os.environ.get("PATH", ""))
        folder = tempfile.TemporaryDirectory(prefix="groundup-lab-")
        services = Services(self._exercise.services, Path(folder.name), confined=False, sources=sources)
        atexit.register(folder.cleanup)
        atexit.register(services.close)
        services.place(folder.name, lambda _name, _largest: None)
        return services
