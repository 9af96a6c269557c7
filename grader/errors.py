"""Everything a person may be told when something goes wrong, and whose move it is.

    GraderFault                 anything this project raises on purpose
    ├── UsageError              the command was typed wrong           exit 2   your move
    ├── LearnerError            the learner's folder needs a change   exit 1   your move
    ├── AuthorError             an exercise is wrong                  exit 3   the author's move
    └── GraderError             this program or this machine          exit 3   ours

A message says what happened; ``where`` is ``path:line`` when a place is known;
``next_step`` is what to type. No other module words an exit code.
"""

from __future__ import annotations


class GraderFault(Exception):
    """A failure with words for the person who meets it.

    ``what`` is one sentence, ``where`` is ``path`` or ``path:line``, and
    ``next_step`` is a command or an edit. ``str()`` joins them for the terminal.
    """

    exit_code = 3
    whose_move = "ours"

    def __init__(self, what: str, *, where: str | None = None, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.next_step:
            lines.append(f"Next: {self.next_step}")
        return "\n".join(lines)


class UsageError(GraderFault):
    """The command line names something that is not there."""

    exit_code = 2
    whose_move = "yours"


class LearnerError(GraderFault):
    """The learner's folder cannot be judged as it is."""

    exit_code = 1
    whose_move = "yours"


class AuthorError(GraderFault):
    """An exercise is wrong: its manifest, its page or its checks."""

    whose_move = "the exercise author's"


class GraderError(GraderFault):
    """This program, or the machine it runs on, failed."""
