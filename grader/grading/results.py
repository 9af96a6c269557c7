"""What the checker says of one check, as a result."""

from __future__ import annotations

from typing import Any

from grader.course.declared import check_id
from grader.model import Check, CheckResult, Outcome


def result_of(check: Check, event: dict[str, Any]) -> CheckResult:
    """What the checker said of one check."""
    return CheckResult(
        check=check,
        outcome=Outcome(event["outcome"]),
        message=event["message"],
        transcript=tuple(event["transcript"]),
        where=event["where"],
        log=tuple(event["log"]),
        blocked_by=tuple(check_id(function) for function in event["blocked_by"]),
        seconds=event["seconds"],
        at_first=event["at_first"],
        lacking=event["lacking"],
    )
