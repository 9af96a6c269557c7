"""How one submission is to be graded."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from grader.model import Check
from grader.services import Sources


@dataclass(frozen=True)
class Options:
    """How to grade: ``checks`` None means all.

    ``isolation`` is ``auto`` (the sandbox, or a plain process where there is none: for
    one's own programs), ``sandbox`` (nothing less: for other people's) or ``process``.

    With ``stop`` the first check that does not pass is the last one judged; ``shuffled``
    judges them in an order that follows from the seed. ``sources`` are the servers that the
    user's surroundings offer.
    """

    seed: str
    checks: tuple[Check, ...] | None = None
    always_fresh: bool = False
    isolation: str = "auto"
    stop: bool = False
    shuffled: bool = False
    sources: Sources = field(default_factory=Sources)


def new_seed() -> str:
    """Four hexadecimal digits."""
    return secrets.token_hex(2)
