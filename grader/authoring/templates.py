"""What the files of a new exercise say; knows no folder of the course and writes nothing.

A template is a small exercise that works: one check, a reference that passes it, a starter
and a wrong solution that fail it. What an author has to replace carries the mark
``[[FILL: …]]``, which ``grader verify`` reports until it is gone. ``$name`` is filled in here.
"""

from __future__ import annotations

import json
from string import Template

from grader.authoring.examples import FUNCTIONS, PROGRAM

_MANIFEST = """\
title = "$title"  # [[FILL: what lists show; README.md opens with the same words]]
level = "easy"  # [[FILL: easy, medium or hard, for somebody who has done what it needs]]
minutes = 45  # [[FILL: how long that person takes]]
topics = $topics  # [[FILL: numbers of the topics it teaches, as curriculum/roadmap.toml lists them]]
needs = []  # [[FILL: ids of the exercises to do before this one, if there are any]]
continues = ""  # the id of the exercise whose finished program this one starts from; it is in needs, too
# draft = true  # not for learners yet: no list shows it, and verify takes it only by name
# lab = ""  # the roadmap's name of a lab, which is a notebook: see CONTRIBUTING.md
services = []  # servers the program talks to: redis, mongo, postgres, sqlite, smtp, s3
submit = $submit  # globs of what a learner hands in

# What one judgement may use. These are the defaults: keep a line only to change it.
# [limits]
# seconds = 20      # wall clock for all checks together
# memory_mb = 512   # each process
# processes = 64
"""
_PAGE = """\
# $title

[[FILL: in two or three sentences, what this is good for and what a later step will add]]

## Contract

[[FILL: everything a check will ask for; what follows belongs to the example]]

$contract

## Tasks

1. **Greet.** $task

[[FILL: the real tasks, numbered from 1, each a few words and a sentence]]

## How you will be judged

$judged

- $sentence

[[FILL: one bullet for each check, word for word the first sentence of its docstring]]

## Fine to ignore for now

[[FILL: what a careful learner would worry about and need not]]
"""
_HINTS = """\
# Hints

## Task 1

### Idea

[[FILL: the thought that is missing, without naming the way]]

### Approach

[[FILL: which means to use, in which order]]

### Skeleton

[[FILL: the shape of the code, with the difficult part left out]]
"""
_WRONG = """\
The author took the example on the page for the whole contract. Everybody but Ada is greeted by the wrong name.
[[FILL: a mistake people really make: what its author believes and what it costs; the folder is named after its check]]
"""
_NOTES = """\
# $title: for instructors

[[FILL: where the difficulty lies, what most first submissions get wrong, two or three questions for a discussion]]
"""

_LESSON = """\
---
id: $lesson
stage: $stage
kind: core
level: easy
minutes: 60
needs: []
topics: []
---

# $stage_title

[[FILL: the lesson, under the headings below and with the fields above; earlier stages show how]]

## Objectives

## Before you start

## Why it matters

## Lesson

## If you know Node.js

## Worked example

## Exercises

- `$id`: `grader start $id`

## Self-check

## Further reading
"""

_WRONG_FOLDER = "wrong/greets-whoever-is-named--only-the-example"


def exercise_files(
    exercise_id: str, title: str, topics: tuple[str, ...], *, functions: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Both halves of an exercise, the one asked and the one answered: relative path → text."""
    example = FUNCTIONS if functions else PROGRAM
    asked = {
        "exercise.toml": _MANIFEST,
        "README.md": _PAGE,
        f"checks/test_{exercise_id.replace('-', '_')}.py": example.checks,
        f"starter/{example.module}": example.starter,
        "hints.md": _HINTS,
    }
    answered = {
        f"reference/{example.module}": example.reference,
        f"{_WRONG_FOLDER}/{example.module}": example.wrong,
        f"{_WRONG_FOLDER}/WRONG.md": _WRONG,
        f"also/another-style/{example.module}": example.also,
        "notes.md": _NOTES,
    }
    if example.procfile:
        asked["starter/Procfile"] = example.procfile
        answered |= {f"{folder}/Procfile": example.procfile for folder in ("reference", "also/another-style")}
    words = {**example.words, "id": exercise_id, "title": title, "topics": json.dumps(topics)}
    return _filled(asked, words), _filled(answered, words)


def stage_files(stage: str, title: str, exercise_id: str) -> dict[str, str]:
    """The lesson of a new stage: relative path → text."""
    words = {"stage": stage, "lesson": stage[3:].strip("-"), "stage_title": title, "id": exercise_id}
    return _filled({"index.md": _LESSON}, words)


def _filled(files: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    return {name: Template(text).substitute(words) for name, text in files.items()}
