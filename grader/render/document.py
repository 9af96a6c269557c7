"""A report as JSON, by the schema in ``report-1.schema.json`` beside this file."""

from __future__ import annotations

import json
from typing import Any

from grader.model import CheckResult, Report

SCHEMA = "groundup-report/1"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data. New fields may come; a changed one gets a new schema number."""
    return {
        "schema": SCHEMA,
        "exercise": report.exercise.id,
        "title": report.exercise.title,
        "folder": str(report.folder),
        "passed": report.passed,
        "points": report.points,
        "possible": report.possible,
        "seed": report.seed,
        "isolation": report.isolation,
        "services": {provision.service.value: str(provision) for provision in report.services},
        "partial": report.partial,
        "incomplete": report.incomplete,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
        "checks": [_check(result) for result in report.results],
    }


def dumps(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        "id": result.check.id,
        "sentence": result.check.sentence,
        "task": result.check.task,
        "points": result.check.points,
        "outcome": result.outcome.value,
        "message": result.message,
        "guess": result.guess,
        "where": result.where,
        "blocked_by": list(result.blocked_by),
        "transcript": list(result.transcript),
        "log": list(result.log),
        "seconds": round(result.seconds, 3),
    }
